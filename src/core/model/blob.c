/* Declarations of blobs first, then rows of cells: blank rows and texts within their cells. */
#include "core/model/blob.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool ens_blobs_add(ens_blobs *blobs, const char *name, ens_blob_kind kind, size_t length) {
  ens_blob_def *grown = realloc(blobs->def, (blobs->count + 1) * sizeof *grown);
  char *copy = strdup(name);
  if (grown) blobs->def = grown;
  if (!grown || !copy) {
    free(copy);
    return false;
  }
  ens_blob_def *def = &grown[blobs->count++];
  *def = (ens_blob_def){copy, kind, length, blobs->ncells};
  blobs->ncells += ens_blob_cells(def);
  return true;
}

bool ens_blobs_copy(ens_blobs *to, const ens_blobs *from) {
  *to = (ens_blobs){0};
  for (size_t i = 0; i < from->count; i++) {
    const ens_blob_def *def = &from->def[i];
    if (ens_blobs_add(to, def->name, def->kind, def->length)) continue;
    ens_blobs_free(to);
    return false;
  }
  return true;
}

void ens_blobs_free(ens_blobs *blobs) {
  for (size_t i = 0; i < blobs->count; i++) free(blobs->def[i].name);
  free(blobs->def);
  *blobs = (ens_blobs){0};
}

bool ens_blobs_are_equal(const ens_blobs *a, const ens_blobs *b) {
  bool same = a->count == b->count;
  for (size_t i = 0; same && i < a->count; i++)
    same = a->def[i].kind == b->def[i].kind && a->def[i].length == b->def[i].length &&
           strcmp(a->def[i].name, b->def[i].name) == 0;
  return same;
}

void ens_blobs_blank(const ens_blobs *blobs, double *row) {
  for (size_t i = 0; i < blobs->count; i++) {
    const ens_blob_def *def = &blobs->def[i];
    if (def->kind == ENS_BLOB_TEXT) {
      ens_blob_put_text(def, row, "", 0);
      continue;
    }
    for (size_t c = 0; c < def->length; c++) row[def->first + c] = NAN;
  }
}

void ens_blob_put_text(const ens_blob_def *def, double *row, const char *text, size_t size) {
  for (size_t c = 0; c < ens_blob_cells(def); c++) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8 && 8 * c + i < size; i++) word |= (uint64_t)(unsigned char)text[8 * c + i] << 8 * i;
    memcpy(row + def->first + c, &word, sizeof word);
  }
}

size_t ens_blob_get_text(const ens_blob_def *def, const double *row, char *text) {
  for (size_t i = 0; i < def->length; i++) {
    uint64_t word;
    memcpy(&word, row + def->first + i / 8, sizeof word);
    text[i] = (char)(unsigned char)(word >> 8 * (i % 8));
    if (!text[i]) return i;
  }
  return def->length;
}
