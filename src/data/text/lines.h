/* A text file as lines that end in LF, CRLF or CR, whatever their length. Must not know what is on a line.
 * Reads ahead by a block: memory is the longest line's, or what a mark holds. */
#ifndef ENS_DATA_TEXT_LINES_H
#define ENS_DATA_TEXT_LINES_H

#include <stddef.h>

#include "base/error.h"

typedef struct ens_line {
  const char *text; /* without its end, not NUL-terminated; valid until the next ens_lines_next. NULL: no more lines */
  size_t length;
  size_t number; /* from 1 */
} ens_line;

typedef struct ens_lines ens_lines;

/* Borrows `path` until close, for messages. Anything that can be read will do: a file, a pipe. */
ens_status ens_lines_open(const char *path, ens_lines **out, ens_error *error);
/* A UTF-8 byte order mark is skipped. ENS_CONFIG for a NUL byte: then it is no text. ENS_IO, ENS_MEMORY. */
ens_status ens_lines_next(ens_lines *lines, ens_line *out, ens_error *error);
/* Holds the file's text from the line last returned on; ens_lines_rewind makes that line the next one, and lets go. */
void ens_lines_mark(ens_lines *lines);
void ens_lines_rewind(ens_lines *lines);
void ens_lines_close(ens_lines *lines); /* NULL is fine */

#endif
