/* A monitor of stats fed by each recorded step, and the rules of stats/until.h at its checks. */
#include "run/parts/convergence.h"

#include <math.h>
#include <stdlib.h>

ens_status ens_convergence_create(const ens_until *rules, const ens_convergence_shape *shape, ens_convergence *out,
                                  ens_error *error) {
  *out = (ens_convergence){.rules = *rules};
  if (!ens_until_is_given(rules)) return ENS_OK;
  out->monitor = ens_monitor_create(shape->nwalkers, shape->ndim, shape->domain);
  return out->monitor ? ENS_OK : ens_error_memory(error);
}

void ens_convergence_free(ens_convergence *convergence) {
  ens_monitor_destroy(convergence->monitor);
  *convergence = (ens_convergence){0};
}

void ens_convergence_reset(ens_convergence *convergence) {
  if (convergence->monitor) ens_monitor_reset(convergence->monitor);
  convergence->reached = 0;
}

void ens_convergence_step(ens_convergence *convergence, const double *coords, const double *log_prob,
                          const uint8_t *accepted) {
  ens_monitor *monitor = convergence->monitor;
  if (!monitor || !ens_monitor_push(monitor, coords, log_prob, accepted) || convergence->reached) return;
  const ens_findings *findings = ens_monitor_findings(monitor);
  if (ens_until_holds(&convergence->rules, findings)) convergence->reached = findings->step;
}

/* ---- stored steps ---- */

bool ens_convergence_lacks(const ens_convergence *convergence, uint64_t steps) {
  return convergence->monitor && ens_monitor_steps(convergence->monitor) != steps;
}

enum { BLOCK_BYTES = 1 << 20 };

ens_status ens_convergence_recall(ens_convergence *convergence, ens_chain *chain, ens_error *error) {
  if (!convergence->monitor) return ENS_OK;
  /* The store may have been replaced by a shorter one since it was last read. */
  if (chain->nsteps < ens_monitor_steps(convergence->monitor)) ens_convergence_reset(convergence);
  size_t walkers = chain->nwalkers, width = walkers * chain->ndim;
  size_t room = 1 + BLOCK_BYTES / (width * sizeof(double));
  double *coords = malloc(room * (width + walkers) * sizeof *coords), *log_prob = coords + room * width;
  uint8_t *accepted = malloc(room * walkers);
  ens_status status = coords && accepted ? ENS_OK : ens_error_memory(error);
  for (uint64_t at = ens_monitor_steps(convergence->monitor); !status && at < chain->nsteps;) {
    size_t count = chain->nsteps - at < room ? (size_t)(chain->nsteps - at) : room;
    status = ens_chain_read(
        chain,
        &(ens_chain_steps){.start = at, .count = count, .coords = coords, .log_prob = log_prob, .accepted = accepted},
        error);
    for (size_t i = 0; !status && i < count; i++)
      ens_convergence_step(convergence, coords + i * width, log_prob + i * walkers, accepted + i * walkers);
    at += count;
  }
  free(coords);
  free(accepted);
  return status;
}

/* ---- describing ---- */

static double worst_of(const double *values, size_t n, double sign) {
  double worst = values[0];
  for (size_t d = 1; d < n; d++)
    if (isnan(values[d]) || sign * values[d] > sign * worst) worst = values[d];
  return worst;
}

double ens_convergence_tau(const ens_convergence *convergence) {
  if (!convergence->monitor) return NAN;
  const ens_findings *findings = ens_monitor_findings(convergence->monitor);
  return worst_of(findings->tau, findings->ndim, 1);
}

double ens_convergence_ess(const ens_convergence *convergence) {
  if (!convergence->monitor) return NAN;
  const ens_findings *findings = ens_monitor_findings(convergence->monitor);
  return worst_of(findings->ess, findings->ndim, -1);
}

uint64_t ens_convergence_brief(void *context, char *out, size_t size) {
  const ens_convergence *convergence = context;
  const ens_findings *findings = ens_monitor_findings(convergence->monitor);
  out[0] = '\0';
  if (!convergence->reached) ens_until_brief(&convergence->rules, findings, out, size);
  return ens_until_steps(&convergence->rules, findings);
}

uint64_t ens_convergence_describe(const ens_convergence *convergence, char *const *parameters, char *out, size_t size) {
  out[0] = '\0';
  if (!convergence->monitor) return 0;
  const ens_findings *findings = ens_monitor_findings(convergence->monitor);
  ens_until_describe(&convergence->rules, findings, parameters, convergence->reached > 0, out, size);
  return ens_until_steps(&convergence->rules, findings);
}
