/* Writes arrays and trees into bundles for other processes of a job, and reads them (base/bundle.h). */
#ifndef ENS_DATA_PACK_H
#define ENS_DATA_PACK_H

#include "base/bundle.h"
#include "data/array.h"
#include "data/tree.h"

/* Lends a large array to the bundle as a part. */
void ens_pack_array(const ens_array *array, ens_bundle *out);
/* The array borrows the bundle's parts. NULL: no memory. */
ens_array *ens_pack_take_array(ens_bundle *bundle);

void ens_pack_tree(const ens_tree *tree, ens_bundle *out); /* NULL stays NULL */
/* NULL for a tree that was NULL; also without memory, and then the bundle's `failed` is set. */
ens_tree *ens_pack_take_tree(ens_bundle *bundle);

#endif
