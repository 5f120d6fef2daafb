/* Converts text to double: correctly rounded, and the same in every locale. Knows nothing of files and tables. */
#ifndef ENS_DATA_TEXT_NUMBER_H
#define ENS_DATA_TEXT_NUMBER_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum ens_number_kind {
  ENS_NUMBER_VALUE,   /* a number; underflow rounds to a subnormal or zero */
  ENS_NUMBER_NONE,    /* not a number */
  ENS_NUMBER_TOO_BIG, /* a number beyond the largest double */
  ENS_NUMBER_MEMORY   /* no memory for a number of more than a hundred characters */
} ens_number_kind;

/* Reads all of text[length], which needs no NUL and must have no blanks. A number has digits, at most one point, an
 * exponent and a sign; or it is nan, inf or infinity, in upper or lower case. Hexadecimal is not a number. Borrows
 * `c_locale`, which is newlocale(LC_ALL_MASK, "C", 0). Sets `out` for ENS_NUMBER_VALUE only. */
ens_number_kind ens_number_parse(const char *text, size_t length, locale_t c_locale, double *out);
/* Whether the text is a number with a decimal comma, like 1,5: an error with a message of its own. */
bool ens_number_has_comma(const char *text, size_t length);

#endif
