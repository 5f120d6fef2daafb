/* A chain in memory, for runs without a store. It grows with each step that its sink receives. */
#ifndef ENS_CORE_MEMORY_CHAIN_H
#define ENS_CORE_MEMORY_CHAIN_H

#include <stddef.h>

#include "core/chain.h"
#include "core/sink.h"

typedef struct ens_memory_chain ens_memory_chain;

/* NULL: no memory, or sizes that do not fit into an address space. If memory runs out for a step, its sink returns
 * ENS_MEMORY and the steps before it stay. Destroying its chain destroys it. */
ens_memory_chain *ens_memory_chain_create(size_t nwalkers, size_t ndim, size_t ncells);
ens_chain *ens_memory_chain_chain(ens_memory_chain *memory); /* borrowed */
ens_sink *ens_memory_chain_sink(ens_memory_chain *memory);   /* borrowed */
void ens_memory_chain_reset(ens_memory_chain *memory);       /* forgets every step */
void ens_memory_chain_destroy(ens_memory_chain *memory);     /* NULL is fine */

#endif
