/* Tuning of the moves' scales in the first steps of a run; then they are frozen. The lesson of step t changes the
 * scales from step t + ENS_TUNING_LAG on, not earlier. By then t is finished under any schedule, so that the chain
 * depends on itself and never on the timing. Internal to core. */
#ifndef ENS_CORE_TUNING_H
#define ENS_CORE_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENS_TUNING_LAG = 8 };

typedef struct ens_tuning {
  size_t nmoves;
  uint64_t steps; /* steps 1 .. steps tune; 0: no tuning, every scale is 1 */
  uint64_t done;  /* the last step whose lesson is included */
  /* The whole state as nstate numbers, for stores: `done`, log_scale after each of the last steps
   * [ENS_TUNING_LAG + 1][nmoves], uses [nmoves], sum [nmoves]. */
  size_t nstate;
  double *state;
} ens_tuning;

bool ens_tuning_init(ens_tuning *tuning, size_t nmoves, uint64_t steps); /* false: no memory */
void ens_tuning_free(ens_tuning *tuning);

/* The factor for the move's own scale at `step`. While tuning, the lessons up to step - ENS_TUNING_LAG must be
 * included; after tuning, all of them. */
double ens_tuning_scale(const ens_tuning *tuning, uint64_t step, size_t move);
/* Includes the lesson of a step, in the order of the steps: the mean over the walkers of ops->lesson (move.h). */
void ens_tuning_learn(ens_tuning *tuning, uint64_t step, size_t move, double lesson);
/* Restores tuning->state. False: the numbers are not such a state. */
bool ens_tuning_restore(ens_tuning *tuning, const double *state, size_t n);

#endif
