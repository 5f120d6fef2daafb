/* A row has some walkers and parameters of one step; rows are `stride` steps apart. When the rows are full, every
 * second row is dropped and the stride doubles, so that the rows cover the whole run. That ends when the stride comes
 * near tau, because a tau of less than a few rows cannot be measured. From then on the stride stays, and full rows lose
 * their older half. A fast model may pass that point before the first estimate: then the rows start again with a
 * smaller stride. */
#include "report/trace.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stats/angles.h"
#include "stats/autocorr.h"

enum { MOST_ROWS = 1024, MOST_WALKERS = 64, MOST_VALUES = (4 << 20) / 8, MOST_IN_ROW = MOST_VALUES / 256 };

/* Rows. For a larger tau, the sum over strided steps is within 5 % of it. */
static const double least_tau = 3;
/* Rows in units of tau. The estimate of a chain far shorter than its tau is about a tenth of its length. */
static const double least_length = 20;
static const double window = 5; /* Sokal's c, with the value of emcee */

struct ens_trace {
  size_t nwalkers, nparameters; /* of the chain */
  size_t ndim;                  /* with cosine and sine of periodic parameters */
  const ens_domain *domain;     /* borrowed; NULL: no parameter is periodic */
  double *spread;               /* [nwalkers][ndim] a step with cosines and sines; NULL without a domain */
  size_t rwalkers, rdim;        /* of a row */
  size_t nrows, capacity;       /* capacity is even */
  size_t stride, phase;         /* steps between rows; steps since the last row */
  bool keeps_stride;            /* full rows lose their older half instead of every second row */
  double tau;                   /* steps */
  double row[];                 /* [nrows][rwalkers][rdim] */
};

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

ens_trace *ens_trace_create(size_t nwalkers, size_t nparameters, const ens_domain *domain) {
  if (domain && !domain->any_periodic) domain = NULL;
  size_t ndim = ens_angles_width(domain, nparameters);
  size_t rdim = smaller(ndim, MOST_IN_ROW);
  size_t rwalkers = smaller(smaller(nwalkers, MOST_WALKERS), MOST_IN_ROW / rdim);
  size_t capacity = smaller(MOST_ROWS, MOST_VALUES / (rwalkers * rdim)) & ~(size_t)1;
  ens_trace *trace = malloc(sizeof *trace + capacity * rwalkers * rdim * sizeof(double));
  if (!trace) return NULL;
  *trace = (ens_trace){.nwalkers = nwalkers,
                       .nparameters = nparameters,
                       .ndim = ndim,
                       .domain = domain,
                       .rwalkers = rwalkers,
                       .rdim = rdim,
                       .capacity = capacity,
                       .stride = 1,
                       .tau = (double)NAN};
  if (domain) trace->spread = malloc(nwalkers * ndim * sizeof *trace->spread);
  if (!domain || trace->spread) return trace;
  free(trace);
  return NULL;
}

void ens_trace_destroy(ens_trace *trace) {
  if (trace) free(trace->spread);
  free(trace);
}

/* Copies evenly spaced values, so that every ensemble of a run and every block of parameters is represented. */
static void copy_some(const ens_trace *trace, const double *coords, double *row) {
  for (size_t i = 0; i < trace->rwalkers; i++) {
    const double *walker = coords + i * trace->nwalkers / trace->rwalkers * trace->ndim;
    for (size_t j = 0; j < trace->rdim; j++) *row++ = walker[j * trace->ndim / trace->rdim];
  }
}

static void copy_row(const ens_trace *trace, const double *coords, double *row) {
  size_t width = trace->rwalkers * trace->rdim;
  if (width == trace->nwalkers * trace->ndim) {
    memcpy(row, coords, width * sizeof *row);
  } else {
    copy_some(trace, coords, row);
  }
}

/* Keeps the last row, so that the next one comes a whole new stride later. */
static void keep_every_second(ens_trace *trace, size_t width) {
  for (size_t i = 1; i < trace->nrows; i += 2) {
    memcpy(trace->row + i / 2 * width, trace->row + i * width, width * sizeof(double));
  }
  trace->stride *= 2;
}

static void drop_older_half(ens_trace *trace, size_t width) {
  size_t half = trace->nrows / 2 * width;
  memcpy(trace->row, trace->row + half, half * sizeof(double));
}

void ens_trace_add(ens_trace *trace, const double *coords) {
  size_t width = trace->rwalkers * trace->rdim;
  if (++trace->phase < trace->stride) return;
  trace->phase = 0;
  if (trace->domain) {
    ens_angles_spread(trace->domain, trace->nparameters, coords, trace->nwalkers, trace->spread);
    coords = trace->spread;
  }
  copy_row(trace, coords, trace->row + trace->nrows++ * width);
  if (trace->nrows < trace->capacity) return;
  if (trace->keeps_stride) {
    drop_older_half(trace, width);
  } else {
    keep_every_second(trace, width);
  }
  trace->nrows /= 2;
}

/* In rows. NaN if all parameters are constant, or without memory. */
static double worst_tau(const ens_trace *trace) {
  double worst = (double)NAN, tau = (double)NAN;
  for (size_t j = 0; j < trace->rdim; j++) {
    if (ens_autocorr_time(&(ens_autocorr_series){trace->row + j, trace->nrows, trace->rwalkers, 1, trace->rdim}, window,
                          &tau, NULL)) {
      return (double)NAN;
    }
    worst = fmax(worst, tau);
  }
  return worst;
}

static void restart(ens_trace *trace) {
  trace->stride = trace->stride > 8 ? trace->stride / 8 : 1;
  trace->nrows = trace->phase = 0;
  trace->keeps_stride = true;
}

void ens_trace_estimate(ens_trace *trace) {
  double rows = (double)trace->nrows, worst = rows < least_length ? (double)NAN : worst_tau(trace);
  if (isnan(worst)) return;
  if (worst < least_tau && trace->stride > 1) {
    restart(trace);
    return;
  }
  /* Too few rows give a lower bound of tau, which can correct an estimate but is none itself. */
  double tau = worst * (double)trace->stride;
  if (rows >= least_length * worst || tau > trace->tau) trace->tau = tau;
  trace->keeps_stride = worst < 2 * least_tau;
}

size_t ens_trace_work(const ens_trace *trace) {
  return trace->nrows * trace->rwalkers * trace->rdim;
}

double ens_trace_tau(const ens_trace *trace) {
  return trace->tau;
}
