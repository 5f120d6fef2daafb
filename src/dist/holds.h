/* Supports that several distributions share. */
#ifndef ENS_DIST_HOLDS_H
#define ENS_DIST_HOLDS_H

#include <math.h>
#include <stdbool.h>

static inline bool holds_line(double x, const double *p) {
  (void)x, (void)p;
  return true;
}
static inline bool holds_half_line(double x, const double *p) {
  (void)p;
  return x >= 0;
}
static inline bool holds_positive(double x, const double *p) {
  (void)p;
  return x > 0;
}
static inline bool holds_unit(double x, const double *p) {
  (void)p;
  return x >= 0 && x <= 1;
}
static inline bool holds_whole(double x, const double *p) {
  (void)p;
  return x >= 0 && x <= floor(x);
}

#endif
