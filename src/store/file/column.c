/* One function for each type; a wrong type or range counts as damage of the file. */
#include "store/file/column.h"

#include <math.h>
#include <string.h>

#include "store/file/little.h"

bool ens_column_count(sqlite3_stmt *row, int column, uint64_t limit, uint64_t *out) {
  *out = 0;
  if (sqlite3_column_type(row, column) != SQLITE_INTEGER) return false;
  sqlite3_int64 value = sqlite3_column_int64(row, column);
  if (value < 0 || (uint64_t)value > limit) return false;
  *out = (uint64_t)value;
  return true;
}

double ens_column_real(sqlite3_stmt *row, int column) {
  int type = sqlite3_column_type(row, column);
  return type == SQLITE_FLOAT || type == SQLITE_INTEGER ? sqlite3_column_double(row, column) : (double)NAN;
}

uint64_t ens_column_tally(sqlite3_stmt *row, int column) {
  uint64_t value;
  return ens_column_count(row, column, INT64_MAX, &value) ? value : 0;
}

bool ens_column_doubles(sqlite3_stmt *row, int column, size_t count, double *out) {
  if (sqlite3_column_type(row, column) != SQLITE_BLOB) return false;
  const void *data = sqlite3_column_blob(row, column);
  if (!data || (size_t)sqlite3_column_bytes(row, column) != count * sizeof *out) return false;
  memcpy(out, data, count * sizeof *out);
  ens_little_swap(out, count);
  return true;
}

char *ens_column_text(sqlite3_stmt *row, int column, const char *otherwise, bool *ok) {
  const char *text = (const char *)sqlite3_column_text(row, column);
  if (!text) text = otherwise;
  if (!text) return NULL;
  char *copy = strdup(text);
  if (!copy) *ok = false;
  return copy;
}
