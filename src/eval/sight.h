/* How long a worker has been at one evaluation, as somebody sees it who looks now and then: the watchdog's judgement,
 * without its thread. */
#ifndef ENS_EVAL_SIGHT_H
#define ENS_EVAL_SIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ens_alarm { ENS_ALARM_NONE, ENS_ALARM_LONG, ENS_ALARM_INTERRUPT, ENS_ALARM_STUCK } ens_alarm;

typedef struct ens_sight {
  uint64_t serial; /* what was seen last, and since when */
  size_t at;
  double since;
  ens_alarm raised; /* for this evaluation */
} ens_sight;

/* What to do about a worker that is at item `at` of the block that it took as its `serial`-th (0: it is at nothing) at
 * time `now`; each alarm is raised once for an evaluation. */
ens_alarm ens_sight_see(ens_sight *sight, uint64_t serial, size_t at, double now, double usual, double timeout,
                        bool interruptible);
double ens_sight_period(double timeout); /* seconds between looks */

#endif
