/* Arrays and trees as bytes and parts, for other processes of a job; see base/bundle.h. */
#ifndef ENS_DATA_PACK_H
#define ENS_DATA_PACK_H

#include "base/bundle.h"
#include "data/array.h"
#include "data/tree.h"

/* A large array is lent to the bundle as a part. */
void ens_pack_array(const ens_array *array, ens_bundle *out);
/* It borrows the bundle's parts. NULL: no memory. */
ens_array *ens_pack_take_array(ens_bundle *bundle);

void ens_pack_tree(const ens_tree *tree, ens_bundle *out); /* NULL stays NULL */
ens_tree *ens_pack_take_tree(ens_bundle *bundle); /* likewise; without memory too, then the bundle has failed */

#endif
