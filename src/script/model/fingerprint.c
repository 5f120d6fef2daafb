/* The CRC-32 of the encoded bytes and their length, as text. */
#include "script/model/fingerprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "script/transfer/plain.h"

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

bool ens_fingerprint_elsewhere(char out[64], const ens_parcel *data) {
  char *bytes = data->size ? malloc(data->size) : NULL;
  if (bytes) memcpy(bytes, data->bytes, data->size);
  bool fine = bytes && ens_plain_swap_engine(bytes, data->size);
  if (fine) ens_fingerprint(out, bytes, data->size, data);
  free(bytes);
  return fine;
}

ens_status ens_fingerprint_data(lua_State *L, int index, char out[64], ens_parcel *data, ens_error *error) {
  ENS_STACK(L, -0, +0);
  *data = (ens_parcel){0};
  ens_status status = ENS_OK;
  if (!lua_isnoneornil(L, index)) status = ens_transfer_encode_data(L, index, "data", data, error);
  if (!status) ens_fingerprint(out, data->bytes ? data->bytes : "", data->size, data);
  return status;
}
