/* The type of a blob in the table blob_def, in numpy's notation: a dtype, and the shape of one walker's value. "<f8"
 * and "" is a number, "<f8" and "5" a vector, "|S16" and "" a text of at most 16 bytes, padded with NULs. */
#ifndef ENS_STORE_FORMAT_BLOB_TYPE_H
#define ENS_STORE_FORMAT_BLOB_TYPE_H

#include "core/model/blob.h"

enum { ENS_BLOB_TYPE_BYTES = 24 };

void ens_blob_type_write(const ens_blob_def *def, char dtype[ENS_BLOB_TYPE_BYTES], char shape[ENS_BLOB_TYPE_BYTES]);
/* Fills kind and length. False: the program has no such type. */
bool ens_blob_type_read(const char *dtype, const char *shape, ens_blob_def *out);

#endif
