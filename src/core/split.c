/* The labels are shuffled with two draws per random word, because every step draws its sets anew. */
#include "core/split.h"

#include <stdlib.h>

#include "base/stream.h"

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

/* Two draws per word, because the sets are drawn for every step: words took a quarter of the time of a cheap step. */
typedef struct halves {
  ens_stream stream;
  uint64_t word;
  bool half; /* the upper half of the word is left */
} halves;

static uint32_t next_half(halves *draws) {
  draws->half = !draws->half;
  draws->word = draws->half ? ens_stream_word(&draws->stream) : draws->word >> 32;
  return (uint32_t)draws->word;
}

/* The same as ens_stream_below with 32 bits. */
static uint32_t below(halves *draws, uint32_t bound) {
  uint64_t product = (uint64_t)next_half(draws) * bound;
  if (__builtin_expect((uint32_t)product < bound, 0)) {
    uint32_t least = (0 - bound) % bound;
    while ((uint32_t)product < least) product = (uint64_t)next_half(draws) * bound;
  }
  return (uint32_t)(product >> 32);
}

/* Fisher and Yates 1938, stopped when only the last set is left. `walker` holds the shuffled order meanwhile. */
static void draw_sets(ens_split *split, ens_stream stream) {
  halves draws = {.stream = stream};
  uint32_t n = (uint32_t)split->nwalkers, *walker = split->walker, last = (uint32_t)split->nsets - 1;
  for (uint32_t k = 0; k < n; k++) walker[k] = k;
  for (uint32_t k = 0; k < n; k++) split->set[k] = last;
  for (uint32_t s = 0; s < last; s++)
    for (uint32_t i = split->first[s]; i < split->first[s + 1]; i++) {
      uint32_t j = i + below(&draws, n - i), drawn = walker[j];
      walker[j] = walker[i];
      split->set[drawn] = s;
    }
}

static void deal_sets(ens_split *split) {
  for (size_t k = 0, s = 0; k < split->nwalkers; k++) {
    split->set[k] = (uint32_t)s;
    if (++s == split->nsets) s = 0;
  }
}

void ens_split_draw(ens_split *split, uint64_t seed, uint64_t step, bool randomize) {
  if (randomize)
    draw_sets(split, ens_stream_at(seed, step, 0, ENS_RNG_SPLIT));
  else
    deal_sets(split);
  /* `first` advances while the walkers are distributed and ends one set too far; then it is shifted back. */
  for (size_t k = 0; k < split->nwalkers; k++) split->walker[split->first[split->set[k]]++] = (uint32_t)k;
  for (size_t s = split->nsets; s > 0; s--) split->first[s] = split->first[s - 1];
  split->first[0] = 0;
}
