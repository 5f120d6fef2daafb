/* A reader of Python's literals, as far as the headers of .npy files have them: strings, whole numbers, True and False,
 * and the brackets around them. Must not know what they mean. */
#ifndef ENS_DATA_LITERAL_H
#define ENS_DATA_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct ens_literal {
  const char *name, *text; /* how messages call the file; all of it */
  size_t at, end;          /* the next byte, the end of the text, both from the file's start */
  bool latin1;             /* bytes above 127 in strings are Latin-1; else UTF-8 */
  ens_error *error;
} ens_literal;

/* "name: byte 12: ..." of the place `at`; returns ENS_CONFIG. */
ens_status ens_literal_complain(const ens_literal *literal, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Steps over blanks; the byte that comes then, or '\0' at the end. */
char ens_literal_peek(ens_literal *literal);
/* Steps over `mark` if it comes next. */
bool ens_literal_skip(ens_literal *literal, char mark);
/* The same, or a complaint that names it and what it belongs to. */
ens_status ens_literal_expect(ens_literal *literal, char mark, const char *where);
/* A string in either kind of quotes, with Python's escapes, as UTF-8 without NUL; the caller frees. */
ens_status ens_literal_string(ens_literal *literal, const char *what, char **out);
/* A whole number from 0 on; Python 2's L after it is taken. */
ens_status ens_literal_count(ens_literal *literal, const char *what, size_t *out);
ens_status ens_literal_boolean(ens_literal *literal, const char *what, bool *out);
/* A tuple of at most `most` whole numbers: (), (3,), (3, 4); or, where `bare`, a number alone. */
ens_status ens_literal_tuple(ens_literal *literal, const char *what, bool bare, size_t most, size_t *out,
                             size_t *count);

#endif
