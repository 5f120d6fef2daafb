/* Computes the ensemble means a few steps at a time and feeds them to the estimate of tau. */
#include "stats/ess.h"

#include <math.h>
#include <stdlib.h>

#include "stats/tau.h"

enum { TILE = 64 }; /* steps */

struct ens_ess {
  ens_visitor visitor;
  size_t nquantities, width;
  uint64_t nsteps;
  ens_ess_fill fill;
  const void *context;
  ens_tau *tau;
  double *rows; /* [TILE][nquantities] */
};

static ens_tau *create_tau(size_t nquantities, const bool *known, uint64_t nsteps) {
  size_t count = 0;
  ens_lagsum_series *series = calloc(nquantities + 1, sizeof *series);
  if (!series) return NULL;
  for (size_t i = 0; i < nquantities; i++)
    if (known[i]) series[count++] = (ens_lagsum_series){i, i, 0.0, 0.0, 1.0};
  ens_tau *tau = ens_tau_create(series, count, nquantities, nsteps, nquantities, 5.0);
  free(series);
  return tau;
}

ens_ess *ens_ess_create(size_t nquantities, const bool *known, uint64_t nsteps, size_t width, ens_ess_fill fill,
                        const void *context) {
  ens_ess *ess = calloc(1, sizeof *ess);
  if (!ess) return NULL;
  *ess = (ens_ess){.nquantities = nquantities, .width = width, .nsteps = nsteps, .fill = fill, .context = context};
  ess->rows = malloc((TILE * nquantities + 1) * sizeof *ess->rows);
  ess->tau = create_tau(nquantities, known, nsteps);
  if (!ess->rows || !ess->tau) goto fail;
  return ess;
fail:
  ens_ess_destroy(ess);
  return NULL;
}

void ens_ess_destroy(ens_ess *ess) {
  if (!ess) return;
  ens_tau_destroy(ess->tau);
  free(ess->rows);
  free(ess);
}

void ens_ess_expect(ens_ess *ess, uint64_t lags) {
  ens_tau_expect(ess->tau, lags);
}

uint64_t ens_ess_lags(const ens_ess *ess) {
  return ens_tau_lags(ess->tau);
}

static ens_status visit_begin(ens_visitor *self, ens_error *error) {
  return ens_tau_begin(((ens_ess *)self)->tau, error);
}

static void visit_draws(ens_visitor *self, const double *coords, size_t count) {
  ens_ess *ess = (ens_ess *)self;
  while (count > 0) {
    size_t take = count < TILE ? count : TILE;
    ess->fill(ess->context, coords, take, ess->rows);
    ens_tau_push(ess->tau, ess->rows, take);
    coords += take * ess->width;
    count -= take;
  }
}

static void visit_end(ens_visitor *self) {
  ens_ess *ess = (ens_ess *)self;
  ens_tau_end(ess->tau);
  self->done = ens_tau_done(ess->tau);
}

static const ens_visitor_ops ess_ops = {visit_begin, visit_draws, visit_end};

ens_visitor *ens_ess_visitor(ens_ess *ess) {
  ess->visitor = (ens_visitor){&ess_ops, ens_tau_done(ess->tau)};
  return &ess->visitor;
}

double ens_ess_value(const ens_ess *ess, size_t quantity, double variance) {
  double tau = ens_tau_value(ess->tau, quantity), squares = ens_tau_squares(ess->tau, quantity);
  double steps = (double)ess->nsteps;
  if (!(tau > 0 && squares > 0 && steps > 1)) return NAN;
  return variance / (squares / (steps - 1) * tau / steps);
}
