/* Which delimiter a text table uses, judged from its first lines. Must not know of files or names. */
#ifndef ENS_DATA_TEXT_DIALECT_H
#define ENS_DATA_TEXT_DIALECT_H

#include <locale.h>
#include <stddef.h>

enum { ENS_DIALECT_LINES = 32, ENS_DIALECT_DELIMITERS = 5 };

/* What each delimiter would make of the lines seen so far. Zero-initialised: none. */
typedef struct ens_dialect {
  size_t nlines;
  size_t nfields[ENS_DIALECT_DELIMITERS][ENS_DIALECT_LINES];
  size_t nnumbers[ENS_DIALECT_DELIMITERS], ntotal[ENS_DIALECT_DELIMITERS];
} ens_dialect;

/* Takes a line that is not blank into account; at most ENS_DIALECT_LINES of them. */
void ens_dialect_see(ens_dialect *dialect, const char *text, size_t length, char comment, locale_t c_locale);
/* The delimiter that cuts the most lines into the same number of fields, more than one; among equals the one that
 * leaves the larger part of the fields numbers, decimal commas allowed (so that the message about them can be given). A
 * comma when nothing cuts: then there is one column. */
char ens_dialect_delimiter(const ens_dialect *dialect);

#endif
