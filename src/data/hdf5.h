/* Reader of HDF5 files. If the program was built without HDF5, the reader returns an error. */
#ifndef ENS_DATA_HDF5_H
#define ENS_DATA_HDF5_H

#include <stdbool.h>

#include "base/error.h"
#include "data/node.h"

/* Reads the dataset with that path ("chain/x" or "/chain/x") and its extents. A scalar dataset becomes a number, a
 * dataset of a compound type a table of its fields. A group becomes a table of all datasets below it, by their paths
 * from it. Elements may be of any integer or floating-point type, enumerations (h5py's booleans), or arrays of these,
 * which add axes. A table skips datasets that are not numeric, or that need a filter which is not installed. If there
 * is no such name, or name is NULL, `*found` is false, and `out` is a table of the names of all datasets, each skipped
 * with a reason ("is a dataset"). `out` is overwritten; after an error it is empty. ENS_IO; ENS_CONFIG for a bad file;
 * ENS_MEMORY. */
ens_status ens_hdf5_read(const char *path, const char *name, bool *found, ens_node *out, ens_error *error);

#endif
