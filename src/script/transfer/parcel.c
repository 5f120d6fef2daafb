/* Growing arrays of bytes, of arrays and of the places of addresses. */
#include "script/transfer/parcel.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void ens_parcel_free(ens_parcel *parcel) {
  for (size_t i = 0; i < parcel->narrays; i++) ens_array_release(parcel->array[i]);
  free(parcel->array);
  free(parcel->address);
  free(parcel->bytes);
  *parcel = (ens_parcel){0};
}

bool ens_parcel_put(ens_parcel *parcel, const void *bytes, size_t size) {
  if (size > parcel->capacity - parcel->size) {
    size_t capacity = parcel->capacity * 2 + size + 256;
    char *grown = realloc(parcel->bytes, capacity);
    if (!grown) return false;
    parcel->bytes = grown;
    parcel->capacity = capacity;
  }
  memcpy(parcel->bytes + parcel->size, bytes, size);
  parcel->size += size;
  return true;
}

static bool grow_arrays(ens_parcel *parcel) {
  if (parcel->narrays < parcel->array_capacity) return true;
  size_t capacity = parcel->array_capacity * 2 + 8;
  ens_array **grown = realloc(parcel->array, capacity * sizeof *grown);
  if (!grown) return false;
  parcel->array = grown;
  parcel->array_capacity = capacity;
  return true;
}

bool ens_parcel_put_array(ens_parcel *parcel, ens_array *array) {
  if (array && grow_arrays(parcel)) {
    parcel->array[parcel->narrays++] = array;
    return true;
  }
  ens_array_release(array);
  return false;
}

bool ens_parcel_put_address(ens_parcel *parcel, const void *address) {
  uint64_t number = (uint64_t)(uintptr_t)address;
  if (parcel->naddresses == parcel->address_capacity) {
    size_t capacity = parcel->address_capacity * 2 + 8;
    size_t *grown = realloc(parcel->address, capacity * sizeof *grown);
    if (!grown) return false;
    parcel->address = grown;
    parcel->address_capacity = capacity;
  }
  parcel->address[parcel->naddresses] = parcel->size;
  if (!ens_parcel_put(parcel, &number, sizeof number)) return false;
  parcel->naddresses++;
  return true;
}

void ens_parcel_cut(ens_parcel *parcel, size_t size, size_t narrays) {
  parcel->size = size;
  while (parcel->naddresses && parcel->address[parcel->naddresses - 1] >= size) parcel->naddresses--;
  while (parcel->narrays > narrays) ens_array_release(parcel->array[--parcel->narrays]);
}
