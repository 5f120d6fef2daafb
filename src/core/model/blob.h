/* What a model gives beside log_prob: numbers, vectors of fixed length and texts, each with a name. A walker's blobs
 * are one row of cells of eight bytes: a number is one cell, a vector one an element, a text as many as its longest
 * form takes. Whoever keeps or moves rows copies cells and need not look into them. */
#ifndef ENS_CORE_MODEL_BLOB_H
#define ENS_CORE_MODEL_BLOB_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ens_blob_kind { ENS_BLOB_NUMBER, ENS_BLOB_VECTOR, ENS_BLOB_TEXT } ens_blob_kind;

/* No blob is longer: a row of them would not fit into a store. */
#define ENS_BLOB_MOST ((size_t)1 << 24)

typedef struct ens_blob_def {
  char *name;
  ens_blob_kind kind;
  size_t length; /* elements of a vector; the most bytes of a text; 1 for a number */
  size_t first;  /* its first cell in a row */
} ens_blob_def;

typedef struct ens_blobs {
  size_t count, ncells; /* ncells of a row */
  ens_blob_def *def;    /* [count] */
} ens_blobs;

static inline size_t ens_blob_cells(const ens_blob_def *def) {
  return def->kind == ENS_BLOB_TEXT ? (def->length + 7) / 8 : def->length;
}

/* Adds a blob behind the others; the name is copied. False: no memory, and nothing has changed. */
bool ens_blobs_add(ens_blobs *blobs, const char *name, ens_blob_kind kind, size_t length);
bool ens_blobs_copy(ens_blobs *to, const ens_blobs *from); /* `to` is empty before; false: no memory, it is again */
void ens_blobs_free(ens_blobs *blobs);
bool ens_blobs_are_equal(const ens_blobs *a, const ens_blobs *b); /* names, kinds and lengths, in their order */

/* What a refused point without blobs gets: NaN and empty texts. */
void ens_blobs_blank(const ens_blobs *blobs, double *row);
/* A text of at most def->length bytes, none of them NUL, into its cells in a row; what is left of them is NUL. Cells
 * are little-endian words, so that a file of little-endian cells has the bytes in their order on any machine. */
void ens_blob_put_text(const ens_blob_def *def, double *row, const char *text, size_t size);
/* Out of a row into text[def->length]; returns its size. */
size_t ens_blob_get_text(const ens_blob_def *def, const double *row, char *text);

#endif
