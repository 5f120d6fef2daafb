/* Models for the benchmarks of the parallel part, as bare C functions for ensemble.native. Each is a Gaussian of any
 * ndim that first sleeps, waits busily on the clock, or does a fixed amount of arithmetic. The duration is a function
 * of theta, so that one chain takes the same times with any number of workers. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "targets.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void spin(double seconds) {
  double stop = now() + seconds;
  while (now() < stop) continue;
}

static void rest(double seconds) {
  struct timespec left = {.tv_sec = (time_t)seconds, .tv_nsec = (long)(1e9 * fmod(seconds, 1))};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left)) continue;
}

/* Uniform in (0, 1), a hash of theta's bits: SplitMix64's finalizer after each word. */
static double fraction(const double *theta, size_t ndim) {
  uint64_t h = 0x9e3779b97f4a7c15u;
  for (size_t i = 0; i < ndim; i++) {
    uint64_t word;
    memcpy(&word, theta + i, sizeof word);
    h ^= word;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    h ^= h >> 31;
  }
  return ((double)(h >> 11) + 0.5) * 0x1p-53;
}

/* A chain of dependent multiplications and additions, some nanoseconds each; it hardly changes the result. */
static double work(double x, int rounds) {
  for (int i = 0; i < rounds; i++) x = x * 0.999 + 0.001;
  return 1e-300 * x;
}

#define MODEL(name) double name(const double *theta, size_t ndim, void *context)

MODEL(gauss_5) {
  return gaussian(theta, ndim, context);
}

/* A ring of radius 1 and width 0.05, so thin that a straight step leaves it. */
MODEL(ring) {
  (void)context;
  double sum = 0;
  for (size_t i = 0; i < ndim; i++) sum += theta[i] * theta[i];
  double off = (sqrt(sum) - 1) / 0.05;
  return -0.5 * off * off;
}

/* Two modes at -4 (one third) and 4 in the first coordinate, normal in each. */
MODEL(modes) {
  (void)context;
  double sum = 0, x = theta[0];
  for (size_t i = 1; i < ndim; i++) sum += theta[i] * theta[i];
  double low = log(1 / 3.0) - 0.5 * (x + 4) * (x + 4), high = log(2 / 3.0) - 0.5 * (x - 4) * (x - 4);
  return fmax(low, high) + log1p(exp(-fabs(low - high))) - 0.5 * sum;
}

/* Goodman and Weare's Rosenbrock density: x ~ N(1, 10), y ~ N(x^2, 0.1). */
MODEL(rosenbrock) {
  (void)context, (void)ndim;
  double x = theta[0], off = theta[1] - x * x;
  return -(100 * off * off + (1 - x) * (1 - x)) / 20;
}

/* The dense Gaussian of 50 dimensions. A bare function has no setup: the matrix is made when the library is loaded. */
static double *precision_50;
__attribute__((constructor)) static void load(void) {
  precision_50 = precision_create(50);
}
__attribute__((destructor)) static void unload(void) {
  free(precision_50);
}
MODEL(dense_50) {
  (void)context;
  return precision_50 && ndim == 50 ? dense_gaussian(theta, ndim, precision_50) : NAN;
}

MODEL(busy) {
  spin(0.005 + 0.003 * fraction(theta, ndim));
  return gaussian(theta, ndim, context);
}
MODEL(sleep_uniform) {
  rest(0.005 + 0.003 * fraction(theta, ndim));
  return gaussian(theta, ndim, context);
}
MODEL(sleep_exponential) {
  rest(-0.0065 * log(fraction(theta, ndim)));
  return gaussian(theta, ndim, context);
}

MODEL(work_50ns) {
  return gaussian(theta, ndim, context) + work(theta[0], 20);
}
MODEL(work_200ns) {
  return gaussian(theta, ndim, context) + work(theta[0], 80);
}
MODEL(spin_1us) {
  spin(1e-6);
  return gaussian(theta, ndim, context);
}
MODEL(spin_5us) {
  spin(5e-6);
  return gaussian(theta, ndim, context);
}
MODEL(spin_20us) {
  spin(20e-6);
  return gaussian(theta, ndim, context);
}
