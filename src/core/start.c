/* The messages name the parameters: emcee's "large condition number" does not help a user. */
#include "core/start.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/svd.h"

#define CONDITION_MOST 1e8

enum { TERMS_MOST = 8, TEXT_BYTES = 1024 };

void ens_start_ball(ens_stream *stream, size_t ndim, const double *center, const double *spread, double *out) {
  for (size_t d = 0; d < ndim; d++) out[d] = center[d] + spread[d] * ens_stream_normal(stream);
}

static ens_status check_finite(const double *coords, size_t nwalkers, size_t ndim, char *const *parameters,
                               ens_error *error) {
  for (size_t w = 0; w < nwalkers; w++)
    for (size_t d = 0; d < ndim; d++) {
      double x = coords[w * ndim + d];
      if (isfinite(x)) continue;
      return ens_error_set(error, ENS_CONFIG, "walker %zu: parameter '%s' is %s: a start must be a finite number",
                           w + 1, parameters[d],
                           isnan(x) ? "nan"
                           : x > 0  ? "inf"
                                    : "-inf");
    }
  return ENS_OK;
}

static ens_status check_constants(const double *coords, size_t nwalkers, size_t ndim, char *const *parameters,
                                  ens_error *error) {
  for (size_t d = 0; d < ndim; d++) {
    size_t w = 1;
    while (w < nwalkers && !(coords[w * ndim + d] < coords[d]) && !(coords[w * ndim + d] > coords[d])) w++;
    if (w < nwalkers) continue;
    return ens_error_set(error, ENS_CONFIG,
                         "parameter '%s' has the value %.10g in every walker: walkers must differ in every parameter; "
                         "widen the spread of the start",
                         parameters[d], coords[d]);
  }
  return ENS_OK;
}

static bool is_repeat(const double *coords, size_t walker, size_t ndim) {
  for (size_t other = 0; other < walker; other++) {
    size_t d = 0;
    while (d < ndim && !(coords[walker * ndim + d] < coords[other * ndim + d]) &&
           !(coords[walker * ndim + d] > coords[other * ndim + d]))
      d++;
    if (d == ndim) return true;
  }
  return false;
}

static ens_status check_number(const double *coords, size_t nwalkers, size_t ndim, ens_error *error) {
  size_t different = 0;
  for (size_t w = 0; w < nwalkers && different <= ndim; w++) different += !is_repeat(coords, w, ndim);
  if (different > ndim) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG,
                       "only %zu of the %zu walkers start at different places: %zu parameter%s need at least %zu "
                       "different walkers",
                       different, nwalkers, ndim, ndim == 1 ? "" : "s", ndim + 1);
}

/* The unit in which a column has length 1: length * 2^exponent. */
struct column {
  double length;
  int exponent;
};

static double greatest(const double *x, size_t n, size_t stride) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i * stride]));
  return most;
}

static void divide(double *x, size_t n, double divisor) {
  for (size_t i = 0; i < n; i++) x[i] /= divisor;
}

/* Centres column d and scales it to length 1. It is first scaled by a power of two to near 1, so that nothing
 * overflows, and shifted by its first value, so that an offset costs no digits. */
static struct column set_column(const double *coords, size_t nwalkers, size_t ndim, size_t d, double *column) {
  int exponent;
  double sum = 0, squares = 0;
  frexp(greatest(coords + d, nwalkers, ndim), &exponent);
  for (size_t w = 0; w < nwalkers; w++) {
    column[w] = ldexp(coords[w * ndim + d], -exponent) - ldexp(coords[d], -exponent);
    sum += column[w];
  }
  for (size_t w = 0; w < nwalkers; w++) column[w] -= sum / (double)nwalkers;
  double most = greatest(column, nwalkers, 1);
  divide(column, nwalkers, most);
  for (size_t w = 0; w < nwalkers; w++) squares += column[w] * column[w];
  divide(column, nwalkers, sqrt(squares));
  return (struct column){most * sqrt(squares), exponent};
}

/* The direction as coefficients of the parameters in their own units, with length 1 and the first one positive.
 * Parameters with less than a thousandth of the direction get 0. */
