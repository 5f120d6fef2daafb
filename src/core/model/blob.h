/* Blobs: the values that a model returns beside log_prob. They are numbers, vectors of fixed length and texts, each
 * with a name. The blobs of an evaluation are one row of cells of eight bytes. A number takes one cell, a vector one
 * per element, and a text as many as its greatest length needs. Code that keeps or copies rows copies cells and need
 * not know their meaning. */
#ifndef ENS_CORE_MODEL_BLOB_H
#define ENS_CORE_MODEL_BLOB_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ens_blob_kind { ENS_BLOB_NUMBER, ENS_BLOB_VECTOR, ENS_BLOB_TEXT } ens_blob_kind;

/* The greatest length of a blob; a store could not hold rows of longer ones. */
#define ENS_BLOB_MOST ((size_t)1 << 24)

typedef struct ens_blob_def {
  char *name;
  ens_blob_kind kind;
  size_t length; /* elements of a vector, greatest number of bytes of a text, 1 for a number */
  size_t first;  /* its first cell in a row */
} ens_blob_def;

typedef struct ens_blobs {
  size_t count;
  size_t ncells;     /* of a row */
  ens_blob_def *def; /* [count] */
} ens_blobs;

static inline size_t ens_blob_cells(const ens_blob_def *def) {
  return def->kind == ENS_BLOB_TEXT ? (def->length + 7) / 8 : def->length;
}

/* Appends a blob and copies its name. False: no memory, and nothing has changed. */
bool ens_blobs_add(ens_blobs *blobs, const char *name, ens_blob_kind kind, size_t length);
bool ens_blobs_copy(ens_blobs *to, const ens_blobs *from); /* `to` must be empty; false: no memory, `to` stays empty */
void ens_blobs_free(ens_blobs *blobs);
bool ens_blobs_are_equal(const ens_blobs *a, const ens_blobs *b); /* names, kinds and lengths, in order */

/* Fills a row with NaN and empty texts, for a point that is rejected without an evaluation. */
void ens_blobs_blank(const ens_blobs *blobs, double *row);
/* Writes a text of at most def->length bytes, without NUL, into its cells of a row and fills the rest with NUL. Cells
 * are little-endian words, so that a file of little-endian cells has the bytes in order on any machine. */
void ens_blob_put_text(const ens_blob_def *def, double *row, const char *text, size_t size);
/* Copies the text from a row to text[def->length], without a NUL. Returns its size. */
size_t ens_blob_get_text(const ens_blob_def *def, const double *row, char *text);

#endif
