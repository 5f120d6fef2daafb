/* A run as the owner of its parts, and the functions through which the parts reach each other. No part sees this file.
 */
#ifndef ENS_RUN_LINKS_H
#define ENS_RUN_LINKS_H

#include "run/config.h"
#include "run/parts/archive.h"
#include "run/parts/recorder.h"
#include "run/parts/supervisor.h"
#include "run/parts/workers.h"
#include "run/run.h"

/* In this order, so that >= ENS_RUN_BEGUN means that the walkers have been placed. */
typedef enum ens_run_phase {
  ENS_RUN_MAKING, /* ens_run_create has not returned */
  ENS_RUN_READY,  /* signals are caught; nothing is evaluated */
  ENS_RUN_UNUSED, /* finished without having begun */
  ENS_RUN_BEGUN,  /* the walkers are placed, and the archive is open */
  ENS_RUN_OVER    /* finished, and the archive is closed */
} ens_run_phase;

struct ens_run {
  ens_run_config config;
  ens_run_config_start start; /* where the walkers start; taken from the config, or from a restart */
  ens_model *model;           /* borrowed */
  ens_move **move;            /* [nmoves] */
  double *weight;             /* [nmoves] */
  ens_sampler *sampler;       /* NULL: nothing was evaluated yet */
  ens_run_phase phase;
  bool failed; /* an error ended the start or an advance; the run may be advanced again */
  ens_workers workers;
  ens_recorder recorder;
  ens_archive archive;
  ens_supervisor supervisor;
};

/* Makes the parts and links them: workers that are not started, an archive that is not written yet. The config, the
 * model and the moves are there. */
ens_status ens_links_make(ens_run *run, ens_error *error);

ens_sampler_counts ens_links_count(const ens_run *run); /* of all sessions */
void ens_links_send_counts(ens_run *run);               /* to the store, which is open */

#endif
