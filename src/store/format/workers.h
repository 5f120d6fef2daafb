/* The column per_worker of the table session: a JSON array of {rank, worker, host, evaluations, busy_s}. The host is
 * missing if it is not known. */
#ifndef ENS_STORE_FORMAT_WORKERS_H
#define ENS_STORE_FORMAT_WORKERS_H

#include "core/model/evaluator.h"

/* The caller frees the text. NULL: no memory. */
char *ens_workers_format(const ens_evaluator_stats *worker, size_t nworkers);
/* Reads a text that ens_workers_format wrote, up to the first thing that it would not write. The caller frees *out. */
ens_status ens_workers_parse(const char *text, ens_evaluator_stats **out, size_t *nworkers, ens_error *error);

#endif
