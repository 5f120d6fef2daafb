/* Reader of HDF5 files. A program that was built without HDF5 has it, too: it says so. */
#ifndef ENS_DATA_HDF5_H
#define ENS_DATA_HDF5_H

#include <stdbool.h>

#include "base/error.h"
#include "data/node.h"

/* The dataset of that path ("chain/x", "/chain/x") with the extents that HDF5 tells; a number where it is scalar, a
 * table of its fields where its type is compound; of a group a table of all datasets below it, by their paths from it.
 * Any type of whole and floating-point numbers and enumerations (h5py's booleans), arrays of them as further axes;
 * whatever the library unpacks. What is no numbers, or packed by a filter that is not installed, is left out of a
 * table. `*found` is false where there is no such name, or it is NULL: then `out` is a table of the names of all
 * datasets, each left out and why ("is a dataset"). `out` is filled anew; on failure it is empty. ENS_IO, ENS_CONFIG
 * for a bad file, ENS_MEMORY. */
ens_status ens_hdf5_read(const char *path, const char *name, bool *found, ens_node *out, ens_error *error);

#endif
