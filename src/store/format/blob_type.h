/* How blob_def names what a blob is, in numpy's words: a dtype, and the shape of one walker's value. "<f8" and "" is a
 * number, "<f8" and "5" a vector, "|S16" and "" a text of at most 16 bytes, padded with NULs. */
#ifndef ENS_STORE_FORMAT_BLOB_TYPE_H
#define ENS_STORE_FORMAT_BLOB_TYPE_H

#include "core/model/blob.h"

enum { ENS_BLOB_TYPE_BYTES = 24 };

void ens_blob_type_write(const ens_blob_def *def, char dtype[ENS_BLOB_TYPE_BYTES], char shape[ENS_BLOB_TYPE_BYTES]);
/* Fills kind and length. False: no type of ours. */
bool ens_blob_type_read(const char *dtype, const char *shape, ens_blob_def *out);

#endif
