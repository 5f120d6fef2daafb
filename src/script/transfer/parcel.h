/* Encoded values: bytes, and the arrays that they refer to. */
#ifndef ENS_SCRIPT_TRANSFER_PARCEL_H
#define ENS_SCRIPT_TRANSFER_PARCEL_H

#include <stdbool.h>
#include <stddef.h>

#include "data/array.h"

/* Read-only once encoded: any number of threads may decode it at a time. */
typedef struct ens_parcel {
  char *bytes;
  size_t size, capacity;
  ens_array **array; /* owned handles */
  size_t narrays, array_capacity;
  size_t *address; /* offsets in the bytes of addresses of C functions, which hold for this process only */
  size_t naddresses, address_capacity;
} ens_parcel;

void ens_parcel_free(ens_parcel *parcel);

/* Append; false: no memory. */
bool ens_parcel_put(ens_parcel *parcel, const void *bytes, size_t size);
bool ens_parcel_put_array(ens_parcel *parcel, ens_array *array); /* takes the handle (NULL: no memory), also on false */
bool ens_parcel_put_address(ens_parcel *parcel, const void *address); /* 8 bytes, and notes where */

/* Shortens the parcel to this many bytes and arrays. */
void ens_parcel_cut(ens_parcel *parcel, size_t size, size_t narrays);

#endif
