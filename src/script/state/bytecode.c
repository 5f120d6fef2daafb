/* Lua 5.4 keeps each function's first and last line even in a stripped dump (ldump.c, dumpFunction), so that a comment
 * above a model would change its fingerprint. LuaJIT strips all lines. Lua 5.4 writes numbers in groups of seven bits,
 * the highest first; the last group has the high bit set. */
#include "script/state/bytecode.h"

#include <string.h>

#include "script/state/compat.h"

#if LUA_VERSION_NUM >= 504

enum { LAST_GROUP = 0x80, INTEGER = 0x03, FLOAT = 0x13, SHORT_STRING = 0x04, LONG_STRING = 0x14 };

/* Reads at `at`. If `to` is set, the bytes from `kept` to `at` have yet to move there. */
typedef struct cursor {
  unsigned char *at, *end, *to;
  const unsigned char *kept;
} cursor;

static void move_kept(cursor *c, const unsigned char *upto) {
  size_t size = (size_t)(upto - c->kept);
  memmove(c->to, c->kept, size);
  c->to += size;
  c->kept = c->at;
}

static bool skip(cursor *c, size_t size) {
  if (size > (size_t)(c->end - c->at)) return false;
  c->at += size;
  return true;
}

static bool number(cursor *c, size_t *out) {
  for (*out = 0; c->at < c->end;) {
    if (*out >> (8 * sizeof *out - 7)) return false;
    unsigned char byte = *c->at++;
    *out = *out << 7 | (byte & 0x7f);
    if (byte & LAST_GROUP) return true;
  }
  return false;
}

/* Replaces a number by zero, which takes one group. */
static bool clear_number(cursor *c) {
  const unsigned char *begin = c->at;
  size_t value;
  if (!number(c, &value)) return false;
  if (!c->to) return true;
  move_kept(c, begin);
  *c->to++ = LAST_GROUP;
  return true;
}

/* A string's length plus one, or 0 without a string; then its bytes. */
static bool skip_string(cursor *c) {
  size_t size;
  return number(c, &size) && (size == 0 || skip(c, size - 1));
}

static bool skip_list(cursor *c, size_t element) {
  size_t n;
  return number(c, &n) && n <= (size_t)(c->end - c->at) && skip(c, n * element);
}

static bool skip_constants(cursor *c) {
  size_t n;
  if (!number(c, &n)) return false;
  for (; n; n--) {
    if (c->at == c->end) return false;
    int type = *c->at++;
    bool fine = true;
    if (type == INTEGER) fine = skip(c, sizeof(lua_Integer));
    if (type == FLOAT) fine = skip(c, sizeof(lua_Number));
    if (type == SHORT_STRING || type == LONG_STRING) fine = skip_string(c);
    if (!fine) return false;
  }
  return true;
}

/* In a stripped dump each of the four lists is empty. */
static bool skip_debug(cursor *c) {
  for (int i = 0; i < 4; i++) {
    size_t n;
    if (!number(c, &n) || n) return false;
  }
  return true;
}

static bool clear_function(cursor *c) {
  size_t n;
  if (!skip_string(c) || !clear_number(c) || !clear_number(c)) return false;
  if (!skip(c, 3) || !skip_list(c, 4) || !skip_constants(c) || !skip_list(c, 3) || !number(c, &n)) return false;
  for (; n; n--)
    if (!clear_function(c)) return false;
  return skip_debug(c);
}

/* Before the function: signature, version, format, check bytes, three sizes, an integer, a float, upvalue count. */
static bool walk(cursor *c) {
  size_t header = 4 + 1 + 1 + 6 + 3 + sizeof(lua_Integer) + sizeof(lua_Number) + 1;
  return skip(c, header) && clear_function(c) && c->at == c->end;
}

/* The first walk checks the layout, the second changes the bytes. */
size_t ens_bytecode_clear_lines(char *code, size_t size) {
  unsigned char *begin = (unsigned char *)code;
  cursor look = {.at = begin, .end = begin + size}, change = {begin, begin + size, begin, begin};
  if (!walk(&look)) return size;
  walk(&change);
  move_kept(&change, change.end);
  return (size_t)(change.to - begin);
}

/* A string constant is its type, its length plus one, and its bytes. */
static bool begins_constant(const unsigned char *bytes, size_t at, size_t length) {
  size_t last = (length + 1) & 0x7f;
  return at >= 2 && bytes[at - 1] == (LAST_GROUP | last) && (length > 40 || bytes[at - 2] == SHORT_STRING);
}

#else

size_t ens_bytecode_clear_lines(char *code, size_t size) {
  (void)code;
  return size;
}

/* A string constant is its length plus five (BCDUMP_KGC_STR) in groups of seven bits, highest last; then its bytes. */
static bool begins_constant(const unsigned char *bytes, size_t at, size_t length) {
  size_t group = length + 5;
  while (group > 0x7f) group >>= 7;
  return at >= 1 && bytes[at - 1] == group;
}

#endif

bool ens_bytecode_has_name(const char *bytes, size_t size, const char *name, size_t length) {
  const char *end = bytes + size, *at = bytes;
  while (length > 0 && (at = memchr(at, name[0], (size_t)(end - at))) && (size_t)(end - at) >= length) {
    if (memcmp(at, name, length) == 0 && begins_constant((const unsigned char *)bytes, (size_t)(at - bytes), length))
      return true;
    at++;
  }
  return false;
}
