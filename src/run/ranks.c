#include "eval/ranks/cluster.h"
#include "process/job.h"
#include "process/process.h"
#include "process/signals.h"
#include "run/parts.h"

/* ---- workers ---- */

/* A launcher that binds a rank to one core, as some do by themselves, leaves the others unused. `used`: CPUs of the
 * host that its ranks have together. */
static bool warn_of_rank(const ens_run_config *config, const ens_rank *rank, int number, unsigned used) {
  bool idle = rank->one_core && used < rank->allowed && !config->workers_given;
  bool crowded = rank->one_core && config->workers_given && config->workers > rank->affinity;
  if (!idle && !crowded) return false;
  ens_process_note(
      "warning: the launcher has bound rank %d to one core of host %s, where the job has %u CPUs, %s: mpiexec "
      "--bind-to "
      "none, or --map-by slot:PE=N for N CPUs a rank (srun --cpus-per-task=N)",
      number, rank->host, rank->allowed,
      crowded               ? "so that its workers share it"
      : rank->affinity == 1 ? "so that it has one worker, and CPUs are left over"
                            : "so that CPUs are left over");
  return true;
}

static void warn_of_binding(const ens_run_config *config) {
  static bool warned;
  const ens_ranks *ranks = ens_job_ranks();
  ens_rank alone;
  if (warned || config->quiet || !ens_job_launcher()) return;
  if (!ranks) {
    ens_rank_describe(&alone, 0, 1);
    warned = warn_of_rank(config, &alone, 0, alone.affinity);
  }
  for (int r = 0; ranks && r < ranks->size && !warned; r++)
    warned = warn_of_rank(config, &ranks->rank[r], r, ens_ranks_cpus_used(ranks, r));
}

static void on_lost(void *context, const char *text) {
  ens_run_abandon(context, text);
}

ens_status ens_run_make_evaluator(ens_run *run, ens_error *error) {
  const ens_run_config *config = &run->config;
  ens_watch watch = {
      .timeout = config->eval_timeout, .context = run, .report = ens_run_on_slow, .asked = ens_run_on_asked};
  warn_of_binding(config);
  if (!ens_job_ranks()) return ens_pool_create(run->model, config->workers, &watch, &run->evaluator, error);
  ens_cluster_config cluster = {.workers = config->workers_given ? config->workers : 0,
                                .watch = watch,
                                .rank_timeout = config->rank_timeout,
                                .lost = on_lost};
  return ens_cluster_create(ens_job_ranks(), run->model, &cluster, &run->evaluator, error);
}
