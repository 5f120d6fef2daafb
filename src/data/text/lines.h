/* Reads a text file by lines of any length, which end in LF, CRLF or CR. Knows nothing of their contents. Reads ahead
 * by a block; needs memory for the longest line, or for all lines after a mark. */
#ifndef ENS_DATA_TEXT_LINES_H
#define ENS_DATA_TEXT_LINES_H

#include <stddef.h>

#include "base/error.h"

typedef struct ens_line {
  const char *text; /* without line end and NUL; valid until the next ens_lines_next. NULL: no more lines */
  size_t length;
  size_t number; /* from 1 */
} ens_line;

typedef struct ens_lines ens_lines;

/* Borrows `path` until close, for messages. It may be a file, a pipe or anything else that can be read. */
ens_status ens_lines_open(const char *path, ens_lines **out, ens_error *error);
/* Skips a UTF-8 byte order mark. ENS_CONFIG for a NUL byte: then it is not a text file. ENS_IO, ENS_MEMORY. */
ens_status ens_lines_next(ens_lines *lines, ens_line *out, ens_error *error);
/* Keeps the text from the current line on. ens_lines_rewind makes that line the next one again, and ends the mark. */
void ens_lines_mark(ens_lines *lines);
void ens_lines_rewind(ens_lines *lines);
void ens_lines_close(ens_lines *lines); /* NULL is fine */

#endif
