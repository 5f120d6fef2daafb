/* A text that grows as pieces are added: the one builder of messages, JSON and lines. It grows on the heap, or it fills
 * a buffer of the caller and is cut off at its end. It always ends with a NUL. */
#ifndef ENS_BASE_TEXT_H
#define ENS_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Zero-initialised is an empty text on the heap. */
typedef struct ens_text {
  char *bytes; /* NULL as long as nothing was added to a text on the heap */
  size_t size; /* without the NUL */
  size_t capacity;
  bool fixed;  /* `bytes` is a buffer of the caller */
  bool failed; /* memory ran out: additions are ignored until ens_text_free or ens_text_take */
} ens_text;

/* An empty text in buffer[size], size > 0. Longer text is cut off, which is no error. */
ens_text ens_text_in(char *buffer, size_t size);
void ens_text_free(ens_text *text);  /* leaves an empty text on the heap; a buffer stays the caller's */
void ens_text_clear(ens_text *text); /* empties it and keeps the memory; `failed` stays */

__attribute__((format(printf, 2, 3))) void ens_text_add(ens_text *text, const char *format, ...);
void ens_text_add_arguments(ens_text *text, const char *format, va_list args); /* leaves args as vprintf does */
void ens_text_append(ens_text *text, const char *bytes, size_t size);          /* may hold NUL */

/* "" for an empty text. Borrowed; valid until the text changes. */
const char *ens_text_get(const ens_text *text);
/* Hands the text on the heap to the caller, who frees it ("" if nothing was added), and leaves an empty one. NULL:
 * memory ran out. Not for a text in a buffer. */
char *ens_text_take(ens_text *text);

#endif
