/* One line of a text table as fields. Must not know of files, names or numbers. */
#ifndef ENS_DATA_TEXT_FIELDS_H
#define ENS_DATA_TEXT_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ens_field {
  const char *text; /* in the line, blanks around it and its quotes left out; doubled quotes are still doubled */
  size_t length;
  size_t column; /* byte of the line where it starts, from 1; an opening quote counts */
  bool quoted;
} ens_field;

typedef struct ens_fields {
  const char *text;
  size_t length, at;
  char delimiter, comment;
  bool more;
  const char *problem; /* what is wrong with the line; NULL: nothing */
} ens_fields;

/* Borrows the text. The delimiter ' ' is any run of spaces and tabs; then there are no empty fields. */
ens_fields ens_fields_of(const char *text, size_t length, char delimiter, char comment);
/* false at the line's end, or with `problem` set where quotes are wrong; field->column is the place then too. */
bool ens_fields_next(ens_fields *fields, ens_field *field);

/* The line has nothing on it but blanks and a comment. */
bool ens_fields_is_blank(const char *text, size_t length, char comment);

#endif
