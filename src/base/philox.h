/* A stream's next four words, inline: for rng.c, and for the one place where each update begins its stream. A call
 * there costs a tenth of the words. */
#ifndef ENS_BASE_PHILOX_H
#define ENS_BASE_PHILOX_H

#include <Random123/philox.h>

#include "base/stream.h"

static inline __attribute__((always_inline)) void ens_philox_words(ens_stream *stream) {
  philox4x64_ctr_t counter = {{stream->counter[0], stream->counter[1], stream->counter[2], stream->counter[3]}};
  philox4x64_key_t key = {{stream->seed, 0}};
  philox4x64_ctr_t block = philox4x64(counter, key);
  for (int i = 0; i < 4; i++) stream->word[i] = block.v[i];
  stream->counter[0]++;
  stream->left = 4;
}

#endif
