#include "script/model/fingerprint.h"

#include <stdio.h>
#include <zlib.h>

/* Sizes and CRCs: enough to find accidental changes, not attacks. Arrays of several axes count with their shape. */
void ens_fingerprint(char out[64], const void *bytes, size_t size, const ens_parcel *arrays) {
  uLong sum = crc32_z(0, bytes, size);
  size_t total = size;
  for (size_t i = 0; arrays && i < arrays->narrays; i++) {
    const ens_array *array = arrays->array[i];
    if (array->rank > 1) sum = crc32_z(sum, (const Bytef *)array->shape, array->rank * sizeof *array->shape);
    sum = ens_array_crc32(array, sum);
    total += ens_array_size(array) * sizeof(double);
  }
  snprintf(out, 64, "crc32:%08lx:%zu", (unsigned long)sum, total);
}

ens_status ens_fingerprint_data(lua_State *L, int index, char out[64], ens_parcel *data, ens_error *error) {
  ENS_STACK(L, -0, +0);
  *data = (ens_parcel){0};
  ens_status status = ENS_OK;
  if (!lua_isnoneornil(L, index)) status = ens_transfer_encode_data(L, index, "data", data, error);
  if (!status) ens_fingerprint(out, data->bytes ? data->bytes : "", data->size, data);
  return status;
}
