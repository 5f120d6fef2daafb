/* Blobs between Lua's values and rows of cells (core/model/blob.h). */
#ifndef ENS_SCRIPT_VALUE_BLOB_H
#define ENS_SCRIPT_VALUE_BLOB_H

#include "core/model/blob.h"
#include "script/state/compat.h"

/* The value at `index` into its cells of the row: a number, a list or an array of numbers, a string. False: it is not
 * what was declared, and `what` says so. Allocates nothing. */
bool ens_blob_take(lua_State *L, int index, const ens_blob_def *def, double *row, char *what, size_t size);

/* Pushes the text of a row. */
void ens_blob_push_text(lua_State *L, const ens_blob_def *def, const double *row);
/* Pushes a table of the blobs of n rows by name: an array [n], [n][length] of a vector, a list of n strings. nil where
 * there are no blobs. */
void ens_blob_push_all(lua_State *L, const ens_blobs *blobs, const double *rows, size_t n);

#endif
