/* The sets of one step: the walkers of a set are updated together, and each reads walkers of the complement. As in
 * emcee's red-blue moves, labels 0 .. nsets - 1 are repeated over the walkers and shuffled anew for each step. */
#ifndef ENS_CORE_SPLIT_H
#define ENS_CORE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_split {
  size_t nwalkers, nsets;
  uint32_t *walker; /* [nwalkers] sorted by set, then by number */
  uint32_t *set;    /* [nwalkers] the set of each walker */
  uint32_t *first;  /* [nsets + 1] index in `walker` of the start of each set; the sizes never change */
} ens_split;

bool ens_split_init(ens_split *split, size_t nwalkers, size_t nsets); /* false: no memory (free it all the same) */
void ens_split_free(ens_split *split);
/* Draws the sets of `step`. Without `randomize` walker k is always in set k mod nsets. */
void ens_split_draw(ens_split *split, uint64_t seed, uint64_t step, bool randomize);

static inline size_t ens_split_size(const ens_split *split, size_t set) {
  return split->first[set + 1] - split->first[set];
}
/* The index-th walker (from 0) of all sets except `set`. */
static inline uint32_t ens_split_complement(const ens_split *split, size_t set, size_t index) {
  return split->walker[index < split->first[set] ? index : index + ens_split_size(split, set)];
}

#endif
