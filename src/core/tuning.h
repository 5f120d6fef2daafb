/* The scales of the moves, tuned in the first steps of a run and then frozen. What is learnt from step t changes the
 * scales of step t + ENS_TUNING_LAG on, not earlier: by then t is over whatever the schedule, so the chain depends on
 * itself and never on the timing. Internal to core. */
#ifndef ENS_CORE_TUNING_H
#define ENS_CORE_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENS_TUNING_LAG = 8 };

typedef struct ens_tuning {
  size_t nmoves;
  uint64_t steps; /* that tune: 1 .. steps; 0: none, every scale is 1 */
  uint64_t done;  /* the last step that was learnt from */
  /* All that going on needs, in one piece of nstate numbers: log_scale after each of the last steps
   * [ENS_TUNING_LAG + 1][nmoves], uses [nmoves], sum [nmoves], and `done` in front. */
  size_t nstate;
  double *state;
} ens_tuning;

bool ens_tuning_init(ens_tuning *tuning, size_t nmoves, uint64_t steps); /* false: no memory */
void ens_tuning_free(ens_tuning *tuning);

/* What the move's own scale is multiplied with at `step`. While tuning, step - ENS_TUNING_LAG must have been learnt
 * from; after it, all must have. */
double ens_tuning_scale(const ens_tuning *tuning, uint64_t step, size_t move);
/* Steps come in order. lesson: the mean over the walkers, which way the log of the scale should go. */
void ens_tuning_learn(ens_tuning *tuning, uint64_t step, size_t move, double lesson);
/* Puts back what tuning->state held; false: numbers that no tuning has. */
bool ens_tuning_restore(ens_tuning *tuning, const double *state, size_t n);

#endif
