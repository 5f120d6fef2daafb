/* Stochastic approximation (Robbins and Monro 1951, Ann. Math. Stat. 22, 400) with a gain of (1 + uses / lag)^-0.6
 * (Andrieu and Thoms 2008, Stat. Comput. 18, 343). A lag of L steps acts like batches of L steps whose lessons arrive
 * one batch later, so the gain of a batch is divided among its steps. The frozen scale is the mean of log(scale) over
 * the last third of the tuning steps (Polyak and Juditsky 1992, SIAM J. Control Optim. 30, 838). */
#include "core/tuning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double gain = 3;

enum { LAG = ENS_TUNING_LAG, ROWS = LAG + 1 };

static double *log_scale(const ens_tuning *tuning, uint64_t step) {
  return tuning->state + 1 + step % ROWS * tuning->nmoves;
}
static double *uses(const ens_tuning *tuning) {
  return tuning->state + 1 + ROWS * tuning->nmoves;
}
static double *sum(const ens_tuning *tuning) {
  return uses(tuning) + tuning->nmoves;
}

bool ens_tuning_init(ens_tuning *tuning, size_t nmoves, uint64_t steps) {
  *tuning = (ens_tuning){.nmoves = nmoves, .steps = steps};
  if (!steps) return true;
  tuning->nstate = 1 + (ROWS + 2) * nmoves;
  tuning->state = calloc(tuning->nstate, sizeof *tuning->state);
  return tuning->state != NULL;
}

void ens_tuning_free(ens_tuning *tuning) {
  free(tuning->state);
  *tuning = (ens_tuning){0};
}

/* The mean runs over the steps after this one, because the scale may still be far off in earlier ones. */
static uint64_t transient(const ens_tuning *tuning) {
  return tuning->steps - (tuning->steps + 2) / 3;
}

double ens_tuning_scale(const ens_tuning *tuning, uint64_t step, size_t move) {
  if (!tuning->steps) return 1;
  if (step > tuning->steps) return exp(sum(tuning)[move] / (double)(tuning->done - transient(tuning)));
  return step > LAG ? exp(log_scale(tuning, step - LAG)[move]) : 1;
}

void ens_tuning_learn(ens_tuning *tuning, uint64_t step, size_t move, double lesson) {
  double *now = log_scale(tuning, step), *before = log_scale(tuning, step - 1);
  memcpy(now, before, tuning->nmoves * sizeof *now);
  now[move] += gain / LAG * pow(1 + uses(tuning)[move]++ / LAG, -0.6) * lesson;
  tuning->state[0] = (double)(tuning->done = step);
  if (step <= transient(tuning)) return;
  for (size_t i = 0; i < tuning->nmoves; i++) sum(tuning)[i] += now[i];
}

bool ens_tuning_restore(ens_tuning *tuning, const double *state, size_t n) {
  if (n != tuning->nstate) return false;
  for (size_t i = 0; i < n; i++)
    if (!isfinite(state[i])) return false;
  if (!(state[0] >= 0 && state[0] <= (double)tuning->steps)) return false;
  memcpy(tuning->state, state, n * sizeof *state);
  tuning->done = (uint64_t)state[0];
  return true;
}
