/* Reader of numpy's .npz files: arrays by name in a zip archive, stored or deflated. */
#ifndef ENS_DATA_NUMPY_NPZ_H
#define ENS_DATA_NUMPY_NPZ_H

#include "base/error.h"
#include "data/node.h"

/* A table of the archive's arrays under their names without ".npy"; each as ens_npy_read gives it. A stored array lies
 * in the archive's bytes, if its address is even enough; a deflated one is unpacked once. Members that are no arrays of
 * numbers are left out. Every member's size and CRC is checked. `out` is filled anew; on failure it is empty.
 * Errors name "path: byte N: " or "path: member: byte N: ". ENS_IO, ENS_CONFIG for a bad file, ENS_MEMORY. */
ens_status ens_npz_read(const char *path, ens_node *out, ens_error *error);

#endif