static void unscale(const double *direction, const struct column *columns, size_t ndim, double *coefficient) {
  int least = INT_MAX;
  double most = 0, sign = 0;
  for (size_t d = 0; d < ndim; d++)
    if (fabs(direction[d]) > 1e-3 && columns[d].exponent < least) least = columns[d].exponent;
  for (size_t d = 0; d < ndim; d++) {
    bool matters = fabs(direction[d]) > 1e-3;
    coefficient[d] = matters ? ldexp(direction[d] / columns[d].length, least - columns[d].exponent) : 0.0;
    most = fmax(most, fabs(coefficient[d]));
    if (matters && sign == 0) sign = copysign(1.0, coefficient[d]);
  }
  divide(coefficient, ndim, most * sign);
  double squares = 0;
  for (size_t d = 0; d < ndim; d++) squares += coefficient[d] * coefficient[d];
  divide(coefficient, ndim, sqrt(squares));
}

/* "0.71*m - 0.71*b" */
static void write_combination(const double *coefficient, size_t ndim, char *const *parameters, char text[TEXT_BYTES]) {
  size_t at = 0, terms = 0;
  for (size_t d = 0; d < ndim && at < TEXT_BYTES - 1; d++) {
    if (coefficient[d] == 0) continue;
    if (terms == TERMS_MOST) {
      snprintf(text + at, TEXT_BYTES - at, " + ...");
      return;
    }
    const char *joint = terms == 0 ? "" : coefficient[d] < 0 ? " - " : " + ";
    int length = snprintf(text + at, TEXT_BYTES - at, "%s%.2g*%s", joint, fabs(coefficient[d]), parameters[d]);
    at += length > 0 ? (size_t)length : 0;
    terms++;
  }
}

static ens_status refuse_combination(const double *direction, const struct column *columns, size_t ndim,
                                     char *const *parameters, double condition, ens_error *error) {
  char text[TEXT_BYTES] = "";
  double *coefficient = malloc(ndim * sizeof *coefficient);
  if (!coefficient) return ens_error_memory(error);
  unscale(direction, columns, ndim, coefficient);
  write_combination(coefficient, ndim, parameters, text);
  free(coefficient);
  return ens_error_set(error, ENS_CONFIG,
                       "the combination %s does not vary between the walkers (condition number %.1e, at most "
                       "%.0e is allowed): they lie in a plane and would never leave it; spread the start in every "
                       "direction",
                       text, condition, CONDITION_MOST);
}

static ens_status check_directions(const double *lengths, const double *v, const struct column *columns, size_t ndim,
                                   char *const *parameters, ens_error *error) {
  size_t shortest = 0, longest = 0;
  for (size_t d = 1; d < ndim; d++) {
    if (lengths[d] < lengths[shortest]) shortest = d;
    if (lengths[d] > lengths[longest]) longest = d;
  }
  double condition = lengths[longest] / lengths[shortest];
  if (condition <= CONDITION_MOST) return ENS_OK;
  return refuse_combination(v + shortest * ndim, columns, ndim, parameters, condition, error);
}

static ens_status check_condition(const double *coords, size_t nwalkers, size_t ndim, char *const *parameters,
                                  ens_error *error) {
  double *numbers = calloc(nwalkers + ndim + 1, ndim * sizeof *numbers);
  struct column *columns = calloc(ndim, sizeof *columns);
  ens_status status = ENS_OK;
  if (!numbers || !columns) goto fail;
  double *v = numbers + nwalkers * ndim, *lengths = v + ndim * ndim;
  for (size_t d = 0; d < ndim; d++) columns[d] = set_column(coords, nwalkers, ndim, d, numbers + d * nwalkers);
  ens_svd_turn(numbers, nwalkers, ndim, v, lengths);
  status = check_directions(lengths, v, columns, ndim, parameters, error);
  goto done;
fail:
  status = ens_error_memory(error);
done:
  free(columns);
  free(numbers);
  return status;
}

ens_status ens_start_check(const double *coords, size_t nwalkers, size_t ndim, char *const *parameters,
                           ens_error *error) {
  if (nwalkers <= ndim)
    return ens_error_set(error, ENS_CONFIG, "%zu walker%s cannot span %zu parameter%s: at least %zu are needed",
                         nwalkers, nwalkers == 1 ? "" : "s", ndim, ndim == 1 ? "" : "s", ndim + 1);
  ens_status status = check_finite(coords, nwalkers, ndim, parameters, error);
  if (!status) status = check_constants(coords, nwalkers, ndim, parameters, error);
  if (!status) status = check_number(coords, nwalkers, ndim, error);
  if (!status && ndim > 0) status = check_condition(coords, nwalkers, ndim, parameters, error);
  return status;
}
