/* The header of a .npy file: the version, then a Python dictionary with type, order and shape. The format is numpy's
 * "NEP 1" with its later versions 2.0 (long headers) and 3.0 (UTF-8). Knows nothing of arrays. */
#ifndef ENS_DATA_NUMPY_NPY_HEADER_H
#define ENS_DATA_NUMPY_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/array.h"
#include "data/dtype.h"

/* A field of a structured type, or the one type of a plain array. */
typedef struct ens_npy_header_field {
  char *name;       /* UTF-8; "" for padding; NULL for a plain array */
  ens_dtype dtype;  /* not set if there is a reason */
  char reason[128]; /* if it is not numbers: "is text (U5), not numbers"; else "" */
  size_t offset;    /* in an element, bytes */
  size_t rank, shape[ENS_ARRAY_MAX_RANK];
} ens_npy_header_field;

/* Zero-initialised, it is empty. */
typedef struct ens_npy_header {
  size_t begin;    /* of the numbers, bytes from the start */
  size_t itemsize; /* bytes of an element, all fields */
  size_t type_at;  /* the byte where the type begins, for messages */
  bool objects;    /* it contains Python objects, whose layout only Python knows */
  bool structured; /* the fields are columns */
  bool fortran;    /* the first axis runs fastest */
  size_t rank, shape[ENS_ARRAY_MAX_RANK];
  ens_npy_header_field *field;
  size_t nfields;
} ens_npy_header;

/* Reads the header of bytes[size]. Errors begin with "name: byte 12: ", bytes from 0: ENS_CONFIG, ENS_MEMORY. Checks
 * that the declarations agree with each other and with `size`: the file has exactly the bytes that the shape needs, and
 * every product of extents can be addressed. */
ens_status ens_npy_header_read(const char *name, const unsigned char *bytes, size_t size, ens_npy_header *out,
                               ens_error *error);
void ens_npy_header_free(ens_npy_header *header);

#endif
