/* Finds one field at a time: blanks, an optional pair of quotes, the delimiter. Nothing is copied. */
#include "data/text/fields.h"

ens_fields ens_fields_of(const char *text, size_t length, char delimiter, char comment) {
  return (ens_fields){.text = text, .length = length, .delimiter = delimiter, .comment = comment, .more = true};
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

static bool at_end(const ens_fields *fields) {
  return fields->at == fields->length || fields->text[fields->at] == fields->comment;
}

static bool at_delimiter(const ens_fields *fields) {
  if (fields->at == fields->length) return false;
  char c = fields->text[fields->at];
  return fields->delimiter == ' ' ? is_blank(c) : c == fields->delimiter;
}

/* Skips blanks, except a tab that is the delimiter. */
static void skip_blanks(ens_fields *fields) {
  while (fields->at < fields->length && is_blank(fields->text[fields->at]) &&
         fields->text[fields->at] != fields->delimiter) {
    fields->at++;
  }
}

static void skip_white_space(ens_fields *fields) {
  while (fields->at < fields->length && is_blank(fields->text[fields->at])) fields->at++;
}

static bool take_plain(ens_fields *fields, ens_field *field) {
  size_t start = fields->at;
  while (!at_end(fields) && !at_delimiter(fields)) fields->at++;
  size_t end = fields->at;
  while (end > start && is_blank(fields->text[end - 1])) end--;
  field->text = fields->text + start;
  field->length = end - start;
  return true;
}

/* The place of the closing quote of the field, or the length of the line. */
static size_t closing_quote(const ens_fields *fields) {
  size_t at = fields->at + 1;
  for (; at < fields->length; at++) {
    if (fields->text[at] != '"') continue;
    if (at + 1 == fields->length || fields->text[at + 1] != '"') return at;
    at++;
  }
  return fields->length;
}

static bool take_quoted(ens_fields *fields, ens_field *field) {
  size_t start = fields->at + 1, end = closing_quote(fields);
  if (end == fields->length) {
    fields->problem = "this quote is not closed on the same line";
    return false;
  }
  field->text = fields->text + start;
  field->length = end - start;
  field->quoted = true;
  fields->at = end + 1;
  if (fields->delimiter != ' ') skip_blanks(fields);
  if (at_end(fields) || at_delimiter(fields)) return true;
  field->column = fields->at + 1;
  fields->problem = "there is text after a closing quote (a quote inside a quoted field is written twice)";
  return false;
}

bool ens_fields_next(ens_fields *fields, ens_field *field) {
  if (!fields->more) return false;
  if (fields->delimiter == ' ') {
    skip_white_space(fields);
    if (at_end(fields)) return fields->more = false;
  } else {
    skip_blanks(fields);
  }
  *field = (ens_field){.column = fields->at + 1};
  bool quoted = fields->at < fields->length && fields->text[fields->at] == '"';
  bool taken = quoted ? take_quoted(fields, field) : take_plain(fields, field);
  fields->more = taken && at_delimiter(fields);
  if (fields->more) fields->at++;
  return taken;
}

bool ens_fields_is_blank(const char *text, size_t length, char comment) {
  size_t at = 0;
  while (at < length && is_blank(text[at])) at++;
  return at == length || text[at] == comment;
}
