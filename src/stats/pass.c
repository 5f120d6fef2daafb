/* A block includes thinned-out steps if they fit, because stores read runs of steps cheaply. */
#include "stats/pass.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

size_t ens_pass_block(size_t bytes) {
  return bytes < ENS_PASS_BYTES && bytes > 0 ? ENS_PASS_BYTES / bytes : 1;
}

static ens_status refuse_empty(const ens_pass *pass, ens_error *error) {
  uint64_t nsteps = pass->chain->nsteps;
  if (nsteps == 0) return ens_error_set(error, ENS_CONFIG, "the chain has no steps yet: run some first");
  if (pass->discard >= nsteps)
    return ens_error_set(error, ENS_CONFIG,
                         "discard is %" PRIu64 ", but the chain has only %" PRIu64 " steps: discard must be less",
                         pass->discard, nsteps);
  return ens_error_set(error, ENS_CONFIG,
                       "thin is %" PRIu64 ", but only %" PRIu64 " steps are left of %" PRIu64
                       " after discard = %" PRIu64 ": thin may be at most %" PRIu64,
                       pass->thin, nsteps - pass->discard, nsteps, pass->discard, nsteps - pass->discard);
}

ens_status ens_pass_init(ens_pass *pass, ens_chain *chain, uint64_t discard, uint64_t thin, ens_error *error) {
  *pass = (ens_pass){.chain = chain, .discard = discard, .thin = thin, .ndraws = 0};
  if (thin == 0) return ens_error_set(error, ENS_CONFIG, "thin is 0: it must be at least 1");
  if (discard < chain->nsteps) pass->ndraws = (chain->nsteps - discard) / thin;
  return pass->ndraws > 0 ? ENS_OK : refuse_empty(pass, error);
}

static ens_status begin_all(ens_visitor *const *visitors, size_t nvisitors, ens_error *error) {
  for (size_t i = 0; i < nvisitors; i++) {
    if (visitors[i]->done) continue;
    ens_status status = visitors[i]->ops->begin(visitors[i], error);
    if (status) return status;
  }
  return ENS_OK;
}

static void show_all(ens_visitor *const *visitors, size_t nvisitors, const double *coords, size_t count) {
  for (size_t i = 0; i < nvisitors; i++)
    if (!visitors[i]->done) visitors[i]->ops->draws(visitors[i], coords, count);
}

/* Keeps the first of every `thin` steps. */
static void thin_out(double *coords, size_t draws, size_t thin, size_t width) {
  for (size_t i = 1; thin > 1 && i < draws; i++)
    memcpy(coords + i * width, coords + i * thin * width, width * sizeof *coords);
}

static ens_status read_all(const ens_pass *pass, double *coords, ens_visitor *const *visitors, size_t nvisitors,
                           ens_error *error) {
  size_t width = pass->chain->nwalkers * pass->chain->ndim;
  uint64_t room = (ens_pass_block(width * sizeof *coords) - 1) / pass->thin + 1;
  for (uint64_t draw = 0; draw < pass->ndraws;) {
    size_t take = (size_t)(pass->ndraws - draw < room ? pass->ndraws - draw : room);
    size_t span = take > 1 ? (take - 1) * (size_t)pass->thin + 1 : 1;
    uint64_t start = pass->discard + pass->thin - 1 + draw * pass->thin;
    ens_status status =
        ens_chain_read(pass->chain, &(ens_chain_steps){.start = start, .count = span, .coords = coords}, error);
    if (status) return status;
    thin_out(coords, take, (size_t)pass->thin, width);
    show_all(visitors, nvisitors, coords, take);
    draw += take;
  }
  return ENS_OK;
}

ens_status ens_pass_once(const ens_pass *pass, ens_visitor *const *visitors, size_t nvisitors, ens_error *error) {
  size_t bytes = pass->chain->nwalkers * pass->chain->ndim * sizeof(double);
  double *coords = malloc(ens_pass_block(bytes) * bytes);
  if (!coords) return ens_error_memory(error);
  ens_status status = begin_all(visitors, nvisitors, error);
  if (!status) status = read_all(pass, coords, visitors, nvisitors, error);
  for (size_t i = 0; !status && i < nvisitors; i++)
    if (!visitors[i]->done) visitors[i]->ops->end(visitors[i]);
  free(coords);
  return status;
}

static bool all_done(ens_visitor *const *visitors, size_t nvisitors) {
  for (size_t i = 0; i < nvisitors; i++)
    if (!visitors[i]->done) return false;
  return true;
}

ens_status ens_pass_run(const ens_pass *pass, ens_visitor *const *visitors, size_t nvisitors, ens_error *error) {
  while (!all_done(visitors, nvisitors)) {
    ens_status status = ens_pass_once(pass, visitors, nvisitors, error);
    if (status) return status;
  }
  return ENS_OK;
}
