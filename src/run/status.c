/* Formats counts with report/readout.h, a line for the run and a line for each worker or rank. */
#include "run/status.h"

#include <math.h>
#include <stdio.h>

#include "process/process.h"
#include "process/signals.h"
#include "report/readout.h"

static void show_progress(const ens_run_info *info, const ens_run_status *status) {
  char target[48] = "", rate[ENS_READOUT_SIZE], evaluations[ENS_READOUT_SIZE], seconds[ENS_READOUT_SIZE];
  double wall = info->wall_s > 0 ? info->wall_s : NAN, made = 0;
  for (size_t i = 0; i < info->nworkers; i++) made += (double)info->worker[i].evaluations;
  if (status->target) snprintf(target, sizeof target, " of %llu", (unsigned long long)status->target);
  ens_readout_number((double)(info->steps - status->first) / wall, rate);
  ens_readout_number(made / wall, evaluations);
  ens_readout_number(info->wall_s, seconds);
  ens_process_note("status: %llu%s steps, %s steps/s, %s evaluations/s, acceptance %.3f, %s s in this session",
                   (unsigned long long)info->steps, target, rate, evaluations, info->acceptance_fraction, seconds);
}

static void show_worker(const ens_run_info *info, const ens_evaluator_stats *worker) {
  double busy = info->wall_s > 0 ? worker->busy_s / info->wall_s : 0;
  ens_process_note("status: worker %u: %llu evaluations, busy %.0f %% of the time", worker->worker,
                   (unsigned long long)worker->evaluations, 100 * busy);
}

/* A job may have thousands of workers, so that a line is for a rank: the one that the i-th worker is of. Returns the
 * number of its workers. */
static size_t show_rank(const ens_run_info *info, size_t i) {
  const ens_evaluator_stats *first = &info->worker[i];
  uint64_t evaluations = 0;
  double busy = 0;
  size_t n = 0;
  for (; i + n < info->nworkers && first[n].rank == first->rank; n++) {
    evaluations += first[n].evaluations;
    busy += first[n].busy_s;
  }
  if (info->wall_s > 0) busy /= info->wall_s * (double)n;
  ens_process_note("status: rank %u (host %s): %zu worker%s, %llu evaluations, busy %.0f %% of the time", first->rank,
                   first->host, n, n == 1 ? "" : "s", (unsigned long long)evaluations, 100 * busy);
  return n;
}

void ens_run_status_show(const ens_run_info *info, const ens_run_status *status) {
  show_progress(info, status);
  if (status->output)
    ens_process_note("status: %llu %s committed to %s", (unsigned long long)status->committed,
                     status->committed == 1 ? "step is" : "steps are", status->output);
  else
    ens_process_note("status: the chain is in memory only");
  for (size_t i = 0; info->ranks > 1 && i < info->nworkers;) i += show_rank(info, i);
  for (size_t i = 0; info->ranks <= 1 && i < info->nworkers; i++) show_worker(info, &info->worker[i]);
}
