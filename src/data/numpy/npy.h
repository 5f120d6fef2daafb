/* Reader of numpy's .npy files: all types of numbers, and both orders of bytes and of axes. */
#ifndef ENS_DATA_NUMPY_NPY_H
#define ENS_DATA_NUMPY_NPY_H

#include <stdbool.h>

#include "base/error.h"
#include "data/content.h"
#include "data/node.h"

/* Reads the array with its shape. An array without axes becomes a number; an array of a structured type becomes a table
 * of columns, and skips columns that are not numbers. Doubles in this machine's byte order are used where they are in
 * the file, columns too, if they are aligned; other numbers are converted once. `out` is overwritten; after an error it
 * is empty. Errors begin with "path: byte N: ", from 0. ENS_IO; ENS_CONFIG for a bad file; ENS_MEMORY. */
ens_status ens_npy_read(const char *path, ens_node *out, ens_error *error);
/* A .npy file inside a content, which its arrays may retain. */
typedef struct ens_npy_part {
  const char *name; /* in messages */
  ens_content *content;
  size_t begin, size; /* bytes */
} ens_npy_part;
/* Reads a part into a node that has a name already. If it is not numbers, the node is skipped with a reason. After an
 * error, `out` has only its name. */
ens_status ens_npy_read_part(const ens_npy_part *part, ens_node *out, ens_error *error);
/* Whether the bytes begin like a .npy file. */
bool ens_npy_begins(const unsigned char *bytes, size_t size);

#endif
