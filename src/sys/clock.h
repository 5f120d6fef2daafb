/* The program's clocks. Durations and deadlines are measured by the monotonic clock, which nobody can set; only records
 * for people carry the time of day. */
#ifndef ENS_SYS_CLOCK_H
#define ENS_SYS_CLOCK_H

#include <time.h>

double ens_clock_now(void);           /* monotonic seconds */
double ens_clock_coarse(void);        /* the same in steps of some milliseconds, for a quarter of the cost */
double ens_clock_wall(void);          /* the time of day: seconds since 1970-01-01 UTC */
void ens_clock_sleep(double seconds); /* signals do not end it; returns at once for a negative number and NaN */

/* The monotonic time `seconds` from now, for pthread_cond_timedwait on a condition with CLOCK_MONOTONIC. At most 1e9
 * seconds; negative and NaN count as 0. */
struct timespec ens_clock_deadline(double seconds);

#endif
