/* make_room is the one place that allocates; all other functions append through it. */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ens_text ens_text_in(char *buffer, size_t size) {
  buffer[0] = '\0';
  return (ens_text){.bytes = buffer, .capacity = size, .fixed = true};
}

void ens_text_free(ens_text *text) {
  if (!text->fixed) free(text->bytes);
  *text = (ens_text){0};
}

void ens_text_clear(ens_text *text) {
  text->size = 0;
  if (text->bytes) text->bytes[0] = '\0';
}

/* Room for `size` more bytes and a NUL. Returns how many of them fit. */
static size_t make_room(ens_text *text, size_t size) {
  if (text->failed) return 0;
  if (size < text->capacity - text->size) return size;
  if (text->fixed) return text->capacity - text->size - 1;
  size_t capacity = 2 * text->capacity + size + 64;
  char *grown = size < SIZE_MAX / 4 ? realloc(text->bytes, capacity) : NULL;
  text->failed = !grown;
  if (!grown) return 0;
  text->bytes = grown;
  text->capacity = capacity;
  return size;
}

void ens_text_append(ens_text *text, const char *bytes, size_t size) {
  size_t fits = make_room(text, size);
  if (text->failed) return;
  if (fits) memcpy(text->bytes + text->size, bytes, fits);
  text->size += fits;
  text->bytes[text->size] = '\0';
}

void ens_text_add_arguments(ens_text *text, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, format, args);
  size_t fits = length < 0 ? 0 : make_room(text, (size_t)length);
  if (length >= 0 && !text->failed) {
    vsnprintf(text->bytes + text->size, fits + 1, format, again);
    text->size += fits;
  }
  va_end(again);
}

void ens_text_add(ens_text *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ens_text_add_arguments(text, format, args);
  va_end(args);
}

const char *ens_text_get(const ens_text *text) {
  return text->bytes ? text->bytes : "";
}

char *ens_text_take(ens_text *text) {
  ens_text_append(text, "", 0);
  char *bytes = text->failed ? NULL : text->bytes;
  if (bytes) text->bytes = NULL;
  ens_text_free(text);
  return bytes;
}
