/* Cheap and costly evaluations are settled by their cost; in between, short trials compare one thread with all of
 * them. */
#include "core/pace.h"

/* Evaluations above DEAR are left to the workers' own threads, so that the sampler is always free to hand out more
 * blocks. Below it, waking a thread would cost a noticeable part of the work. */
static const double dear = 100e-6;
static const double block_seconds = 50e-6; /* of work in a block */
static const double period_seconds = 0.01, trial_seconds = 0.03;
static const double first_patience = 0.01, patience_seconds = 0.5, patience_limit = 20;
/* How much better a trial's rate must be for a change of mode. A trial is short, and the system may suspend a thread
 * for longer than a trial lasts. Leaving the workers by mistake costs more than staying with them by mistake. */
static const double to_inline = 1.15, to_pooled = 1.03;

ens_pace ens_pace_start(size_t nworkers, size_t nwalkers) {
  return (ens_pace){.nworkers = nworkers, .nwalkers = nwalkers, .pooled = nworkers > 1, .patience = first_patience};
}

/* Whether the cost decides without a trial; then *pooled is the mode. */
static bool settled(const ens_pace *pace, bool *pooled) {
  *pooled = pace->nworkers > 1 && pace->cost > ENS_PACE_COSTLY;
  return pace->nworkers <= 1 || pace->cost < ENS_PACE_CHEAP || pace->cost > ENS_PACE_COSTLY;
}

static void begin_watch(ens_pace *pace, bool pooled, double patience) {
  pace->pooled = pooled;
  pace->trial = false;
  pace->updates = pace->seconds = 0;
  pace->patience = patience;
}

void ens_pace_cost(ens_pace *pace, size_t evaluations, double seconds) {
  if (evaluations == 0) return;
  double now = seconds / (double)evaluations;
  bool first = pace->cost == 0;
  pace->cost = first ? now : pace->cost + 0.05 * (now - pace->cost);
  if (!first || settled(pace, &pace->pooled)) return;
  begin_watch(pace, pace->cost > ENS_PACE_LIKELY, pace->cost > ENS_PACE_LIKELY ? patience_seconds : first_patience);
}

/* Keeps the mode of the trial if it was better. Else returns to the other, and doubles the time to the next trial. */
static void end_trial(ens_pace *pace, double rate) {
  double known = pace->seconds > 0 ? pace->updates / pace->seconds : 0;
  bool better = rate > known * (pace->pooled ? to_pooled : to_inline);
  double longer = pace->patience < patience_seconds ? patience_seconds : 2 * pace->patience;
  if (longer > patience_limit) longer = patience_limit;
  begin_watch(pace, better ? pace->pooled : !pace->pooled, better ? patience_seconds : longer);
}

void ens_pace_period(ens_pace *pace, uint64_t updates, double seconds) {
  bool pooled;
  if (settled(pace, &pooled)) {
    begin_watch(pace, pooled, first_patience);
  } else if (pace->trial) {
    end_trial(pace, (double)updates / seconds);
  } else {
    pace->updates += (double)updates;
    pace->seconds += seconds;
    pace->trial = pace->seconds >= pace->patience;
    if (pace->trial) pace->pooled = !pace->pooled;
  }
}

double ens_pace_length(const ens_pace *pace) {
  double several = 64 * pace->cost; /* a period must hold more than one block per worker */
  double least = pace->trial ? trial_seconds : period_seconds;
  return several > least ? several : least;
}

bool ens_pace_overdue(const ens_pace *pace) {
  bool pooled;
  return pace->nworkers > 1 && settled(pace, &pooled) && pooled != pace->pooled;
}

bool ens_pace_helps(const ens_pace *pace) {
  return pace->cost < dear;
}

size_t ens_pace_block(const ens_pace *pace) {
  size_t most = pace->nwalkers / (4 * pace->nworkers);
  double want = pace->cost > 0 ? block_seconds / pace->cost : 1;
  if (want >= (double)most) return most ? most : 1;
  return want < 1 ? 1 : (size_t)want;
}
