#include "core/split.h"

#include <stdlib.h>

#include "core/rng.h"

bool ens_split_init(ens_split *split, size_t nwalkers, size_t nsets) {
  *split = (ens_split){.nwalkers = nwalkers, .nsets = nsets};
  split->walker = malloc(nwalkers * sizeof *split->walker);
  split->set = malloc(nwalkers * sizeof *split->set);
  split->first = calloc(nsets + 1, sizeof *split->first);
  if (!split->walker || !split->set || !split->first) return false;
  for (size_t s = 0; s < nsets; s++)
    split->first[s + 1] = split->first[s] + (uint32_t)((nwalkers + nsets - 1 - s) / nsets);
  return true;
}

void ens_split_free(ens_split *split) {
  free(split->walker);
  free(split->set);
  free(split->first);
  *split = (ens_split){0};
}

/* Fisher and Yates. */
static void shuffle(uint32_t *label, size_t n, ens_stream stream) {
  for (size_t i = n - 1; i > 0; i--) {
    size_t j = (size_t)ens_stream_below(&stream, i + 1);
    uint32_t swap = label[i];
    label[i] = label[j];
    label[j] = swap;
  }
}

void ens_split_draw(ens_split *split, uint64_t seed, uint64_t step, bool randomize) {
  for (size_t k = 0, s = 0; k < split->nwalkers; k++) {
    split->set[k] = (uint32_t)s;
    if (++s == split->nsets) s = 0;
  }
  if (randomize) shuffle(split->set, split->nwalkers, ens_stream_at(seed, step, 0, ENS_RNG_SPLIT));
  /* `first` counts up while the walkers are laid out, and ends one set too far: it is shifted back. */
  for (size_t k = 0; k < split->nwalkers; k++) split->walker[split->first[split->set[k]]++] = (uint32_t)k;
  for (size_t s = split->nsets; s > 0; s--) split->first[s] = split->first[s - 1];
  split->first[0] = 0;
}
