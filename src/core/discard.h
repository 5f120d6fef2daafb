/* How many steps to leave out at the start of a chain when nobody says. */
#ifndef ENS_CORE_DISCARD_H
#define ENS_CORE_DISCARD_H

#include <stdint.h>

#include "core/chain.h"
#include "core/status.h"

/* Five times the longest autocorrelation time of the chain's second half (where the start matters least), but not
 * beyond the middle. Walkers and parameters that never move there say nothing; 0 when none does. */
ens_status ens_discard_auto(ens_chain *chain, uint64_t *discard, ens_error *error);

#endif
