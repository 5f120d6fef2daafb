/* What can be told of the walkers without reading the chain: from their counts and where they are now. */
#include <stdlib.h>

#include "process/process.h"
#include "run/info.h"
#include "run/moves.h"
#include "run/parts.h"
#include "stats/summary/advice.h"

/* Kept steps at which a run is looked at; then each 4 times later. */
enum { FIRST_LOOK = 256 };

ens_status ens_run_info_warn(ens_run_info *info, const uint64_t *accepted, const double *log_prob, ens_error *error) {
  ens_advice_early early = {.nwalkers = info->nwalkers,
                            .steps = info->steps,
                            .accepted = accepted,
                            .log_prob = log_prob,
                            .judged = info->judged};
  return ens_advice_give_early(&early, &info->warning, &info->nwarnings, error);
}

static void tell(ens_run *run, char *const *warning, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ens_process_note("warning, after %llu steps: %s", (unsigned long long)ens_run_steps(run), warning[i]);
    if (run->store) ens_store_log(run->store, "warning", warning[i]);
  }
}

/* Without memory nothing is told: the summary will. */
void ens_run_look(ens_run *run, const ens_step *step) {
  if (run->next_look == 0) run->next_look = FIRST_LOOK;
  if (step->index < run->next_look) return;
  while (run->next_look <= step->index) run->next_look *= 4;
  ens_advice_early early = {.nwalkers = run->config.nwalkers,
                            .steps = step->index,
                            .accepted = run->naccepted,
                            .log_prob = step->log_prob,
                            .judged = ens_run_moves_judged(run, step->index)};
  char **warning = NULL;
  size_t count = 0;
  if (ens_advice_give_early(&early, &warning, &count, NULL)) return;
  tell(run, warning, count);
  if (count > 0) run->next_look = UINT64_MAX; /* once is enough */
  for (size_t i = 0; i < count; i++) free(warning[i]);
  free(warning);
}
