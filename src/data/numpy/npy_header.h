/* What stands before the numbers of a .npy file: the version, then a Python dictionary with type, order and shape.
 * Format: numpy's "NEP 1" and its later versions 2.0 (long headers) and 3.0 (UTF-8). Must not know of arrays. */
#ifndef ENS_DATA_NUMPY_NPY_HEADER_H
#define ENS_DATA_NUMPY_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/array.h"
#include "data/dtype.h"

/* A field of a structured type, or the one type of a plain array. */
typedef struct ens_npy_field {
  char *name;       /* UTF-8; "" for padding; NULL for a plain array */
  ens_dtype dtype;  /* unless there is a reason */
  char reason[128]; /* why these are no numbers, "is text (U5), not numbers"; "": they are */
  size_t offset;    /* in an element, bytes */
  size_t rank, shape[ENS_ARRAY_MAX_RANK];
} ens_npy_field;

/* Zero-initialised: empty. */
typedef struct ens_npy_header {
  size_t begin;    /* of the numbers, bytes from the start */
  size_t itemsize; /* bytes of an element, all fields */
  size_t type_at;  /* where the type stands, for messages */
  bool objects;    /* there are Python objects in it: where what is, only Python knows */
  bool structured; /* the fields are columns */
  bool fortran;    /* the first axis runs fastest */
  size_t rank, shape[ENS_ARRAY_MAX_RANK];
  ens_npy_field *field;
  size_t nfields;
} ens_npy_header;

/* Reads the header of bytes[size]. `name` is how messages call the file: "name: byte 12: ...", bytes from 0 on.
 * ENS_CONFIG, ENS_MEMORY. Everything that it declares is checked against each other and against `size`: there are as
 * many bytes as the shape needs, no more, and every product of extents fits in memory's addresses. */
ens_status ens_npy_header_read(const char *name, const unsigned char *bytes, size_t size, ens_npy_header *out,
                               ens_error *error);
void ens_npy_header_free(ens_npy_header *header);

#endif
