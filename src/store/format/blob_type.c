/* Writes and reads the two texts; an unknown text is an error. */
#include "store/format/blob_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ens_blob_type_write(const ens_blob_def *def, char dtype[ENS_BLOB_TYPE_BYTES], char shape[ENS_BLOB_TYPE_BYTES]) {
  snprintf(dtype, ENS_BLOB_TYPE_BYTES, "<f8");
  *shape = '\0';
  if (def->kind == ENS_BLOB_TEXT) snprintf(dtype, ENS_BLOB_TYPE_BYTES, "|S%zu", def->length);
  if (def->kind == ENS_BLOB_VECTOR) snprintf(shape, ENS_BLOB_TYPE_BYTES, "%zu", def->length);
}

/* Digits only: a number from 1 to ENS_BLOB_MOST. */
static bool read_length(const char *digits, size_t *out) {
  size_t n = strspn(digits, "0123456789");
  if (n == 0 || n > 9 || digits[n]) return false;
  *out = (size_t)strtoul(digits, NULL, 10);
  return *out >= 1 && *out <= ENS_BLOB_MOST;
}

bool ens_blob_type_read(const char *dtype, const char *shape, ens_blob_def *out) {
  *out = (ens_blob_def){.kind = ENS_BLOB_NUMBER, .length = 1};
  if (strncmp(dtype, "|S", 2) == 0) {
    out->kind = ENS_BLOB_TEXT;
    return !*shape && read_length(dtype + 2, &out->length);
  }
  if (strcmp(dtype, "<f8") != 0) return false;
  if (!*shape) return true;
  out->kind = ENS_BLOB_VECTOR;
  return read_length(shape, &out->length);
}
