/* Whether sending proposals to other workers pays, and how many go in a block. The sampler measures while it runs; the
 * decisions change the wall time only, never the chain. The caller passes all times in: this file reads no clock. */
#ifndef ENS_CORE_PACE_H
#define ENS_CORE_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Model seconds per evaluation that decide between inline and pooled. Handing over a block costs a fraction of a
 * microsecond, shared by its proposals, and the sampler's own part of an update a tenth of one. Below CHEAP another
 * worker can hardly win; above COSTLY it cannot lose. In between both modes are tried, because two threads beside other
 * programs may get less done than one. Above LIKELY a run begins with workers. */
#define ENS_PACE_CHEAP 0.6e-6
#define ENS_PACE_LIKELY 5e-6
#define ENS_PACE_COSTLY 200e-6

typedef struct ens_pace {
  size_t nworkers, nwalkers;
  double cost;             /* model seconds per evaluation, smoothed; 0: not known */
  bool pooled;             /* the present mode: workers, or inline */
  bool trial;              /* the present mode is a trial of the other one */
  double updates, seconds; /* in the mode that has proved better, since the last trial */
  double patience;         /* seconds until the next trial */
} ens_pace;

/* Begins pooled if there is more than one worker: until the first measurement an evaluation may cost anything. */
ens_pace ens_pace_start(size_t nworkers, size_t nwalkers);
/* Adds a measurement: evaluations that took `seconds` in the model. */
void ens_pace_cost(ens_pace *pace, size_t evaluations, double seconds);
/* Ends a period in the present mode: `updates` in `seconds` of wall time. Decides the mode of the next period. */
void ens_pace_period(ens_pace *pace, uint64_t updates, double seconds);
/* Whether evaluations turn out so costly, or so cheap, that the period should end now. The first evaluations of a run
 * are slower than all others: caches are cold, pages are not mapped, symbols are not bound. */
bool ens_pace_overdue(const ens_pace *pace);
double ens_pace_length(const ens_pace *pace); /* of the present period, in seconds */
/* Whether the sampler's thread should evaluate, too, while it waits. */
bool ens_pace_helps(const ens_pace *pace);
size_t ens_pace_block(const ens_pace *pace); /* proposals in a block for workers */

#endif
