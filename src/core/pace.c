#include "core/pace.h"

/* A hand-over costs a fraction of a microsecond, shared by the proposals of a block, and the sampler's part of an
 * update a tenth of one. Under CHEAP another worker can hardly win, over COSTLY it cannot lose; between the two both
 * ways are tried, since beside other programs two threads may get less done than one. Over LIKELY a run begins with
 * workers. Evaluations over DEAR are left to the workers' own threads, so that the sampler is always there to hand out
 * more; under it a wake-up would cost a noticeable part. */
static const double cheap = 0.6e-6, likely = 5e-6, costly = 200e-6, dear = 100e-6;
static const double block_seconds = 50e-6; /* of work, a block */
static const double period_seconds = 0.01, trial_seconds = 0.03;
static const double first_patience = 0.01, patience_seconds = 0.5, patience_limit = 20;
/* A trial is short, and the system may take a thread away for longer than it lasts: it must show that much more than
 * the long mean that it is compared with. A wrong leave of the workers costs more than a wrong stay. */
static const double to_inline = 1.15, to_pooled = 1.03;

ens_pace ens_pace_start(size_t nworkers, size_t nwalkers) {
  return (ens_pace){.nworkers = nworkers, .nwalkers = nwalkers, .pooled = nworkers > 1, .patience = first_patience};
}

/* The mode that needs no trial, when there is one. */
static bool settled(const ens_pace *pace, bool *pooled) {
  *pooled = pace->nworkers > 1 && pace->cost > costly;
  return pace->nworkers <= 1 || pace->cost < cheap || pace->cost > costly;
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
  begin_watch(pace, pace->cost > likely, pace->cost > likely ? patience_seconds : first_patience);
}

/* The trial's answer: the other way is taken, or left alone for twice as long as before. */
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
  double several = 64 * pace->cost; /* a period must hold more than a block a worker */
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
