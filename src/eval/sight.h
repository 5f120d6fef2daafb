/* The watchdog's judgement, without its thread: how long a worker has been busy with one evaluation, as seen by
 * somebody who looks now and then. */
#ifndef ENS_EVAL_SIGHT_H
#define ENS_EVAL_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ens_sight_alarm {
  ENS_SIGHT_NONE,
  ENS_SIGHT_LONG,      /* there is no timeout, and the evaluation has taken very long */
  ENS_SIGHT_INTERRUPT, /* it is beyond its timeout: interrupt it */
  ENS_SIGHT_STUCK      /* it did not end after the interrupt, or cannot be interrupted */
} ens_sight_alarm;

/* The result of one look at a worker. */
typedef struct ens_sight_look {
  uint64_t serial; /* the number of the worker's block, from 1; 0: the worker is idle */
  size_t at;       /* the item of the block */
  double now;      /* seconds */
  double usual;    /* mean seconds of an evaluation; 0: not known */
} ens_sight_look;

typedef struct ens_sight_limits {
  double timeout; /* seconds; 0: no limit */
  bool interruptible;
} ens_sight_limits;

/* Earlier looks at a worker. Begins as {0}. */
typedef struct ens_sight {
  uint64_t serial; /* the evaluation at the last look ... */
  size_t at;
  double since;           /* ... and when a look first found it */
  ens_sight_alarm raised; /* for this evaluation */
} ens_sight;

/* Judges a look. Each alarm is raised once for an evaluation. */
ens_sight_alarm ens_sight_see(ens_sight *sight, const ens_sight_look *look, const ens_sight_limits *limits);
double ens_sight_period(double timeout); /* seconds between looks */

#endif
