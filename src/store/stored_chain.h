/* The steps of a store as a chain. */
#ifndef ENS_STORE_STORED_CHAIN_H
#define ENS_STORE_STORED_CHAIN_H

#include "core/chain.h"

/* The chain has the steps that are stored now; it does not see later ones. The caller owns it: chain->ops->destroy. One
 * thread at a time may use it. It keeps one decoded chunk in memory, and opens the file only to read a chunk, so that a
 * writer can close the store meanwhile. */
ens_status ens_stored_chain_open(const char *path, ens_chain **out, ens_error *error);

#endif
