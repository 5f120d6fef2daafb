/* One format for evaluations, setups and ranks. */
#include "run/parts/slow.h"

#include <stdio.h>

#include "process/process.h"
#include "report/readout.h"

/* "m = 1, b = 2", cut off at `size`. */
static void print_theta(const ens_model *model, const double *theta, char *to, size_t size) {
  size_t at = 0;
  to[0] = '\0';
  for (size_t d = 0; d < model->ndim && at < size; d++) {
    int n = snprintf(to + at, size - at, "%s%s = %.17g", d ? ", " : "", model->parameters[d], theta[d]);
    at += n > 0 ? (size_t)n : 0;
  }
}

void ens_slow_note(const ens_slow *slow, const ens_model *model, const char *follows) {
  char theta[512], number[ENS_READOUT_SIZE], usual[ENS_READOUT_SIZE + 16] = "", rank[96] = "";
  ens_readout_time(slow->usual, number);
  if (slow->usual > 0) snprintf(usual, sizeof usual, " (usually %s)", number);
  ens_readout_number(slow->seconds, number);
  if (slow->host) snprintf(rank, sizeof rank, " of rank %u (host %s)", slow->rank, slow->host);
  if (slow->setup) {
    ens_process_note("worker %u%s is at its setup for %s s%s", slow->worker + 1, rank, number, follows);
    return;
  }
  print_theta(model, slow->theta, theta, sizeof theta);
  ens_process_note("worker %u%s is at one evaluation for %s s%s: step %llu, walker %lu: %s%s", slow->worker + 1, rank,
                   number, usual, (unsigned long long)slow->step, (unsigned long)slow->walker + 1, theta, follows);
}
