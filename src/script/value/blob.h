/* Blobs as Lua's values, and as cells of a row (core/model/blob.h). */
#ifndef ENS_SCRIPT_VALUE_BLOB_H
#define ENS_SCRIPT_VALUE_BLOB_H

#include "core/model/blob.h"
#include "script/state/compat.h"

/* Writes the value at `index` (a number, a list or array of numbers, or a string) into its cells of the row. False: the
 * value does not fit its declaration, and `what` (of `size` bytes) gets the message. Allocates nothing. */
bool ens_blob_take(lua_State *L, int index, const ens_blob_def *def, double *row, char *what, size_t size);

/* Pushes a text blob of one row. */
void ens_blob_push_text(lua_State *L, const ens_blob_def *def, const double *row);
/* Pushes a table from each blob's name to its values in n rows: an array [n] of numbers, an array [n][length] of
 * vectors, a list of n strings. Pushes nil if the model has no blobs. */
void ens_blob_push_all(lua_State *L, const ens_blobs *blobs, const double *rows, size_t n);

#endif
