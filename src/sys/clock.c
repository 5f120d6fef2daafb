/* One call of clock_gettime for each clock. */
#include "sys/clock.h"

#include <errno.h>
#include <math.h>

static double read_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double ens_clock_now(void) {
  return read_clock(CLOCK_MONOTONIC);
}

double ens_clock_coarse(void) {
  return read_clock(CLOCK_MONOTONIC_COARSE);
}

double ens_clock_wall(void) {
  return read_clock(CLOCK_REALTIME);
}

struct timespec ens_clock_deadline(double seconds) {
  if (!(seconds > 0)) seconds = 0;
  double until = ens_clock_now() + fmin(seconds, 1e9), whole = floor(until);
  return (struct timespec){(time_t)whole, (long)((until - whole) * 1e9)};
}

void ens_clock_sleep(double seconds) {
  if (!(seconds > 0)) return;
  struct timespec until = ens_clock_deadline(seconds);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
}
