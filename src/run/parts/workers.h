/* The workers of a run: its evaluator, on this process or on all ranks of the job, and a warning if the launcher leaves
 * CPUs unused. */
#ifndef ENS_RUN_PARTS_WORKERS_H
#define ENS_RUN_PARTS_WORKERS_H

#include "core/model/evaluator.h"
#include "eval/pool.h"
#include "eval/ranks/ranks.h"

typedef struct ens_workers_options {
  size_t count;        /* of each rank */
  bool given;          /* the user chose `count`; otherwise each rank has one worker for each of its CPUs */
  bool quiet;          /* no warnings */
  double rank_timeout; /* seconds that a rank may be silent */
  ens_watch watch;
  /* A rank is silent, and the run must end; must not return. context: watch.context. */
  void (*lost)(void *context, const char *text);
} ens_workers_options;

typedef struct ens_workers {
  ens_workers_options options;
  ens_evaluator *evaluator; /* NULL: not started */
} ens_workers;

/* Makes the evaluator; warns once in a process if ranks are bound to too few CPUs. The model is borrowed until
 * ens_workers_stop. Errors are those of ens_pool_create and ens_cluster_create. */
ens_status ens_workers_start(ens_workers *workers, ens_model *model, ens_error *error);
void ens_workers_stop(ens_workers *workers); /* waits for evaluations in flight */

/* Workers of all ranks; before the start, as many as would be started with `count` of each rank. */
size_t ens_workers_count(const ens_workers *workers);
/* The counts of each worker, [ens_workers_count], and their time in the model. The caller frees them. NULL: not
 * started, or no memory. */
ens_evaluator_stats *ens_workers_stats(const ens_workers *workers, double *model_s);

/* How the launcher has bound a rank, if that is worth a warning. `used`: CPUs that the ranks of its host have
 * together. */
typedef enum ens_workers_binding {
  ENS_WORKERS_FINE,
  ENS_WORKERS_CROWDED, /* the workers that the user chose share one core */
  ENS_WORKERS_IDLE     /* CPUs of the host have no worker */
} ens_workers_binding;
ens_workers_binding ens_workers_judge(const ens_workers_options *options, const ens_rank *rank, unsigned used);

#endif
