#include "core/pace.h"

/* A hand-over costs a fraction of a microsecond, shared by the proposals of a block, and the sampler's part of an
 * update a tenth of one. Under CHEAP another worker can hardly win, over COSTLY it always does; between the two both
 * ways are tried. Evaluations over DEAR are left to the workers' own threads, so that the sampler is always there to
 * hand out more; under it a wake-up would cost a noticeable part. */
static const double cheap = 0.3e-6, costly = 5e-6, dear = 100e-6;
static const double block_seconds = 50e-6; /* of work, a block */
static const double trial_seconds = 0.01, patience_seconds = 0.5, patience_limit = 20;
static const double bias = 1.02; /* what inline must be faster by: its rate is the steadier of the two */

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

/* Rates are averaged: one trial beside a busy neighbour must not decide for long. */
static void record(ens_pace *pace, double rate) {
  double *known = &pace->rate[pace->pooled];
  *known = *known == 0 ? rate : *known + 0.5 * (rate - *known);
}

static void end_trial(ens_pace *pace, bool best) {
  pace->patience = best == pace->pooled ? patience_seconds : pace->patience * 2;
  if (pace->patience > patience_limit) pace->patience = patience_limit;
  pace->since = 0;
  pace->trial = false;
  pace->pooled = best;
}

void ens_pace_period(ens_pace *pace, uint64_t updates, double seconds) {
  bool pooled;
  if (updates && seconds > 0) record(pace, (double)updates / seconds);
  if (settled(pace, &pooled)) {
    *pace = (ens_pace){.nworkers = pace->nworkers,
                       .nwalkers = pace->nwalkers,
                       .cost = pace->cost,
                       .patience = patience_seconds,
                       .pooled = pooled};
    return;
  }
  bool best = pace->rate[1] * bias > pace->rate[0];
  bool untried = pace->rate[0] == 0 || pace->rate[1] == 0;
  if (pace->trial) {
    end_trial(pace, best);
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

bool ens_pace_helps(const ens_pace *pace) {
  return pace->cost < dear;
}

size_t ens_pace_block(const ens_pace *pace) {
  size_t most = pace->nwalkers / (4 * pace->nworkers);
  double want = pace->cost > 0 ? block_seconds / pace->cost : 1;
  if (want >= (double)most) return most ? most : 1;
  return want < 1 ? 1 : (size_t)want;
}
