/* The quartiles of the walkers' levels set the limit; a straggler lies far below it and moves far less than the
 * median walker. */
#include "stats/stragglers.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/sort.h"

/* Sorts `level`, or accepted proposals, of the walkers with a finite level. Returns their number. */
static size_t sort_walkers(const ens_tally *tally, bool levels, double *sorted) {
  size_t n = 0;
  for (size_t w = 0; w < tally->nwalkers; w++)
    if (isfinite(tally->level[w])) sorted[n++] = levels ? tally->level[w] : (double)tally->moved[w];
  ens_sort_doubles(sorted, n);
  return n;
}

static void mark(const ens_tally *tally, double level, bool *left, ens_stragglers *out) {
  double accepted = 0, sum = 0;
  for (size_t w = 0; w < tally->nwalkers; w++) {
    left[w] =
        isfinite(tally->level[w]) && tally->level[w] < level && (double)tally->moved[w] < 0.25 * out->median_accepted;
    if (!left[w]) continue;
    out->count++;
    accepted += (double)tally->moved[w];
    sum += tally->level[w] - out->median_level;
  }
  out->accepted = accepted / (double)out->count;
  out->level = out->median_level + sum / (double)out->count;
}

ens_status ens_stragglers_find(const ens_tally *tally, bool *left, ens_stragglers *out, ens_error *error) {
  *out = (ens_stragglers){0};
  double *sorted = malloc((tally->nwalkers + 1) * sizeof *sorted);
  if (!sorted) return ens_error_memory(error);
  size_t n = sort_walkers(tally, false, sorted);
  out->median_accepted = n ? sorted[n / 2] : 0;
  sort_walkers(tally, true, sorted);
  double first = n ? sorted[n / 4] : 0, third = n ? sorted[n - 1 - n / 4] : 0;
  out->median_level = n ? sorted[n / 2] : 0;
  bool telling = n >= 4 && out->median_accepted >= 50;
  mark(tally, telling ? first - fmax(10, 5 * (third - first)) : -INFINITY, left, out);
  free(sorted);
  return ENS_OK;
}
