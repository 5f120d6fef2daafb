/* Reader of numpy's .npy files: every type of numbers, either order of bytes and of axes. */
#ifndef ENS_DATA_NUMPY_NPY_H
#define ENS_DATA_NUMPY_NPY_H

#include <stdbool.h>

#include "base/error.h"
#include "data/content.h"
#include "data/node.h"

/* The file's array with the shape that numpy gives it, a number where it has no axes, a table of columns where its type
 * is structured (columns that are no numbers are left out). Doubles of this machine's byte order lie where the file's
 * bytes are, also those of columns, if their addresses are even enough; the rest is converted once.
 * `out` is filled anew; on failure it is empty. Errors name "path: byte N: ", from 0. ENS_IO, ENS_CONFIG for a bad
 * file, ENS_MEMORY. */
ens_status ens_npy_read(const char *path, ens_node *out, ens_error *error);
/* The same of a part of a content, which arrays may go on to hold; `name` is the file's in messages, and `out` has a
 * name already. What is no numbers is left out, not refused. On failure `out` keeps its name only. */
ens_status ens_npy_read_part(const char *name, ens_content *content, size_t begin, size_t size, ens_node *out,
                             ens_error *error);
/* The bytes begin as a .npy file does. */
bool ens_npy_begins(const unsigned char *bytes, size_t size);

#endif
