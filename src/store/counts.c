/* Copies own their list of workers. */
#include "store/counts.h"

#include <stdlib.h>
#include <string.h>

void ens_counts_copy_set(ens_counts_copy *copy, const ens_store_counts *counts) {
  size_t n = counts->worker ? counts->nworkers : 0;
  if (n > copy->room) {
    ens_evaluator_stats *grown = realloc(copy->worker, n * sizeof *grown);
    if (grown) copy->worker = grown;
    if (grown) copy->room = n;
  }
  if (n > copy->room) n = 0;
  if (n) memcpy(copy->worker, counts->worker, n * sizeof *copy->worker);
  copy->counts = *counts;
  copy->counts.worker = copy->worker;
  copy->counts.nworkers = n;
  copy->set = true;
}

void ens_counts_copy_clear(ens_counts_copy *copy) {
  free(copy->worker);
  *copy = (ens_counts_copy){0};
}
