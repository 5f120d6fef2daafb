/* Passes over the draws of a chain: the steps left after `discard`, every thin-th of them as emcee counts
 * (x[discard + thin - 1 :: thin]), read in blocks of about a MiB and shown to every visitor that still wants them.
 * Knows nothing of what is computed. */
#ifndef ENS_STATS_PASS_H
#define ENS_STATS_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"
#include "stats/visitor.h"

/* Bytes of a block; a step that is larger is a block by itself. */
#define ENS_PASS_BYTES ((size_t)1 << 20)

typedef struct ens_pass {
  ens_chain *chain; /* borrowed */
  uint64_t discard, thin;
  uint64_t ndraws; /* steps */
} ens_pass;

/* ENS_CONFIG, with what would be right, when no draw is left or thin is 0. */
ens_status ens_pass_init(ens_pass *pass, ens_chain *chain, uint64_t discard, uint64_t thin, ens_error *error);

/* One pass for the visitors that are not done. */
ens_status ens_pass_once(const ens_pass *pass, ens_visitor *const *visitors, size_t nvisitors, ens_error *error);

/* Passes until every visitor is done. */
ens_status ens_pass_run(const ens_pass *pass, ens_visitor *const *visitors, size_t nvisitors, ens_error *error);

/* Steps of `bytes` each that make a block: at least 1. */
size_t ens_pass_block(size_t bytes);

#endif
