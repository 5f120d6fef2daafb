/* The buffer slides over the file: when it needs room, it drops the bytes before the oldest position in use. It doubles
 * if a line does not fit. */
#include "data/text/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 18 };

typedef struct position {
  size_t offset; /* into the buffer */
  size_t number; /* of the line before */
  bool after_cr; /* an LF here belongs to the end of the line before */
} position;

struct ens_lines {
  const char *path;
  int file;
  bool ended, marked;
  char *buffer;
  size_t length, capacity;
  position here; /* where the next line starts */
  position last; /* where the current line starts */
  position mark;
};

ens_status ens_lines_open(const char *path, ens_lines **out, ens_error *error) {
  ens_status status = ENS_MEMORY;
  ens_lines *lines = calloc(1, sizeof *lines);
  *out = NULL;
  if (!lines) return ens_error_memory(error);
  lines->path = path;
  lines->file = open(path, O_RDONLY | O_CLOEXEC);
  if (lines->file < 0) {
    status = ens_error_set(error, ENS_IO, "%s: %s", path, strerror(errno));
    goto fail;
  }
  lines->capacity = FIRST_CAPACITY;
  lines->buffer = malloc(lines->capacity);
  if (!lines->buffer) {
    ens_error_memory(error);
    goto fail;
  }
  *out = lines;
  return ENS_OK;
fail:
  ens_lines_close(lines);
  return status;
}

void ens_lines_close(ens_lines *lines) {
  if (!lines) return;
  if (lines->file >= 0) close(lines->file);
  free(lines->buffer);
  free(lines);
}

/* Drops bytes that are not needed any more. */
static void slide(ens_lines *lines) {
  size_t unwanted = lines->marked ? lines->mark.offset : lines->last.offset;
  memmove(lines->buffer, lines->buffer + unwanted, lines->length - unwanted);
  lines->length -= unwanted;
  lines->here.offset -= unwanted;
  lines->last.offset -= unwanted;
  lines->mark.offset -= lines->marked ? unwanted : 0;
}

static ens_status make_room(ens_lines *lines, ens_error *error) {
  if (lines->length < lines->capacity) return ENS_OK;
  slide(lines);
  if (lines->length < lines->capacity - lines->capacity / 4) return ENS_OK;
  if (lines->capacity > SIZE_MAX / 2) return ens_error_memory(error);
  char *larger = realloc(lines->buffer, lines->capacity * 2);
  if (!larger) return ens_error_memory(error);
  lines->buffer = larger;
  lines->capacity *= 2;
  return ENS_OK;
}

/* Reads more; sets `ended` at the end of the file. May move the bytes in the buffer, and `here` with them. */
static ens_status fill(ens_lines *lines, ens_error *error) {
  ens_status status = make_room(lines, error);
  if (status) return status;
  ssize_t count;
  do {
    count = read(lines->file, lines->buffer + lines->length, lines->capacity - lines->length);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return ens_error_set(error, ENS_IO, "%s: %s", lines->path, strerror(errno));
  if (count == 0) lines->ended = true;
  lines->length += (size_t)count;
  return ENS_OK;
}

/* Reads until there are `count` bytes after `here`, or until the end of the file. */
static ens_status need(ens_lines *lines, size_t count, ens_error *error) {
  ens_status status = ENS_OK;
  while (!status && !lines->ended && lines->length - lines->here.offset < count) status = fill(lines, error);
  return status;
}

static bool starts_with(const ens_lines *lines, const char *bytes, size_t count) {
  return lines->length - lines->here.offset >= count && memcmp(lines->buffer + lines->here.offset, bytes, count) == 0;
}

static ens_status skip_line_feed(ens_lines *lines, ens_error *error) {
  if (!lines->here.after_cr) return ENS_OK;
  ens_status status = need(lines, 1, error);
  if (status) return status;
  if (starts_with(lines, "\n", 1)) lines->here.offset++;
  lines->here.after_cr = false;
  return ENS_OK;
}

static ens_status skip_byte_order_mark(ens_lines *lines, ens_error *error) {
  if (lines->here.number > 0) return ENS_OK;
  ens_status status = need(lines, 3, error);
  if (!status && starts_with(lines, "\xEF\xBB\xBF", 3)) lines->here.offset += 3;
  return status;
}

/* Counts the bytes from `here` to the next LF, CR or NUL, or to the end of the file. */
static ens_status measure(ens_lines *lines, size_t *length, ens_error *error) {
  for (*length = 0;;) {
    const char *start = lines->buffer + lines->here.offset, *at = start + *length;
    const char *end = lines->buffer + lines->length;
    while (at < end && !((unsigned char)*at <= '\r' && (*at == '\n' || *at == '\r' || *at == '\0'))) at++;
    *length = (size_t)(at - start);
    if (at < end || lines->ended) return ENS_OK;
    ens_status status = fill(lines, error);
    if (status) return status;
  }
}

/* Returns the line of `length` bytes at `here`, and skips it with the first byte of its end. */
static ens_status take_line(ens_lines *lines, size_t length, ens_line *out, ens_error *error) {
  char *text = lines->buffer + lines->here.offset;
  bool has_end = lines->here.offset + length < lines->length;
  lines->here.number++;
  if (has_end && text[length] == '\0') {
    return ens_error_set(error, ENS_CONFIG, "%s:%zu:%zu: a NUL byte: this is not a text file in UTF-8", lines->path,
                         lines->here.number, length + 1);
  }
  *out = (ens_line){text, length, lines->here.number};
  lines->here.after_cr = has_end && text[length] == '\r';
  lines->here.offset += length + has_end;
  return ENS_OK;
}

ens_status ens_lines_next(ens_lines *lines, ens_line *out, ens_error *error) {
  size_t length;
  *out = (ens_line){0};
  lines->last = lines->here;
  ens_status status = skip_line_feed(lines, error);
  if (!status) status = skip_byte_order_mark(lines, error);
  if (!status) status = measure(lines, &length, error);
  if (status) return status;
  if (length == 0 && lines->here.offset == lines->length) return ENS_OK;
  return take_line(lines, length, out, error);
}

void ens_lines_mark(ens_lines *lines) {
  lines->mark = lines->last;
  lines->marked = true;
}

void ens_lines_rewind(ens_lines *lines) {
  lines->here = lines->last = lines->mark;
  lines->marked = false;
}
