/* Text to double: exactly rounded, the same in every locale. Must not know of files or tables. */
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

/* Reads all of text[length], which need not end in NUL and may not have blanks: digits with one point, an exponent and
 * a sign, or nan, inf, infinity in any case. Hexadecimal is not taken. `c_locale` is newlocale(LC_ALL_MASK, "C", 0),
 * borrowed. `out` is set for ENS_NUMBER_VALUE only. */
ens_number_kind ens_number_parse(const char *text, size_t length, locale_t c_locale, double *out);
/* A decimal number in the writing of other languages, 1,5: not taken, but worth a message of its own. */
bool ens_number_has_comma(const char *text, size_t length);

#endif
