/* Passes over the draws of a chain: the steps after `discard`, every thin-th of them as emcee selects them
 * (x[discard + thin - 1 :: thin]). They are read in blocks of about a MiB and shown to every visitor that still needs
 * them. */
#ifndef ENS_STATS_PASS_H
#define ENS_STATS_PASS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"
#include "stats/visitor.h"

/* Bytes of a block. A larger step is a block by itself. */
#define ENS_PASS_BYTES ((size_t)1 << 20)

typedef struct ens_pass {
  ens_chain *chain; /* borrowed */
  uint64_t discard, thin;
  uint64_t ndraws; /* steps that the visitors see */
} ens_pass;

/* ENS_CONFIG if thin is 0 or no draw is left; the message says what is allowed. */
ens_status ens_pass_init(ens_pass *pass, ens_chain *chain, uint64_t discard, uint64_t thin, ens_error *error);

/* One pass over all draws for the visitors that are not done. */
ens_status ens_pass_once(const ens_pass *pass, ens_visitor *const *visitors, size_t nvisitors, ens_error *error);

/* Repeats passes until every visitor is done. */
ens_status ens_pass_run(const ens_pass *pass, ens_visitor *const *visitors, size_t nvisitors, ens_error *error);

/* The number of steps of `bytes` each in a block: at least 1. */
size_t ens_pass_block(size_t bytes);

#endif
