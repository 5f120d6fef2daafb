/* Reads the values of the current row. A file may hold anything, so each function checks the type and the range first.
 */
#ifndef ENS_STORE_FILE_COLUMN_H
#define ENS_STORE_FILE_COLUMN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An integer in 0 .. limit; false: anything else, and *out is 0. */
bool ens_column_count(sqlite3_stmt *row, int column, uint64_t limit, uint64_t *out);
uint64_t ens_column_tally(sqlite3_stmt *row, int column); /* an integer >= 0; 0 for anything else */
double ens_column_real(sqlite3_stmt *row, int column);    /* NaN if it is not a number */
/* A BLOB of exactly `count` numbers; false: anything else. */
bool ens_column_doubles(sqlite3_stmt *row, int column, size_t count, double *out);
/* A copy of a text, or of `otherwise` if the column is NULL; the caller frees it. NULL with *ok = false: no memory. */
char *ens_column_text(sqlite3_stmt *row, int column, const char *otherwise, bool *ok);

#endif
