#include "core/rng.h"

#include <Random123/philox.h>
#include <math.h>

ens_stream ens_stream_at(uint64_t seed, uint64_t step, uint64_t walker, ens_purpose purpose) {
  return (ens_stream){.seed = seed, .counter = {0, step, walker, (uint64_t)purpose}};
}

static void refill(ens_stream *stream) {
  philox4x64_ctr_t counter = {{stream->counter[0], stream->counter[1], stream->counter[2], stream->counter[3]}};
  philox4x64_key_t key = {{stream->seed, 0}};
  philox4x64_ctr_t block = philox4x64(counter, key);
  for (int i = 0; i < 4; i++) stream->word[i] = block.v[i];
  stream->counter[0]++;
  stream->left = 4;
}

uint64_t ens_stream_word(ens_stream *stream) {
  if (stream->left == 0) refill(stream);
  return stream->word[4 - stream->left--];
}

double ens_stream_uniform(ens_stream *stream) {
  return ((double)(ens_stream_word(stream) >> 11) + 0.5) * 0x1p-53;
}

/* The high half of word * bound; a low half under 2^64 mod bound would favour some results and is drawn again. */
uint64_t ens_stream_below(ens_stream *stream, uint64_t bound) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)ens_stream_word(stream) * bound;
  if ((uint64_t)product < bound) {
    uint64_t least = (0 - bound) % bound;
    while ((uint64_t)product < least) product = (wide)ens_stream_word(stream) * bound;
  }
  return (uint64_t)(product >> 64);
}

double ens_stream_normal(ens_stream *stream) {
  double radius = sqrt(-2 * log(ens_stream_uniform(stream)));
  return radius * cos(6.283185307179586 * ens_stream_uniform(stream));
}
