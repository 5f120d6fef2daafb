/* Reader of numeric text tables: CSV and its kin. Locale-independent. */
#ifndef ENS_DATA_TEXT_CSV_H
#define ENS_DATA_TEXT_CSV_H

#include <stddef.h>

#include "base/error.h"
#include "data/array.h"

/* A table of named columns of equal length. */
typedef struct ens_frame {
  size_t ncolumns, nrows;
  char **name;        /* [ncolumns] unique, never empty */
  ens_array **column; /* [ncolumns] rank 1 */
} ens_frame;

typedef struct ens_csv_options {
  char delimiter; /* 0: found out among , ; tab | and white space */
  char comment;   /* outside quotes, it and the rest of its line are skipped; 0: '#' */
  int header;     /* 1: the first line has names; 0: it has numbers, columns are c1, c2, ...; -1: found out */
} ens_csv_options;

/* Reads a table of numbers: lines end in LF, CRLF or CR; blank lines and comments are skipped; a field may be quoted,
 * with a quote in it doubled, on one line. A number has a decimal point in every locale; nan, inf and infinity are
 * numbers in any case; an empty field is none. A first line is a header when a field of it is neither a number nor a
 * mark of a missing value (NA, null, ...). A table has at least one row.
 * `options` NULL: everything found out. `out` is filled anew; on failure it is empty.
 * Errors name "path:line:column: " (1-based line of the file, 1-based byte column of the field), the field and what
 * would be right. ENS_IO for a file that cannot be read, ENS_CONFIG for one whose content is wrong, ENS_MEMORY. */
ens_status ens_csv_read(const char *path, const ens_csv_options *options, ens_frame *out, ens_error *error);
void ens_frame_free(ens_frame *frame); /* an empty or zeroed frame is fine; leaves it empty */

#endif
