#include "core/pace.h"

/* A hand-over and its wake-ups cost some microseconds, shared by the proposals of a block: under CHEAP a worker can
 * never win, over COSTLY it always does, and between the two both ways are tried. */
static const double cheap = 0.5e-6, costly = 200e-6;
static const double block_seconds = 100e-6; /* of work, a block: hand-overs then cost a few percent */
static const double trial_seconds = 0.01, patience_seconds = 1, patience_limit = 30;

ens_pace ens_pace_start(size_t nworkers, size_t nwalkers) {
  return (ens_pace){.nworkers = nworkers, .nwalkers = nwalkers, .patience = patience_seconds};
}

/* The mode that needs no trial, when there is one. */
static bool settled(const ens_pace *pace, bool *pooled) {
  *pooled = pace->nworkers > 1 && pace->cost > costly;
  return pace->nworkers <= 1 || pace->cost < cheap || pace->cost > costly;
}

void ens_pace_cost(ens_pace *pace, size_t evaluations, double seconds) {
  if (evaluations == 0) return;
  double now = seconds / (double)evaluations;
  bool first = pace->cost == 0;
  pace->cost = first ? now : pace->cost + 0.05 * (now - pace->cost);
  if (first) settled(pace, &pace->pooled);
}

void ens_pace_period(ens_pace *pace, uint64_t updates, double seconds) {
  bool pooled;
  if (updates && seconds > 0) pace->rate[pace->pooled] = (double)updates / seconds;
  if (settled(pace, &pooled)) {
    pace->pooled = pooled;
    pace->trial = false;
    pace->rate[0] = pace->rate[1] = 0;
    pace->patience = patience_seconds;
    pace->since = 0;
    return;
  }
  bool best = pace->rate[1] > pace->rate[0];
  bool untried = pace->rate[0] == 0 || pace->rate[1] == 0;
  if (pace->trial) { /* the answer of a trial: the same again means more patience */
    pace->patience = best == pace->pooled ? patience_seconds : pace->patience * 2;
    if (pace->patience > patience_limit) pace->patience = patience_limit;
    pace->since = 0;
    pace->trial = false;
    pace->pooled = best;
    return;
  }
  pace->since += seconds;
  pace->trial = untried || pace->since > pace->patience;
  pace->pooled = pace->trial ? !pace->pooled : best;
}

double ens_pace_length(const ens_pace *pace) {
  double several = 64 * pace->cost; /* a period must hold more than a block a worker */
  return several > trial_seconds ? several : trial_seconds;
}

size_t ens_pace_block(const ens_pace *pace) {
  size_t most = pace->nwalkers / (4 * pace->nworkers);
  double want = pace->cost > 0 ? block_seconds / pace->cost : 1;
  if (want >= (double)most) return most ? most : 1;
  return want < 1 ? 1 : (size_t)want;
}
