/* One recursive pass checks the whole text, with a limit on depth. The other functions step through checked text
 * only. */
#include "run/json.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "data/text/number.h"

enum { MOST_DEPTH = 8 };

/* ---- skipping: each returns the place behind the part that it skips, or NULL if the text has no such part ---- */

/* `at` may be NULL here and below. */
static const char *skip_char(const char *at, const char *end, char c) {
  return at && at < end && *at == c ? at + 1 : NULL;
}

static const char *skip_text(const char *at, const char *end) {
  at = skip_char(at, end, '"');
  while (at && at < end && *at != '"') at += *at == '\\' ? 2 : 1;
  return skip_char(at, end, '"');
}

/* A number or a word. */
static const char *skip_scalar(const char *at, const char *end) {
  static const char allowed[] = "+-.0123456789abcdefghijklmnopqrstuvwxyzE";
  const char *begin = at;
  while (at < end && *at && strchr(allowed, *at)) at++;
  return at > begin ? at : NULL;
}

static const char *skip_value(const char *at, const char *end, int depth);

/* The items of an array, or the members of an object, up to the closing bracket. */
static const char *skip_list(const char *at, const char *end, int depth, bool named) {
  const char *closed = skip_char(at, end, named ? '}' : ']');
  while (!closed && at) {
    if (named) at = skip_char(skip_text(at, end), end, ':');
    at = skip_value(at, end, depth);
    closed = skip_char(at, end, named ? '}' : ']');
    if (!closed) at = skip_char(at, end, ',');
  }
  return closed;
}

static const char *skip_value(const char *at, const char *end, int depth) {
  if (!at || at >= end || depth == 0) return NULL;
  if (*at == '{' || *at == '[') return skip_list(at + 1, end, depth - 1, *at == '{');
  return *at == '"' ? skip_text(at, end) : skip_scalar(at, end);
}

/* The value at `at` of a text that is checked; none if there is none. */
static ens_json value_at(const char *at, const char *end) {
  const char *behind = skip_value(at, end, MOST_DEPTH);
  return behind ? (ens_json){at, (size_t)(behind - at)} : (ens_json){0};
}

bool ens_json_check(const char *text, ens_json *out) {
  const char *end = text + strlen(text);
  *out = value_at(text, end);
  return out->size > 0 && out->at + out->size == end;
}

/* ---- objects and arrays ---- */

bool ens_json_is_object(ens_json value) {
  return value.size && *value.at == '{';
}

bool ens_json_is_array(ens_json value) {
  return value.size && *value.at == '[';
}

ens_json ens_json_member(ens_json object, const char *name) {
  size_t length = strlen(name);
  if (!ens_json_is_object(object)) return (ens_json){0};
  const char *end = object.at + object.size, *at = object.at + 1;
  while (at && at < end - 1) {
    const char *behind = skip_text(at, end);
    ens_json value = value_at(skip_char(behind, end, ':'), end);
    if (!value.size) break;
    if ((size_t)(behind - at) == length + 2 && memcmp(at + 1, name, length) == 0) return value;
    at = skip_char(value.at + value.size, end, ',');
  }
  return (ens_json){0};
}

ens_json ens_json_first(ens_json array) {
  return ens_json_is_array(array) ? value_at(array.at + 1, array.at + array.size) : (ens_json){0};
}

ens_json ens_json_next(ens_json array, ens_json item) {
  const char *end = array.at + array.size;
  return item.size ? value_at(skip_char(item.at + item.size, end, ','), end) : item;
}

/* ---- texts and numbers ---- */

bool ens_json_text(ens_json value, ens_json *out) {
  if (!value.size || *value.at != '"') return false;
  *out = (ens_json){value.at + 1, value.size - 2};
  return true;
}

bool ens_json_number(ens_json value, double *out) {
  locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  bool is_number = value.size && c_locale &&
                   ens_number_parse(value.at, value.size, c_locale, out) == ENS_NUMBER_VALUE && isfinite(*out);
  if (c_locale) freelocale(c_locale);
  return is_number;
}

bool ens_json_count(ens_json value, uint64_t *out) {
  uint64_t count = 0;
  for (size_t i = 0; i < value.size; i++) {
    unsigned digit = (unsigned)(value.at[i] - '0');
    if (digit > 9 || count > (UINT64_MAX - digit) / 10) return false;
    count = 10 * count + digit;
  }
  *out = count;
  return value.size > 0;
}
