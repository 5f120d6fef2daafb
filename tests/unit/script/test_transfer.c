/* Values between states (script/transfer): they arrive as they were, and damaged bytes are an error, never a read
 * behind their end. */
#include "script/transfer/transfer.h"

#include <stdlib.h>

#include "scarce.h"
#include "script/lib/array_lib.h"
#include "script/transfer/known.h"
#include "script/transfer/plain.h"
#include "script/transfer/tag.h"
#include "unit.h"

static lua_State *open_state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  ens_array_lib_open(L);
  ens_known_mark(L);
  return L;
}

/* Runs `code` in a state of its own, with what `arguments` are on the stack; false: an error was raised. */
static bool run(lua_State *L, const char *code, int arguments, int results) {
  if (luaL_loadstring(L, code)) return false;
  lua_insert(L, -1 - arguments);
  return lua_pcall(L, arguments, results, 0) == LUA_OK;
}

static ens_parcel encode(const char *code) {
  ens_parcel parcel = {0};
  ens_error error = ENS_ERROR_NONE;
  lua_State *L = open_state();
  CHECK(run(L, code, 0, 1));
  CHECK(!ens_transfer_encode(L, -1, "value", &parcel, &error));
  CHECK(lua_gettop(L) == 1);
  lua_close(L);
  return parcel;
}

static int decode(lua_State *L) {
  ens_transfer_decode(L, lua_touserdata(L, 1));
  return 1;
}

/* Decodes in a state of its own and hands the value to `check`. */
static bool arrives(const ens_parcel *parcel, const char *check) {
  lua_State *L = open_state();
  lua_pushcfunction(L, decode);
  lua_pushlightuserdata(L, (void *)parcel);
  bool fine = lua_pcall(L, 1, 1, 0) == LUA_OK;
  if (fine && check) fine = run(L, check, 1, 0);
  if (!fine && check) fprintf(stderr, "  %s\n", lua_tostring(L, -1));
  lua_close(L);
  return fine;
}

TEST(values_arrive) {
  ens_parcel parcel = encode(
      "K, C = { 7 }, coroutine.create(print) local n = 0 local t = { 1, 2.5, 'a\\0b', true, [false] = {} } t.self = t "
      "t.inc = function() n = n + 1 return n end t.get = function() return n end t.K = K t.sin = math.sin "
      "return setmetatable(t, { __index = math })");
  CHECK(arrives(&parcel,
                "local t = ... assert(t[1] == 1 and t[2] == 2.5 and t[3] == 'a\\0b' and t[4] == true and t.self == t) "
                "assert(next(t[false]) == nil and t.inc() == 1 and t.inc() == 2 and t.get() == 2) "
                "assert(t.K == K and K[1] == 7 and t.sin == math.sin and t.pi == math.pi) "
                "assert(not pcall(function() return C end))"));
  ens_parcel_free(&parcel);
}

/* A copy in memory that ends with the last byte, so that a sanitizer sees a read behind it. */
static ens_parcel copy(const ens_parcel *parcel, size_t size) {
  ens_parcel out = *parcel;
  out.bytes = malloc(size + (size == 0));
  out.size = size;
  memcpy(out.bytes, parcel->bytes, size);
  return out;
}

/* Whether the byte is one of bytecode, which Lua runs as it is. */
static bool is_code(const ens_parcel *parcel, size_t at) {
  for (size_t i = 0; i + 9 < parcel->size; i++) {
    uint64_t size;
    memcpy(&size, parcel->bytes + i + 1, sizeof size);
    if (parcel->bytes[i] == ENS_TAG_FUNCTION && memcmp(parcel->bytes + i + 9, LUA_SIGNATURE, 4) == 0 && at >= i + 9 &&
        at < i + 9 + size)
      return true;
  }
  return false;
}

static ens_parcel rich(void) {
  return encode(
      "local n, m = 0, 1 local t = { 1, 2.5, 'text', true, { {} }, math, math.sin } t[9] = t "
      "t.a = function() n = n + m return n end t.b = function() return n end return setmetatable(t, { {} })");
}

