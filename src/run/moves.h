/* What each move of a mixture did. Internal to run.c and its kin. */
#ifndef ENS_RUN_MOVES_H
#define ENS_RUN_MOVES_H

#include "run/parts.h"
#include "store/store.h"

/* Those of a config, nothing counted yet; *n is 0 where there is only one. The caller frees *out. */
ens_status ens_run_moves_begin(const ens_run_config *config, size_t *n, ens_run_move_stats **out, ens_error *error);
/* Adds what they did in the steps of a chain. */
ens_status ens_run_moves_count(ens_chain *chain, uint64_t seed, uint64_t tune, uint64_t thin_by, size_t n,
                               ens_run_move_stats *move, ens_error *error);
/* Of all steps of a run that goes on, what moves did that may refuse a proposal. */
ens_summary_acceptance ens_run_moves_judged(const ens_run *run, uint64_t steps);
/* Of a stored run, from its record, its chain and the numbers [nwalkers] of accepted proposals, into info. */
ens_status ens_run_moves_read(const char *path, const ens_store_record *record, const uint64_t *accepted,
                              ens_run_info *info, ens_error *error);

#endif
