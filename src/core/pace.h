/* Whether a hand-over to workers pays, and how many proposals travel together. Measured while the run goes on; what it
 * decides changes the wall time only, never the chain. Times are given by the caller: no clock in here. */
#ifndef ENS_CORE_PACE_H
#define ENS_CORE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_pace {
  size_t nworkers, nwalkers;
  double cost;             /* model seconds an evaluation, smoothed; 0: not known */
  bool pooled;             /* what is done now */
  bool trial;              /* now is a trial of the way that is not thought best */
  double updates, seconds; /* in the way that is thought best, since the last trial */
  double patience;         /* seconds to go on before the other way is tried again */
} ens_pace;

/* Begins pooled where there is a pool: until the cost is known, as when a stored run goes on, it may be anything. */
ens_pace ens_pace_start(size_t nworkers, size_t nwalkers);
/* Tells of evaluations that took `seconds` in the model. */
void ens_pace_cost(ens_pace *pace, size_t evaluations, double seconds);
/* A period in the present mode is over: `updates` in `seconds` of wall time. Decides the mode of the next one. */
void ens_pace_period(ens_pace *pace, uint64_t updates, double seconds);
/* Whether evaluations turn out so costly, or so cheap, that the present period should end at once. The first ones that
 * a run sees are slower than all that follow: caches are cold, pages not there, symbols not bound. */
bool ens_pace_overdue(const ens_pace *pace);
/* How long the present period should last, in seconds. */
double ens_pace_length(const ens_pace *pace);
/* Whether the sampler's thread should evaluate too while it waits. */
bool ens_pace_helps(const ens_pace *pace);
/* Proposals in a block for workers. */
size_t ens_pace_block(const ens_pace *pace);

#endif
