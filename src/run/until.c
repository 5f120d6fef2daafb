/* The rules of config.until: the monitor that they are asked of follows the chain, whoever wrote it. */
#include <math.h>
#include <stdlib.h>

#include "run/parts.h"
#include "store/stored_chain.h"

ens_status ens_run_until_begin(ens_run *run, ens_error *error) {
  if (!ens_until_is_given(&run->config.until)) return ENS_OK;
  run->monitor = ens_monitor_create(run->config.nwalkers, run->model->ndim, run->model->domain);
  return run->monitor ? ENS_OK : ens_error_memory(error);
}

void ens_run_until_step(ens_run *run, const double *coords, const double *log_prob, const uint8_t *accepted) {
  if (!run->monitor || !ens_monitor_push(run->monitor, coords, log_prob, accepted) || run->converged) return;
  const ens_findings *findings = ens_monitor_findings(run->monitor);
  if (ens_until_holds(&run->config.until, findings)) run->converged = findings->step;
}

void ens_run_until_reset(ens_run *run) {
  if (run->monitor) ens_monitor_reset(run->monitor);
  run->converged = 0;
}

static ens_status recall_steps(ens_run *run, ens_chain *chain, ens_error *error) {
  size_t walkers = chain->nwalkers, width = walkers * chain->ndim, room = 1 + ((size_t)1 << 20) / (width * 8);
  double *coords = malloc(room * (width + walkers) * sizeof *coords), *log_prob = coords + room * width;
  uint8_t *accepted = malloc(room * walkers);
  ens_status status = coords && accepted ? ENS_OK : ens_error_memory(error);
  for (uint64_t at = ens_monitor_steps(run->monitor); !status && at < chain->nsteps;) {
    size_t count = chain->nsteps - at < room ? (size_t)(chain->nsteps - at) : room;
    status = ens_chain_read(chain, &(ens_chain_steps){.start = at, .count = count, .coords = coords, .log_prob = log_prob, .accepted = accepted}, error);
    for (size_t i = 0; !status && i < count; i++)
      ens_run_until_step(run, coords + i * width, log_prob + i * walkers, accepted + i * walkers);
    at += count;
  }
  free(coords);
  free(accepted);
  return status;
}

ens_status ens_run_until_recall(ens_run *run, ens_error *error) {
  ens_chain *chain;
  if (!run->monitor || ens_monitor_steps(run->monitor) == run->checkpoint.step) return ENS_OK;
  ens_status status = ens_stored_chain_open(run->config.output, &chain, error);
  if (status) return status;
  if (chain->nsteps < ens_monitor_steps(run->monitor)) ens_run_until_reset(run); /* another file by now */
  status = recall_steps(run, chain, error);
  chain->ops->destroy(chain);
  return status;
}

bool ens_run_until_ended(const ens_run *run) {
  return run->monitor && run->heeds && !run->converged;
}

static double worst_of(const double *values, size_t n, double sign) {
  double worst = values[0];
  for (size_t d = 1; d < n; d++)
    if (isnan(values[d]) || sign * values[d] > sign * worst) worst = values[d];
  return worst;
}

double ens_run_until_tau(const ens_run *run) {
  if (!run->monitor) return NAN;
  const ens_findings *findings = ens_monitor_findings(run->monitor);
  return worst_of(findings->tau, findings->ndim, 1);
}

double ens_run_until_ess(const ens_run *run) {
  if (!run->monitor) return NAN;
  const ens_findings *findings = ens_monitor_findings(run->monitor);
  return worst_of(findings->ess, findings->ndim, -1);
}

uint64_t ens_run_until_brief(void *context, char *out, size_t size) {
  const ens_run *run = context;
  const ens_findings *findings = ens_monitor_findings(run->monitor);
  out[0] = '\0';
  if (!run->converged) ens_until_brief(&run->config.until, findings, out, size);
  return ens_until_steps(&run->config.until, findings);
}

void ens_run_judge(const ens_run *run, ens_run_verdict *out) {
  *out = (ens_run_verdict){.asked = run->monitor != NULL, .reached = run->converged};
  if (!run->monitor) return;
  const ens_findings *findings = ens_monitor_findings(run->monitor);
  out->steps = ens_until_steps(&run->config.until, findings);
  ens_until_describe(&run->config.until, findings, run->model->parameters, run->converged > 0, out->text,
                     sizeof out->text);
}
