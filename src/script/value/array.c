/* One box under each engine; its metatable comes from lib/array_lib.c, and under LuaJIT from cdata.lua. */
#include "script/value/array.h"

#include <stdint.h>

/* ---- the value of both engines ---- */

/* Under LuaJIT lua/ensemble/api/cdata.lua declares the same struct and reads the members after `array`. */
typedef struct box {
  uintptr_t tag;
  ens_array *array; /* owned; NULL while the box is being made */
  double *data;
  double length, stride;          /* of the first axis */
  double columns, columns_stride; /* of the second axis; 0 without one */
  int32_t rank;
  bool is_work;
} box;

static void fill_box(box *b, ens_array *array, bool is_work) {
  bool matrix = array->rank > 1;
  b->data = array->data;
  b->length = (double)array->shape[0];
  b->stride = (double)array->stride[0];
  b->columns = matrix ? (double)array->shape[1] : 0;
  b->columns_stride = matrix ? (double)array->stride[1] : 0;
  b->rank = (int32_t)array->rank;
  b->is_work = is_work;
  b->array = array;
}

static box *find_box(lua_State *L, int index);

static int collect(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  box *b = find_box(L, 1);
  if (!b) return 0;
  ens_array_release(b->array);
  b->array = NULL;
  return 0;
}

#if LUA_VERSION_NUM >= 504

static const char type_name[] = "ensemble.array";

static box *find_box(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return luaL_testudata(L, index, type_name);
}

ens_array *ens_array_indexed(lua_State *L) {
  ENS_STACK(L, -0, +0);
  return ((box *)lua_touserdata(L, 1))->array;
}

static box *push_box(lua_State *L) {
  ENS_STACK(L, -0, +1);
  box *b = ens_newuserdata(L, sizeof *b);
  *b = (box){.array = NULL};
  luaL_getmetatable(L, type_name);
  lua_setmetatable(L, -2);
  return b;
}

void ens_array_register(lua_State *L) {
  ENS_STACK(L, -2, +0);
  luaL_newmetatable(L, type_name);
  lua_insert(L, -2);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -5);
  }
  lua_pop(L, 1);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_pushstring(L, type_name);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

#else

static const char make_key = 0; /* in the registry: a function that makes an empty cdata */
enum { CDATA = 10 };            /* lua_type of a cdata; lua.h has no name for it */

/* Made of the box's address, so that it marks C's boxes, but neither other cdata nor a box's copy in Lua. */
static uintptr_t tag_of(const box *b) {
  return (uintptr_t)b ^ (uintptr_t)0x656e736172726179;
}

/* The allocator gives every cdata room for a tag, even a small one. */
static box *find_box(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  if (lua_type(L, index) != CDATA) return NULL;
  box *b = (box *)lua_topointer(L, index);
  return b->tag == tag_of(b) ? b : NULL;
}

ens_array *ens_array_indexed(lua_State *L) {
  ENS_STACK(L, -0, +0);
  return ens_array_check(L, 1);
}

static box *push_box(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &make_key);
  lua_call(L, 0, 1);
  box *b = (box *)lua_topointer(L, -1);
  b->tag = tag_of(b);
  return b;
}

void ens_array_register(lua_State *L) {
  ENS_STACK(L, -2, +0);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.cdata");
  lua_call(L, 1, 1);
  lua_insert(L, -3);
  lua_call(L, 2, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &make_key);
}

#endif

/* ---- pushing: the box comes first, so that after an error __gc can release the array ---- */

void ens_array_push(lua_State *L, const ens_array *array) {
  ENS_STACK(L, -0, +1);
  box *b = push_box(L);
  ens_array *own = ens_array_retain(array);
  if (!own) luaL_error(L, "not enough memory");
  fill_box(b, own, false);
}

static int push_taken(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  box *b = push_box(L);
  fill_box(b, lua_touserdata(L, 1), lua_toboolean(L, 2));
  return 1;
}

/* The collector counts a box as a few bytes. Stepping it by the memory of a new array keeps garbage from piling up. */
static void account(lua_State *L, const ens_array *array) {
  ENS_STACK(L, -0, +0);
  enum { MOST = 1 << 20 };
  size_t kib = ens_array_is_sole(array) ? ens_array_size(array) / (1024 / sizeof(double)) : 0;
  if (kib) lua_gc(L, LUA_GCSTEP, kib < MOST ? (int)kib : MOST);
}

static void take(lua_State *L, ens_array *array, bool is_work) {
  ENS_STACK(L, -0, +1);
  if (!array) luaL_error(L, "not enough memory for an array");
  lua_pushcfunction(L, push_taken);
  lua_pushlightuserdata(L, array);
  lua_pushboolean(L, is_work);
  if (lua_pcall(L, 2, 1, 0) == LUA_OK) {
    account(L, array);
    return;
  }
  ens_array_release(array);
  lua_error(L);
}

void ens_array_push_new(lua_State *L, ens_array *array) {
  ENS_STACK(L, -0, +1);
  take(L, array, false);
}
void ens_array_push_work(lua_State *L, ens_array *array) {
  ENS_STACK(L, -0, +1);
  take(L, array, true);
}

/* ---- finding ---- */

ens_array *ens_array_test(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  box *b = find_box(L, index);
  return b ? b->array : NULL;
}

bool ens_array_is_work(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  box *b = find_box(L, index);
  return b && b->is_work;
}

ens_array *ens_array_check(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  ens_array *array = ens_array_test(L, index);
  if (!array) luaL_argerror(L, index, lua_pushfstring(L, "array expected, got %s", luaL_typename(L, index)));
  return array;
}
