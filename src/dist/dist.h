/* Distributions of one number, one row each. The row drives the checks of parameters, the names and messages in Lua,
 * the density and the draws. Pure functions, which know nothing of Lua and models. */
#ifndef ENS_DIST_DIST_H
#define ENS_DIST_DIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/stream.h"

enum { ENS_DIST_PARAMETERS = 4, ENS_DIST_CONSTANTS = 3 };

/* The values that a parameter may have; ens_dist_range_text says it in words. */
typedef enum ens_dist_range {
  ENS_FINITE,
  ENS_POSITIVE,
  ENS_NOT_NEGATIVE,
  ENS_PROBABILITY,
  ENS_CHANCE, /* a probability above 0 */
  ENS_COUNT,
  ENS_BOUND /* also infinities */
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
  size_t above;    /* the number, from 1, of a parameter that must exceed the one before it; 0: none */
  size_t location; /* the number, from 1, of a parameter that `prepare` does not use; 0: none */
  /* The period of lpdf; 0: none. A prior covers half a period on either side of the first parameter. */
  double period;
  const char *support;                                        /* in words */
  bool (*holds)(double x, const double *p);                   /* whether a finite x is in the support */
  void (*prepare)(const double *p, double *k);                /* computes constants of the parameters; NULL: none */
  double (*lpdf)(double x, const double *p, const double *k); /* x in the support */
  double (*draw)(ens_stream *stream, const double *p);
  /* The sum of lpdf over n elements of x and its parameters, with the same bits as one by one. False: an argument is
   * not finite or out of its range, so the caller must go through the elements one by one. NULL: there is no such loop.
   */
  bool (*sum)(size_t n, const ens_dist_column *arguments, double *out);
} ens_dist;

/* The rows, in the order of the list in dist.c; NULL after the last. */
const ens_dist *ens_dist_at(size_t i);
const ens_dist *ens_dist_find(const char *name); /* NULL: there is none */
const char *ens_dist_range_text(ens_dist_range range);

/* The index of the first parameter that is out of its range, or nparameters. If two are in the wrong order, the upper
 * one counts. NaN is in no range. */
size_t ens_dist_bad_parameter(const ens_dist *dist, const double *p);

#endif
