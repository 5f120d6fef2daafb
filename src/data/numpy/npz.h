/* Reader of numpy's .npz files: zip archives of arrays, stored or deflated. */
#ifndef ENS_DATA_NUMPY_NPZ_H
#define ENS_DATA_NUMPY_NPZ_H

#include "base/error.h"
#include "data/node.h"

/* Reads the archive as a table of its arrays, named without ".npy"; each is read as by ens_npy_read. A stored array
 * that is aligned is used where it is in the file; a deflated array is unpacked once. Members that are not arrays of
 * numbers are skipped. The size and the CRC of every member are checked. `out` is overwritten; after an error it is
 * empty. Errors begin with "path: byte N: " or "path: member: byte N: ". ENS_IO; ENS_CONFIG for a bad file; ENS_MEMORY.
 */
ens_status ens_npz_read(const char *path, ens_node *out, ens_error *error);

#endif
