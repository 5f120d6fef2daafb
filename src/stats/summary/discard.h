/* How many steps to leave out at the start of a chain when nobody says. */
#ifndef ENS_STATS_SUMMARY_DISCARD_H
#define ENS_STATS_SUMMARY_DISCARD_H

#include <stdint.h>

#include "base/error.h"
#include "core/chain.h"

/* The second half, where the start matters least, is the measure. Left out are the steps until every walker has come
 * where the second half is, that is, until each one's log_prob has once been within twice the range of the second half
 * below its highest; and then five times the longest autocorrelation time of that half, but nothing beyond the middle.
 * tau alone is not enough: of walkers that start far off a few may come in long after five tau. Walkers and parameters
 * that never move in the second half say nothing of tau, nor do log_probs of -inf of its range. */
ens_status ens_discard_auto(ens_chain *chain, uint64_t *discard, ens_error *error);

#endif
