/* Reader of Python's literals, as far as the headers of .npy files use them: strings, integers, True and False, and
 * brackets. Knows nothing of their meaning. */
#ifndef ENS_DATA_LITERAL_H
#define ENS_DATA_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct ens_literal {
  const char *name, *text; /* the name of the file in messages; the whole text */
  size_t at, end;          /* the next byte, the end of the text, both from the file's start */
  bool latin1;             /* bytes above 127 in strings are Latin-1; else UTF-8 */
  ens_error *error;
} ens_literal;

/* Makes the error "name: byte 12: ..." for the byte `at`; returns ENS_CONFIG. */
ens_status ens_literal_complain(const ens_literal *literal, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Skips blanks and returns the next byte, or '\0' at the end. */
char ens_literal_peek(ens_literal *literal);
/* Skips `mark` if it comes next; false: it does not. */
bool ens_literal_skip(ens_literal *literal, char mark);
/* The same; if it does not come next, the error names the mark and its place. */
ens_status ens_literal_expect(ens_literal *literal, char mark, const char *where);
/* Takes a string in either kind of quotes, with Python's escapes, as UTF-8 without NUL. The caller frees it. */
ens_status ens_literal_string(ens_literal *literal, const char *what, char **out);
/* Takes an integer >= 0, and the L that Python 2 writes after it. */
ens_status ens_literal_count(ens_literal *literal, const char *what, size_t *out);
ens_status ens_literal_boolean(ens_literal *literal, const char *what, bool *out);
/* Takes a tuple of at most `most` integers: (), (3,), (3, 4); if `bare`, a single number too. */
ens_status ens_literal_tuple(ens_literal *literal, const char *what, bool bare, size_t most, size_t *out,
                             size_t *count);

#endif
