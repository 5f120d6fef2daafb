/* Splits a line of a text table into fields. Knows nothing of files, names and numbers. */
#ifndef ENS_DATA_TEXT_FIELDS_H
#define ENS_DATA_TEXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ens_field {
  const char *text; /* in the line, without surrounding blanks and quotes; doubled quotes stay doubled */
  size_t length;
  size_t column; /* the byte of the line where it starts, from 1, with its quote */
  bool quoted;
} ens_field;

typedef struct ens_fields {
  const char *text;
  size_t length, at;
  char delimiter, comment;
  bool more;
  const char *problem; /* the error in the line; NULL: none */
} ens_fields;

/* Borrows the text. The delimiter ' ' stands for any run of spaces and tabs; then there are no empty fields. */
ens_fields ens_fields_of(const char *text, size_t length, char delimiter, char comment);
/* False at the end of the line, and if quotes are wrong; then `problem` is set, and field->column is the place. */
bool ens_fields_next(ens_fields *fields, ens_field *field);

/* Whether the line has only blanks and a comment. */
bool ens_fields_is_blank(const char *text, size_t length, char comment);

#endif
