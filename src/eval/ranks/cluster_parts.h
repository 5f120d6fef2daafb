/* What the evaluator over ranks is made of, for cluster.c and the files beside it. */
#ifndef ENS_EVAL_RANKS_CLUSTER_PARTS_H
#define ENS_EVAL_RANKS_CLUSTER_PARTS_H

#include <stdatomic.h>

#include "eval/ranks/cluster.h"

/* How far a part is on its way to a rank. */
typedef struct ens_shipment {
  enum { ENS_SHIP_WAITS, ENS_SHIP_GOES, ENS_SHIP_DONE } state;
  size_t at; /* bytes sent */
} ens_shipment;

/* A rank, as far as this job is concerned. The first one is this process. */
typedef struct ens_target {
  size_t nworkers, in_flight, limit;
  ens_block **slot; /* [nslots] what is there; not the first one's */
  size_t nslots;
  ens_shipment *shipment;  /* [bundle.nparts] */
  ens_evaluator_stats *stats; /* [nworkers] */
  bool ready, returned;
  ens_error error;
} ens_target;

typedef struct ens_cluster {
  ens_evaluator base;
  ens_correspondent correspondent;
  ens_ranks *ranks;
  ens_model *model;
  ens_cluster_config config;
  ens_evaluator *local;
  ens_bundle bundle;         /* the model */
  ens_bundle paper;          /* for the letter that is written */
  size_t nworkers, capacity; /* of all ranks */
  ens_block *waiting, *finished, **last_finished;
  double block_seconds; /* of a block, smoothed; 0: not known */
  double limits_for;    /* the block_seconds that limits were set for */
  double looked;        /* at the ranks' silence */
  atomic_bool tell;     /* the watcher wants to know what is going on */
  ens_target *target;   /* [ranks->size] */
} ens_cluster;

/* ---- cluster_job.c: the model on its way ---- */

/* Tells the ranks of the job and sends what belongs to it, as far as this can be done without waiting. */
ens_status ens_cluster_ship(ens_cluster *cluster, ens_error *error);
/* Sends some more; called until all ranks are ready. */
void ens_cluster_ship_more(ens_cluster *cluster);
/* MAPPED, MISSING and READY. False: it is another letter. */
bool ens_cluster_take_job_letter(ens_cluster *cluster, ens_letter *letter);

#endif
