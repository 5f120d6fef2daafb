/* Models in C for the specs: bare functions that are right, slow, wrong or endless. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stddef.h>
#include <time.h>

static double gaussian(const double *theta, size_t ndim) {
  double sum = 0;
  for (size_t i = 0; i < ndim; i++) sum += theta[i] * theta[i];
  return -0.5 * sum;
}

static void nap(double seconds) {
  struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

double plain(const double *theta, size_t ndim, void *context) {
  (void)context;
  return gaussian(theta, ndim);
}

double sleepy(const double *theta, size_t ndim, void *context) {
  (void)context;
  nap(0.005);
  return gaussian(theta, ndim);
}

double bad(const double *theta, size_t ndim, void *context) {
  (void)context;
  return theta[0] > 1 ? NAN : theta[0] < -1 ? INFINITY : gaussian(theta, ndim);
}

/* Never returns if x > 1. */
double stuck(const double *theta, size_t ndim, void *context) {
  (void)context;
  while (theta[0] > 1) nap(1);
  nap(0.001);
  return gaussian(theta, ndim);
}

/* NaN unless the BLAS that it loads runs `threads` threads. */
static double with_threads(const double *theta, size_t ndim, int threads) {
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_GLOBAL);
  int (*get)(void) = library ? (int (*)(void))dlsym(library, "openblas_get_num_threads") : NULL;
  return get && get() == threads ? gaussian(theta, ndim) : NAN;
}
double one_thread(const double *theta, size_t ndim, void *context) {
  (void)context;
  return with_threads(theta, ndim, 1);
}
double two_threads(const double *theta, size_t ndim, void *context) {
  (void)context;
  return with_threads(theta, ndim, 2);
}
