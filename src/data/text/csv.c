/* Reads the file in one pass: finds out delimiter and header from the first lines, then appends the fields of each line
 * to growing columns. */
#include "data/text/csv.h"

#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/excerpt.h"
#include "data/text/dialect.h"
#include "data/text/fields.h"
#include "data/text/lines.h"
#include "data/text/number.h"

typedef struct column {
  char *name;
  double *value;
} column;

typedef struct csv_table {
  const char *path;
  ens_csv_options options; /* with the delimiter and the comment mark in use */
  locale_t c_locale;
  ens_lines *lines;
  column *column;
  size_t ncolumns, columns_capacity;
  size_t nrows, rows_capacity;
  size_t first_line; /* the line that fixed the number of columns */
} csv_table;

/* ---- messages ---- */

__attribute__((format(printf, 5, 6))) static ens_status complain(const csv_table *table, size_t line, size_t place,
                                                                 ens_error *error, const char *format, ...) {
  char what[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return ens_error_set(error, ENS_CONFIG, "%s:%zu:%zu: %s", table->path, line, place, what);
}

/* The usual marks of a missing value, which are neither numbers nor names of columns. */
static const char *missing_mark(const ens_field *field) {
  static const char *const mark[] = {"", "-", "--", ".", "?", "NA", "N/A", "#N/A", "<NA>", "None", "NULL", "null"};
  for (size_t i = 0; i < sizeof mark / sizeof *mark; i++) {
    if (strlen(mark[i]) == field->length && memcmp(mark[i], field->text, field->length) == 0) return mark[i];
  }
  return NULL;
}

/* For a known mistake, the remedy. */
static const char *advice(const ens_field *field) {
  if (ens_number_has_comma(field->text, field->length)) return ": write a decimal point, not a comma";
  return missing_mark(field) ? ": write nan where a value is missing" : "";
}

static ens_status complain_number(const csv_table *table, size_t line, const ens_field *field, const char *name,
                                  ens_number_kind kind, ens_error *error) {
  char text[ENS_EXCERPT_SIZE], label[ENS_EXCERPT_SIZE];
  ens_excerpt(text, field->text, field->length);
  ens_excerpt(label, name, strlen(name));
  if (kind == ENS_NUMBER_MEMORY) return ens_error_memory(error);
  if (kind == ENS_NUMBER_TOO_BIG) {
    return complain(table, line, field->column, error, "column '%s': \"%s\" is beyond the range of a double (1.8e308)",
                    label, text);
  }
  if (field->length == 0) {
    return complain(table, line, field->column, error,
                    "column '%s': the field is empty, not a number: write nan where a value is missing", label);
  }
  return complain(table, line, field->column, error, "column '%s': \"%s\" is not a number%s", label, text,
                  advice(field));
}

static ens_status complain_count(const csv_table *table, const ens_line *line, size_t found, size_t place,
                                 ens_error *error) {
  return complain(table, line->number, place, error, "%zu field%s expected, as on line %zu, but %zu found",
                  table->ncolumns, table->ncolumns == 1 ? "" : "s", table->first_line, found);
}

/* ---- lines ---- */

static ens_fields fields_of(const csv_table *table, const ens_line *line) {
  return ens_fields_of(line->text, line->length, table->options.delimiter, table->options.comment);
}

/* The next line that is not blank; text is NULL at the end. */
static ens_status next_line(csv_table *table, ens_line *line, ens_error *error) {
  ens_status status;
  do {
    status = ens_lines_next(table->lines, line, error);
  } while (!status && line->text && ens_fields_is_blank(line->text, line->length, table->options.comment));
  return status;
}

/* Finds out the delimiter and returns the first line. */
static ens_status first_line(csv_table *table, ens_line *line, ens_error *error) {
  ens_dialect dialect = {0};
  ens_status status = next_line(table, line, error);
  if (status || !line->text || table->options.delimiter) return status;
  ens_lines_mark(table->lines);
  while (!status && line->text && dialect.nlines < ENS_DIALECT_LINES) {
    ens_dialect_see(&dialect, line->text, line->length, table->options.comment, table->c_locale);
    if (dialect.nlines < ENS_DIALECT_LINES) status = next_line(table, line, error);
  }
  if (status) return status;
  table->options.delimiter = ens_dialect_delimiter(&dialect);
  ens_lines_rewind(table->lines);
  return ens_lines_next(table->lines, line, error);
}

/* ---- header ---- */

/* A name is neither a number nor a mark of a missing value. A first line of numbers only is not a header. */
static bool is_header(const csv_table *table, const ens_line *line) {
  ens_fields fields = fields_of(table, line);
  ens_field field;
  double value;
  while (ens_fields_next(&fields, &field)) {
    bool number = ens_number_parse(field.text, field.length, table->c_locale, &value) != ENS_NUMBER_NONE;
    if (!number && !missing_mark(&field) && !ens_number_has_comma(field.text, field.length)) return true;
  }
  return false;
}

/* A copy of the field with doubled quotes made single; NULL: no memory. */
static char *copy_name(const ens_field *field) {
  char *name = malloc(field->length + 1);
  size_t length = 0;
  if (!name) return NULL;
  for (size_t i = 0; i < field->length; i++) {
    name[length++] = field->text[i];
    if (field->quoted && field->text[i] == '"') i++;
  }
  name[length] = '\0';
  return name;
}

/* Takes `name`; NULL: no memory. */
static ens_status add_column(csv_table *table, char *name, ens_error *error) {
  if (!name) return ens_error_memory(error);
  if (table->ncolumns == table->columns_capacity) {
    size_t capacity = table->columns_capacity ? table->columns_capacity * 2 : 8;
    column *larger =
        capacity > SIZE_MAX / 2 / sizeof *larger ? NULL : realloc(table->column, capacity * sizeof *larger);
    if (!larger) {
      free(name);
      return ens_error_memory(error);
    }
    table->column = larger;
    table->columns_capacity = capacity;
  }
  table->column[table->ncolumns++] = (column){.name = name};
  return ENS_OK;
}

static char *number_name(size_t number) {
  char name[32];
  snprintf(name, sizeof name, "c%zu", number);
  return strdup(name);
}

static ens_status read_names(csv_table *table, const ens_line *line, bool header, ens_error *error) {
  ens_fields fields = fields_of(table, line);
  ens_field field;
  while (ens_fields_next(&fields, &field)) {
    if (header && field.length == 0) {
      return complain(table, line->number, field.column, error, "column %zu has no name in the header",
                      table->ncolumns + 1);
    }
    ens_status status = add_column(table, header ? copy_name(&field) : number_name(table->ncolumns + 1), error);
    if (status) return status;
  }
  table->first_line = line->number;
  return fields.problem ? complain(table, line->number, field.column, error, "%s", fields.problem) : ENS_OK;
}

typedef struct named {
  const char *name;
  size_t index;
} named;

static int compare_names(const void *left, const void *right) {
  const named *a = left, *b = right;
  int order = strcmp(a->name, b->name);
  return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* Finds the leftmost column that repeats the name of an earlier column. again->name is NULL if there is none. */
static ens_status find_duplicate(const csv_table *table, named *first, named *again, ens_error *error) {
  named *sorted = malloc(table->ncolumns * sizeof *sorted);
  if (!sorted) return ens_error_memory(error);
  for (size_t i = 0; i < table->ncolumns; i++) sorted[i] = (named){table->column[i].name, i};
  qsort(sorted, table->ncolumns, sizeof *sorted, compare_names);
  *first = *again = (named){NULL, SIZE_MAX};
  for (size_t i = 1; i < table->ncolumns; i++) {
    if (strcmp(sorted[i - 1].name, sorted[i].name) != 0 || sorted[i].index >= again->index) continue;
    *first = sorted[i - 1];
    *again = sorted[i];
  }
  free(sorted);
  return ENS_OK;
}

static ens_status check_names(const csv_table *table, const ens_line *line, ens_error *error) {
  named first = {0}, again = {0};
  ens_status status = find_duplicate(table, &first, &again, error);
  if (status || !again.name) return status;
  ens_fields fields = fields_of(table, line);
  ens_field field = {0};
  char name[ENS_EXCERPT_SIZE];
  for (size_t i = 0; i <= again.index; i++) ens_fields_next(&fields, &field);
  return complain(table, line->number, field.column, error, "column %zu has the name of column %zu, '%s'",
                  again.index + 1, first.index + 1, ens_excerpt(name, again.name, strlen(again.name)));
}

/* ---- rows ---- */

static ens_status grow_rows(csv_table *table, ens_error *error) {
  if (table->nrows < table->rows_capacity) return ENS_OK;
  size_t capacity = table->rows_capacity ? table->rows_capacity + table->rows_capacity / 2 : 16;
  if (capacity > SIZE_MAX / 2 / sizeof(double)) return ens_error_memory(error);
  for (size_t i = 0; i < table->ncolumns; i++) {
    double *larger = realloc(table->column[i].value, capacity * sizeof *larger);
    if (!larger) return ens_error_memory(error);
    table->column[i].value = larger;
  }
  table->rows_capacity = capacity;
  return ENS_OK;
}

/* Checks that the line has no fields after the last column. */
static ens_status check_surplus(const csv_table *table, const ens_line *line, ens_fields *fields, ens_error *error) {
  ens_field field;
  size_t count = table->ncolumns, place = 0;
  while (ens_fields_next(fields, &field)) {
    if (count++ == table->ncolumns) place = field.column;
  }
  if (fields->problem) return complain(table, line->number, field.column, error, "%s", fields->problem);
  return count == table->ncolumns ? ENS_OK : complain_count(table, line, count, place, error);
}

static ens_status read_row(csv_table *table, const ens_line *line, ens_error *error) {
  ens_fields fields = fields_of(table, line);
  ens_field field;
  ens_status status = grow_rows(table, error);
  if (status) return status;
  for (size_t i = 0; i < table->ncolumns; i++) {
    if (!ens_fields_next(&fields, &field)) {
      if (fields.problem) return complain(table, line->number, field.column, error, "%s", fields.problem);
      return complain_count(table, line, i, fields.at + 1, error);
    }
    double *value = &table->column[i].value[table->nrows];
    ens_number_kind kind = ens_number_parse(field.text, field.length, table->c_locale, value);
    if (kind) return complain_number(table, line->number, &field, table->column[i].name, kind, error);
  }
  table->nrows++;
  return fields.more ? check_surplus(table, line, &fields, error) : ENS_OK;
}

static ens_status read_table(csv_table *table, ens_error *error) {
  ens_line line;
  ens_status status = first_line(table, &line, error);
  if (status) return status;
  if (!line.text) return ens_error_set(error, ENS_CONFIG, "%s: there is no table in it: it has no lines", table->path);
  bool header = table->options.header < 0 ? is_header(table, &line) : table->options.header > 0;
  status = read_names(table, &line, header, error);
  if (!status && header) status = check_names(table, &line, error);
  if (!status && header) status = next_line(table, &line, error);
  while (!status && line.text) {
    status = read_row(table, &line, error);
    if (!status) status = next_line(table, &line, error);
  }
  if (status || table->nrows > 0) return status;
  return ens_error_set(error, ENS_CONFIG, "%s:%zu: a header, but no row of numbers after it", table->path,
                       table->first_line);
}

/* ---- the table ---- */

/* Converts one column at a time, so that only one column is in memory twice. */
static ens_status build_frame(csv_table *table, ens_frame *frame, ens_error *error) {
  frame->name = calloc(table->ncolumns, sizeof *frame->name);
  frame->column = calloc(table->ncolumns, sizeof *frame->column);
  if (!frame->name || !frame->column) return ens_error_memory(error);
  frame->ncolumns = table->ncolumns;
  frame->nrows = table->nrows;
  for (size_t i = 0; i < table->ncolumns; i++) {
    frame->column[i] = ens_array_create(1, &table->nrows);
    if (!frame->column[i]) return ens_error_memory(error);
    memcpy(frame->column[i]->data, table->column[i].value, table->nrows * sizeof(double));
    free(table->column[i].value);
    table->column[i].value = NULL;
    frame->name[i] = table->column[i].name;
    table->column[i].name = NULL;
  }
  return ENS_OK;
}

static bool can_mark(char c) {
  return c > ' ' && c < 0x7F && !strchr("\"+-.", c) && !(c >= '0' && c <= '9') &&
         !((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static ens_status check_options(const ens_csv_options *options, ens_error *error) {
  char delimiter = options->delimiter;
  if (delimiter && delimiter != ' ' && delimiter != '\t' && !can_mark(delimiter)) {
    return ens_error_set(error, ENS_CONFIG,
                         "delimiter: a byte of value %d cannot separate numbers; allowed are a space (any white "
                         "space), a tab and signs such as , ; | : but not + - . or a quote",
                         (unsigned char)delimiter);
  }
  if (!can_mark(options->comment) || options->comment == delimiter) {
    return ens_error_set(error, ENS_CONFIG,
                         "comment: a byte of value %d cannot start a comment; allowed are signs such as # %% ! other "
                         "than the delimiter, but not + - . or a quote",
                         (unsigned char)options->comment);
  }
  return ENS_OK;
}

static void free_table(csv_table *table) {
  for (size_t i = 0; i < table->ncolumns; i++) {
    free(table->column[i].name);
    free(table->column[i].value);
  }
  free(table->column);
  ens_lines_close(table->lines);
  if (table->c_locale) freelocale(table->c_locale);
}

ens_status ens_csv_read(const char *path, const ens_csv_options *options, ens_frame *out, ens_error *error) {
  csv_table table = {.path = path, .options = options ? *options : (ens_csv_options){.header = -1}};
  *out = (ens_frame){0};
  if (!table.options.comment) table.options.comment = '#';
  ens_status status = check_options(&table.options, error);
  if (status) return status;
  table.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  status = table.c_locale ? ens_lines_open(path, &table.lines, error) : ens_error_memory(error);
  if (!status) status = read_table(&table, error);
  if (!status) status = build_frame(&table, out, error);
  free_table(&table);
  if (status) ens_frame_free(out);
  return status;
}
