/* The one clock of the program: monotonic seconds, and sleeping by it. */
#ifndef ENS_SYS_CLOCK_H
#define ENS_SYS_CLOCK_H

double ens_clock_now(void);
double ens_clock_coarse(void);        /* the same time in steps of some milliseconds, for a quarter of the cost */
void ens_clock_sleep(double seconds); /* not ended by signals; negative and NaN: no time */

#endif
