/* Random streams. Every number is a pure function of (seed, step, walker, purpose, draw): Philox 4x64-10
 * (philox.h) with key = (seed, 0) and counter = (draw block, step, walker, purpose). There is no state to save, and the
 * numbers do not depend on the order of the updates. */
#ifndef ENS_BASE_STREAM_H
#define ENS_BASE_STREAM_H

#include <stdint.h>

#include "base/philox.h"

typedef enum ens_stream_purpose {
  ENS_RNG_SPLIT = 1, /* the set of each walker, per step */
  ENS_RNG_MOVE,      /* the move of a mixture, per step */
  ENS_RNG_UPDATE,    /* partners, proposal and acceptance, per step and walker */
  ENS_RNG_START,     /* start positions; step is the attempt */
  ENS_RNG_MODEL,     /* math.random inside a model, per evaluation */
  ENS_RNG_SETUP,     /* math.random inside model.setup and while a model loads */
  ENS_RNG_STEP       /* a move's numbers for all walkers, per step */
} ens_stream_purpose;

/* A value: copy it freely. It computes its first block of words when the first number is drawn. */
typedef struct ens_stream {
  uint64_t seed;
  uint64_t counter[4];
  uint64_t word[4];
  unsigned left; /* words of this block that are not drawn yet */
} ens_stream;

/* Sets a stream up in place and leaves its words alone: this runs once per update. */
static inline void ens_stream_set(ens_stream *stream, uint64_t seed, uint64_t step, uint64_t walker,
                                  ens_stream_purpose purpose) {
  stream->seed = seed;
  stream->counter[0] = 0;
  stream->counter[1] = step;
  stream->counter[2] = walker;
  stream->counter[3] = (uint64_t)purpose;
  stream->left = 0;
}
static inline ens_stream ens_stream_at(uint64_t seed, uint64_t step, uint64_t walker, ens_stream_purpose purpose) {
  ens_stream stream = {0};
  ens_stream_set(&stream, seed, step, walker, purpose);
  return stream;
}

/* The next block of four words. Inline for the start of each update, where a call would cost a tenth of the block. */
static inline __attribute__((always_inline)) void ens_stream_draw_block(ens_stream *stream) {
  const uint64_t *counter = stream->counter;
  ens_philox block = {{counter[0], counter[1], counter[2], counter[3]}, {stream->seed, 0}};
  ens_philox_encrypt(&block);
  for (int i = 0; i < 4; i++) stream->word[i] = block.word[i];
  stream->counter[0]++;
  stream->left = 4;
}
void ens_stream_refill(ens_stream *stream); /* the same as a function */

/* 64 random bits. */
static inline uint64_t ens_stream_word(ens_stream *stream) {
  if (stream->left == 0) ens_stream_refill(stream);
  return stream->word[4 - stream->left--];
}
/* (0, 1), never an end: (k + 1/2) 2^-53. */
static inline double ens_stream_uniform(ens_stream *stream) {
  return ((double)(ens_stream_word(stream) >> 11) + 0.5) * 0x1p-53;
}
/* 0 .. bound - 1, unbiased (Lemire 2019, ACM Trans. Model. Comput. Simul. 29, 3); bound > 0. The result is the high
 * half of word * bound. A low half below 2^64 mod bound would favour some results: the word is drawn again. */
static inline uint64_t ens_stream_below(ens_stream *stream, uint64_t bound) {
  uint64_t high, low = ens_philox_multiply(ens_stream_word(stream), bound, &high);
  if (__builtin_expect(low < bound, 0)) {
    uint64_t least = (0 - bound) % bound;
    while (low < least) low = ens_philox_multiply(ens_stream_word(stream), bound, &high);
  }
  return high;
}
double ens_stream_normal(ens_stream *stream); /* N(0, 1) by Box and Muller 1958; two words per number */

#endif
