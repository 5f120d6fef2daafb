/* A cursor over the text with one function for each kind of literal. Every error has the place and an excerpt. */
#include "data/literal.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/excerpt.h"

ens_status ens_literal_complain(const ens_literal *literal, size_t at, const char *format, ...) {
  char what[512];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return ens_error_set(literal->error, ENS_CONFIG, "%s: byte %zu: %s", literal->name, at, what);
}

char ens_literal_peek(ens_literal *literal) {
  while (literal->at < literal->end && strchr(" \n\t", literal->text[literal->at]) && literal->text[literal->at])
    literal->at++;
  return literal->at < literal->end ? literal->text[literal->at] : '\0';
}

bool ens_literal_skip(ens_literal *literal, char mark) {
  if (ens_literal_peek(literal) != mark || literal->at == literal->end) return false;
  literal->at++;
  return true;
}

/* The error for anything else than `what`. */
static ens_status expected(ens_literal *literal, const char *what) {
  char text[ENS_EXCERPT_SIZE];
  ens_literal_peek(literal);
  size_t left = literal->end - literal->at;
  if (left == 0) return ens_literal_complain(literal, literal->at, "the header ends where %s should be", what);
  ens_excerpt(text, literal->text + literal->at, left < 12 ? left : 12);
  return ens_literal_complain(literal, literal->at, "\"%s\" where %s should be", text, what);
}

ens_status ens_literal_expect(ens_literal *literal, char mark, const char *where) {
  char what[64];
  if (ens_literal_skip(literal, mark)) return ENS_OK;
  snprintf(what, sizeof what, "'%c' %s", mark, where);
  return expected(literal, what);
}

/* ---- strings ---- */

static char *put_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
  } else if (code < 0x800) {
    *to++ = (char)(0xC0 | code >> 6);
    *to++ = (char)(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *to++ = (char)(0xE0 | code >> 12);
    *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    *to++ = (char)(0x80 | (code & 0x3F));
  } else {
    *to++ = (char)(0xF0 | code >> 18);
    *to++ = (char)(0x80 | (code >> 12 & 0x3F));
    *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    *to++ = (char)(0x80 | (code & 0x3F));
  }
  return to;
}

static int hex_digit(char c) {
  const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;
  return at ? (int)(at - digits) : -1;
}

/* The character of \xNN, \uNNNN, \UNNNNNNNN after its letter. */
static bool read_hex(ens_literal *literal, size_t count, uint32_t *code) {
  *code = 0;
  for (; count > 0; count--, literal->at++) {
    int digit = literal->at < literal->end ? hex_digit(literal->text[literal->at]) : -1;
    if (digit < 0 || *code >> 28) return false;
    *code = *code << 4 | (uint32_t)digit;
  }
  return *code > 0 && *code < 0x110000;
}

/* The character of an escape, after its backslash. */
static bool read_escape(ens_literal *literal, uint32_t *code) {
  static const char letter[] = "\\'\"ntr", meaning[] = "\\'\"\n\t\r";
  if (literal->at == literal->end) return false;
  char c = literal->text[literal->at++];
  const char *at = c ? strchr(letter, c) : NULL;
  if (at) *code = (uint32_t)meaning[at - letter];
  if (at) return true;
  return (c == 'x' || c == 'u' || c == 'U') && read_hex(literal, c == 'x' ? 2 : c == 'u' ? 4 : 8, code);
}

/* Copies one character of a string to `to`, which has room for four bytes. NULL: the next bytes are not a character. */
static char *read_character(ens_literal *literal, char *to) {
  uint32_t code;
  unsigned char c = (unsigned char)literal->text[literal->at++];
  if (c == '\\') return read_escape(literal, &code) ? put_utf8(to, code) : NULL;
  if (c == '\0' || c == '\n') return NULL;
  if (c >= 0x80 && literal->latin1) return put_utf8(to, c);
  *to++ = (char)c;
  return to;
}

ens_status ens_literal_string(ens_literal *literal, const char *what, char **out) {
  char quote = ens_literal_peek(literal);
  *out = NULL;
  if (quote == 'u' && literal->end - literal->at > 1) quote = literal->text[++literal->at]; /* Python 2's u'...' */
  if (quote != '\'' && quote != '"') return expected(literal, what);
  const size_t begin = literal->at++;
  const char *closing = memchr(literal->text + literal->at, quote, literal->end - literal->at);
  if (!closing) return ens_literal_complain(literal, begin, "this string does not end in the header");
  size_t capacity = 64, length = 0;
  char *text = malloc(capacity);
  while (text && literal->at < literal->end && literal->text[literal->at] != quote) {
    if (capacity - length < 8) {
      char *larger = realloc(text, capacity *= 2);
      if (!larger) free(text);
      text = larger;
      if (!text) break;
    }
    size_t place = literal->at;
    char *after = read_character(literal, text + length);
    if (!after) {
      free(text);
      return ens_literal_complain(literal, place, "this is not a character of a string");
    }
    length = (size_t)(after - text);
  }
  if (!text) return ens_error_memory(literal->error);
  text[length] = '\0';
  *out = text;
  if (literal->at++ < literal->end) return ENS_OK;
  return ens_literal_complain(literal, begin, "this string does not end in the header");
}

/* ---- numbers, booleans, tuples ---- */

ens_status ens_literal_count(ens_literal *literal, const char *what, size_t *out) {
  char digit = ens_literal_peek(literal);
  size_t begin = literal->at;
  if (digit < '0' || digit > '9') return expected(literal, what);
  for (*out = 0; literal->at < literal->end; literal->at++) {
    digit = literal->text[literal->at];
    if (digit < '0' || digit > '9') break;
    if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, digit - '0', out))
      return ens_literal_complain(literal, begin, "this number is beyond 64 bits");
  }
  if (literal->at < literal->end && literal->text[literal->at] == 'L') literal->at++;
  return ENS_OK;
}

ens_status ens_literal_boolean(ens_literal *literal, const char *what, bool *out) {
  char first = ens_literal_peek(literal);
  const char *word = first == 'T' ? "True" : "False";
  size_t length = strlen(word);
  if (literal->end - literal->at < length || memcmp(literal->text + literal->at, word, length) != 0)
    return expected(literal, what);
  literal->at += length;
  *out = first == 'T';
  return ENS_OK;
}

ens_status ens_literal_tuple(ens_literal *literal, const char *what, bool bare, size_t most, size_t *out,
                             size_t *count) {
  *count = 0;
  if (bare && ens_literal_peek(literal) != '(') {
    *count = 1;
    return ens_literal_count(literal, what, out);
  }
  size_t begin = literal->at, number;
  ens_status status = ens_literal_skip(literal, '(') ? ENS_OK : expected(literal, what);
  while (!status && !ens_literal_skip(literal, ')')) {
    status = ens_literal_count(literal, "a whole number", &number);
    if (!status && *count == most)
      status = ens_literal_complain(literal, begin, "more than %zu axes: an array has at most that many", most);
    if (!status) out[(*count)++] = number;
    if (!status && ens_literal_peek(literal) != ')') status = ens_literal_expect(literal, ',', "between two numbers");
  }
  return status;
}
