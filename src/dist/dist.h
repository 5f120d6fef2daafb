/* Distributions of one number: a row each. A row drives the checks of parameters, the names and messages in Lua, the
 * density and the draws. Pure functions; knows nothing of Lua and models. */
#ifndef ENS_DIST_DIST_H
#define ENS_DIST_DIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stream.h"

enum { ENS_DIST_PARAMETERS = 4, ENS_DIST_CONSTANTS = 3 };

/* What a parameter may be; ens_dist_range_text says it in words. */
typedef enum ens_dist_range {
  ENS_FINITE,
  ENS_POSITIVE,
  ENS_NOT_NEGATIVE,
  ENS_PROBABILITY,
  ENS_CHANCE, /* a probability that is not 0 */
  ENS_COUNT,
  ENS_BOUND /* infinities too */
} ens_dist_range;

typedef struct ens_dist_parameter {
  const char *name;
  ens_dist_range range;
} ens_dist_parameter;

/* One argument of a density over many elements; stride 0: the same number for all. */
typedef struct ens_dist_column {
  const double *data;
  ptrdiff_t stride;
} ens_dist_column;

typedef struct ens_dist {
  const char *name;
  bool discrete;
  size_t nparameters;
  ens_dist_parameter parameter[ENS_DIST_PARAMETERS];
  size_t above;    /* this parameter (from 1 on) must be above the one before it; 0: none */
  size_t location; /* this parameter (from 1 on) may change without `prepare`; 0: none */
  double period; /* lpdf repeats; as a prior it holds for half a period on either side of the first parameter; 0: no */
  const char *support;                                        /* in words */
  bool (*holds)(double x, const double *p);                   /* x finite: whether it is in the support */
  void (*prepare)(const double *p, double *k);                /* what depends on parameters alone; NULL: nothing */
  double (*lpdf)(double x, const double *p, const double *k); /* x in the support */
  double (*draw)(ens_stream *stream, const double *p);
  /* The sum over n elements of x and its parameters in one loop, with the bits of one by one. False: an argument is not
   * finite or not in its range, and one by one has to say what then. NULL: there is no such loop. */
  bool (*sum)(size_t n, const ens_dist_column *arguments, double *out);
} ens_dist;

/* A distribution with its parameters. A value: copy it freely. */
typedef struct ens_density {
  const ens_dist *dist;
  double p[ENS_DIST_PARAMETERS], k[ENS_DIST_CONSTANTS];
} ens_density;

/* The rows, in the order of the list in dist.c; NULL behind the last. */
const ens_dist *ens_dist_at(size_t i);
const ens_dist *ens_dist_find(const char *name); /* NULL: there is none */
const char *ens_dist_range_text(ens_dist_range range);

/* The first parameter that is out of its range (an order that does not hold counts for its upper end), or nparameters.
 * NaN is in no range. */
size_t ens_dist_bad_parameter(const ens_dist *dist, const double *p);
/* Parameters as ens_dist_bad_parameter accepts them, or with NaN among them: then every density is NaN. */
ens_density ens_density_make(const ens_dist *dist, const double *p);
/* Changes a density to these parameters where that takes no more than its location; false: make another. */
bool ens_density_move(ens_density *density, const double *p);
/* The log of the density, or of the probability of a discrete one: -inf outside the support and at infinity, NaN for
 * NaN. +inf where the density has a pole. */
double ens_density_log(const ens_density *density, double x);
/* The same as a prior of a parameter: a periodic one holds for one period only, so that its mass is 1. */
double ens_density_log_prior(const ens_density *density, double x);
double ens_density_draw(const ens_density *density, ens_stream *stream);

#endif
