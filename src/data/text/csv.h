/* Reader of numeric tables in text files: CSV and its relatives. Independent of the locale. */
#ifndef ENS_DATA_TEXT_CSV_H
#define ENS_DATA_TEXT_CSV_H

#include "base/error.h"
#include "data/text/frame.h"

typedef struct ens_csv_options {
  char delimiter; /* 0: found out among , ; tab | and white space */
  char comment;   /* outside quotes, it and the rest of its line are skipped; 0: '#' */
  int header;     /* 1: the first line has names; 0: it has numbers, and the names are c1, c2, ...; -1: found out */
} ens_csv_options;

/* Reads a table with at least one row. Lines end in LF, CRLF or CR; blank lines and comments are skipped. A field may
 * be quoted, on one line; a quote inside it is doubled. A number has a decimal point in every locale. nan, inf and
 * infinity are numbers, in upper or lower case; an empty field is an error. The first line is a header if it has a
 * field that is neither a number nor a mark of a missing value (NA, null, ...). `options` NULL: everything is found
 * out. `out` is overwritten; after an error it is empty. Errors begin with "path:line:column: ", the line and the byte
 * column of the field, both from 1; they show the field and what to write instead. ENS_IO: the file cannot be read.
 * ENS_CONFIG: its contents are wrong. ENS_MEMORY. */
ens_status ens_csv_read(const char *path, const ens_csv_options *options, ens_frame *out, ens_error *error);

#endif