TEST(a_short_parcel_is_an_error) {
  ens_parcel parcel = rich();
  for (size_t size = 0; size < parcel.size; size++) {
    ens_parcel cut = copy(&parcel, size);
    CHECK(!arrives(&cut, NULL));
    free(cut.bytes);
  }
  ens_parcel_free(&parcel);
}

TEST(a_damaged_parcel_is_read_to_its_end_at_most) {
  static const unsigned char bytes[] = {0, 1, 0x7f, 0xff, 't', 'f', 's', 'o', 'a', 'r', 'u', 'e', '!', 'm', 'c'};
  ens_parcel parcel = rich();
  size_t errors = 0;
  for (size_t at = 0; at < parcel.size; at++)
    for (size_t i = 0; i < sizeof bytes && !is_code(&parcel, at); i++) {
      ens_parcel damaged = copy(&parcel, parcel.size);
      damaged.bytes[at] = (char)bytes[i];
      errors += !arrives(&damaged, NULL);
      free(damaged.bytes);
    }
  CHECK(errors > parcel.size);
  ens_parcel_free(&parcel);
}

TEST(nesting_without_an_end_is_an_error) {
  enum { LEVELS = 100000 };
  ens_parcel parcel = {.size = 1 + 9 * LEVELS};
  parcel.bytes = calloc(parcel.size, 1);
  parcel.bytes[0] = ENS_TAG_NIL;
  for (size_t i = 0; i < LEVELS; i++) parcel.bytes[1 + 9 * i] = ENS_TAG_TABLE, parcel.bytes[2 + 9 * i] = 1;
  CHECK(!arrives(&parcel, NULL));
  ens_parcel_free(&parcel);
}

TEST(memory_that_runs_out_for_a_global_is_an_error_with_a_text) {
#if SCARCE
  ens_parcel parcel;
  ens_error error = ENS_ERROR_NONE;
  lua_State *L = open_state();
  CHECK(run(L, "big = ('x'):rep(1e6)", 0, 0));
  lua_pushnil(L);
  scarce_most = 500000;
  CHECK(ens_transfer_encode(L, -1, "value", &parcel, &error) == ENS_MEMORY);
  scarce_most = (size_t)-1;
  CHECK(error.status == ENS_MEMORY);
  CHECK_STRING(ens_error_text(&error), "out of memory");
  ens_error_clear(&error);
  lua_close(L);
#endif
}

TEST(whole_numbers_of_data_are_written_as_in_the_other_engine) {
  ens_parcel parcel = {0}, other = {0};
  ens_error error = ENS_ERROR_NONE;
  lua_State *L = open_state();
  CHECK(run(L, "return { 3, -4, x = { 0.5, 'text', true } }, { 3.0, -4.0, x = { 0.5, 'text', true } }", 0, 2));
  CHECK(!ens_transfer_encode_data(L, -2, "data", &parcel, &error));
  CHECK(!ens_transfer_encode_data(L, -1, "data", &other, &error));
  CHECK(parcel.size == other.size && memcmp(parcel.bytes, other.bytes, parcel.size) != 0);
  CHECK(ens_plain_swap_engine(parcel.bytes, parcel.size) && ens_plain_swap_engine(other.bytes, other.size));
  CHECK(memcmp(parcel.bytes, other.bytes, parcel.size) == 0);
  for (size_t size = 1; size < parcel.size; size++) {
    ens_parcel part = copy(&parcel, size);
    ens_plain_swap_engine(part.bytes, part.size); /* reads no byte behind the end */
    free(part.bytes);
  }
  ens_parcel_free(&parcel);
  ens_parcel_free(&other);
  CHECK(run(L, "return { f = function() end }", 0, 1));
  CHECK(!ens_transfer_encode_data(L, -1, "data", &parcel, &error));
  CHECK(!ens_plain_swap_engine(parcel.bytes, parcel.size));
  ens_parcel_free(&parcel);
  lua_close(L);
}

int main(void) {
  RUN(values_arrive);
  RUN(a_short_parcel_is_an_error);
  RUN(a_damaged_parcel_is_read_to_its_end_at_most);
  RUN(nesting_without_an_end_is_an_error);
  RUN(memory_that_runs_out_for_a_global_is_an_error_with_a_text);
  RUN(whole_numbers_of_data_are_written_as_in_the_other_engine);
  return unit_report();
}
