/* Chooses a pool in this process or the evaluator over all ranks. */
#include "run/parts/workers.h"

#include <stdlib.h>
#include <string.h>

#include "eval/ranks/cluster.h"
#include "process/job.h"
#include "process/process.h"

/* ---- warnings of binding ---- */

ens_workers_binding ens_workers_judge(const ens_workers_options *options, const ens_rank *rank, unsigned used) {
  if (!rank->one_core) return ENS_WORKERS_FINE;
  if (options->given) return options->count > rank->affinity ? ENS_WORKERS_CROWDED : ENS_WORKERS_FINE;
  return used < rank->allowed ? ENS_WORKERS_IDLE : ENS_WORKERS_FINE;
}

static bool warn_of_rank(const ens_workers_options *options, const ens_rank *rank, int number, unsigned used) {
  ens_workers_binding binding = ens_workers_judge(options, rank, used);
  if (binding == ENS_WORKERS_FINE) return false;
  ens_process_note(
      "warning: the launcher has bound rank %d to one core of host %s, where the job has %u CPUs, %s: mpiexec "
      "--bind-to none, or --map-by slot:PE=N for N CPUs a rank (srun --cpus-per-task=N)",
      number, rank->host, rank->allowed,
      binding == ENS_WORKERS_CROWDED ? "so that its workers share it"
      : rank->affinity == 1          ? "so that it has one worker, and CPUs are left over"
                                     : "so that CPUs are left over");
  return true;
}

/* Some launchers bind each rank to one core without being asked. */
static bool warn_of_binding(const ens_workers_options *options) {
  const ens_ranks *ranks = ens_job_ranks();
  if (!ranks) {
    ens_rank alone;
    ens_rank_describe(&alone, 0, 1);
    return warn_of_rank(options, &alone, 0, alone.affinity);
  }
  for (int r = 0; r < ranks->size; r++)
    if (warn_of_rank(options, &ranks->rank[r], r, ens_ranks_cpus_used(ranks, r))) return true;
  return false;
}

static void warn_once(const ens_workers_options *options) {
  static bool warned; /* the launcher binds the process, and all of its runs */
  if (!warned && !options->quiet && ens_job_launcher()) warned = warn_of_binding(options);
}

/* ---- starting ---- */

ens_status ens_workers_start(ens_workers *workers, ens_model *model, ens_error *error) {
  const ens_workers_options *options = &workers->options;
  warn_once(options);
  if (!ens_job_ranks()) return ens_pool_create(model, options->count, &options->watch, &workers->evaluator, error);
  ens_cluster_config cluster = {.workers = options->given ? options->count : 0,
                                .watch = options->watch,
                                .rank_timeout = options->rank_timeout,
                                .lost = options->lost};
  return ens_cluster_create(ens_job_ranks(), model, &cluster, &workers->evaluator, error);
}

void ens_workers_stop(ens_workers *workers) {
  if (workers->evaluator) workers->evaluator->ops->destroy(workers->evaluator);
  workers->evaluator = NULL;
}

/* ---- counting ---- */

size_t ens_workers_count(const ens_workers *workers) {
  ens_evaluator *evaluator = workers->evaluator;
  return evaluator ? evaluator->ops->workers(evaluator) : workers->options.count * ens_job_size();
}

ens_evaluator_stats *ens_workers_stats(const ens_workers *workers, double *model_s) {
  size_t n = ens_workers_count(workers);
  ens_evaluator_stats *stats = workers->evaluator ? calloc(n, sizeof *stats) : NULL;
  *model_s = 0;
  for (size_t i = 0; stats && i < n; i++) {
    workers->evaluator->ops->stats(workers->evaluator, i, &stats[i]);
    if (!*stats[i].host) memcpy(stats[i].host, ens_job_host(), sizeof stats[i].host);
    *model_s += stats[i].busy_s;
  }
  return stats;
}
