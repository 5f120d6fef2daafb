/* Finds out the delimiter of a text table from its first lines. Knows nothing of files and names. */
#ifndef ENS_DATA_TEXT_DIALECT_H
#define ENS_DATA_TEXT_DIALECT_H

#include <locale.h>
#include <stddef.h>

enum { ENS_DIALECT_LINES = 32, ENS_DIALECT_DELIMITERS = 5 };

/* Counts of the fields that each delimiter would give in the lines so far. Begins as {0}. */
typedef struct ens_dialect {
  size_t nlines;
  size_t nfields[ENS_DIALECT_DELIMITERS][ENS_DIALECT_LINES];
  size_t nnumbers[ENS_DIALECT_DELIMITERS], ntotal[ENS_DIALECT_DELIMITERS];
} ens_dialect;

/* Counts the fields of a line that is not blank. Ignores lines after the first ENS_DIALECT_LINES. */
void ens_dialect_see(ens_dialect *dialect, const char *text, size_t length, char comment, locale_t c_locale);
/* The delimiter that splits the most lines into the same number of fields, more than one. Among equals, the delimiter
 * with the larger share of numbers wins; numbers with a decimal comma count too, so that a message can mention them. A
 * comma if no delimiter splits lines: then there is one column. */
char ens_dialect_delimiter(const ens_dialect *dialect);

#endif
