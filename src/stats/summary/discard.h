/* The automatic choice of the steps to leave out at the start of a chain. */
#ifndef ENS_STATS_SUMMARY_DISCARD_H
#define ENS_STATS_SUMMARY_DISCARD_H

#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"

/* Sets *discard by the second half of the chain, where the start matters least. It leaves out all steps until every
 * walker has arrived: until its log_prob has once been above the highest value of the second half less twice the range
 * of that half. Then it leaves out five times the longest autocorrelation time of that half, but never more than the
 * first half of the chain. tau alone is not enough: of walkers that start far off, a few may arrive long after five
 * tau. Walkers and parameters that never move in the second half are ignored for tau, and values of -inf for the range.
 */
ens_status ens_discard_auto(ens_chain *chain, uint64_t *discard, ens_error *error);

#endif
