/* What identifies a run, as its store keeps it: made from a config, compared with a stored one. Internal to run.c. */
#ifndef ENS_RUN_RECORD_H
#define ENS_RUN_RECORD_H

#include "run/run.h"
#include "store/store.h"

/* Fills the record; strings that it owns are freed by ens_run_record_clear, the others are borrowed from both. */
ens_status ens_run_record_make(const ens_run_config *config, const ens_model *model, ens_store_record *out,
                               ens_error *error);
void ens_run_record_clear(ens_store_record *record);
/* Which parameters of a stored run are periodic; NULL: none. The caller destroys it. */
ens_status ens_run_record_domain(const ens_store_record *record, ens_domain **out, ens_error *error);
/* ENS_CONFIG with every difference that would make another chain; `model` is its name here. With `forced` those that
 * leave the chain its shape are let pass, and their list is put there; the caller frees it. */
ens_status ens_run_record_compare(const ens_store_record *stored, const ens_store_record *wanted, const char *model,
                                  const char *path, char **forced, ens_error *error);

#endif
