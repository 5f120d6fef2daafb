/* Random streams. Every number is a pure function of (seed, step, walker, purpose, draw): Philox 4x64-10 of Random123
 * (Salmon et al. 2011) with key = (seed, ensemble) and counter = (draw block, step, walker, purpose). There is no state
 * to save, and no schedule can change what is drawn. */
#ifndef ENS_BASE_STREAM_H
#define ENS_BASE_STREAM_H

#include <stdint.h>

typedef enum ens_stream_purpose {
  ENS_RNG_SPLIT = 1, /* which set each walker is in, a step */
  ENS_RNG_MOVE,      /* which move of a mixture, a step */
  ENS_RNG_UPDATE,    /* partners, proposal and acceptance of one walker, a step */
  ENS_RNG_START,     /* start positions: step is the attempt */
  ENS_RNG_MODEL,     /* math.random inside a model, one evaluation */
  ENS_RNG_SETUP,     /* math.random inside model.setup and while a model loads */
  ENS_RNG_STEP       /* what a move draws once a step, for all walkers */
} ens_stream_purpose;

/* A value: copy it freely. Draws nothing until the first number is asked for. */
typedef struct ens_stream {
  uint64_t seed;
  uint64_t counter[4];
  uint64_t word[4];
  unsigned left; /* words of this block not yet handed out */
} ens_stream;

/* In place, and without touching the words: a stream is set up for each update. */
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

void ens_stream_refill(ens_stream *stream); /* the next block of four words */

/* 64 random bits. */
static inline uint64_t ens_stream_word(ens_stream *stream) {
  if (stream->left == 0) ens_stream_refill(stream);
  return stream->word[4 - stream->left--];
}
/* (0, 1), never an end: (k + 1/2) 2^-53. */
static inline double ens_stream_uniform(ens_stream *stream) {
  return ((double)(ens_stream_word(stream) >> 11) + 0.5) * 0x1p-53;
}
/* 0 .. bound - 1, unbiased (Lemire 2019); bound > 0. The high half of word * bound; a low half under 2^64 mod bound
 * would favour some results and is drawn again. */
static inline uint64_t ens_stream_below(ens_stream *stream, uint64_t bound) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)ens_stream_word(stream) * bound;
  if (__builtin_expect((uint64_t)product < bound, 0)) {
    uint64_t least = (0 - bound) % bound;
    while ((uint64_t)product < least) product = (wide)ens_stream_word(stream) * bound;
  }
  return (uint64_t)(product >> 64);
}
double ens_stream_normal(ens_stream *stream); /* N(0, 1), Box and Muller 1958; two words a number */

#endif
