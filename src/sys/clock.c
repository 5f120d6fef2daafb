#include "sys/clock.h"

#include <errno.h>
#include <math.h>
#include <time.h>

double ens_clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double ens_clock_coarse(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void ens_clock_sleep(double seconds) {
  if (!(seconds > 0)) return;
  if (seconds > 1e9) seconds = 1e9;
  double until = ens_clock_now() + seconds, whole = floor(until);
  struct timespec t = {(time_t)whole, (long)((until - whole) * 1e9)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) continue;
}
