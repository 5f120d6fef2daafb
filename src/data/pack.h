/* Arrays and trees as bytes and parts, for other processes of a job; see base/bundle.h. */
#ifndef ENS_DATA_PACK_H
#define ENS_DATA_PACK_H

#include "base/bundle.h"
#include "data/array.h"
#include "data/tree.h"

/* A large array is lent to the bundle as a part. */
void ens_array_pack(const ens_array *array, ens_bundle *out);
/* It borrows the bundle's parts. NULL: no memory. */
ens_array *ens_array_unpack(ens_bundle *bundle);

void ens_tree_pack(const ens_tree *tree, ens_bundle *out); /* NULL stays NULL */
ens_tree *ens_tree_unpack(ens_bundle *bundle); /* likewise; without memory too, then the bundle has failed */

#endif
