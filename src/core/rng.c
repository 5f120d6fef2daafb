#include "core/rng.h"

#include <Random123/philox.h>
#include <math.h>

void ens_stream_refill(ens_stream *stream) {
  philox4x64_ctr_t counter = {{stream->counter[0], stream->counter[1], stream->counter[2], stream->counter[3]}};
  philox4x64_key_t key = {{stream->seed, 0}};
  philox4x64_ctr_t block = philox4x64(counter, key);
  for (int i = 0; i < 4; i++) stream->word[i] = block.v[i];
  stream->counter[0]++;
  stream->left = 4;
}

double ens_stream_normal(ens_stream *stream) {
  double radius = sqrt(-2 * log(ens_stream_uniform(stream)));
  return radius * cos(6.283185307179586 * ens_stream_uniform(stream));
}
