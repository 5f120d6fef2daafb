/* A userdata with address and library; under LuaJIT cpointer.lua reads the type of a cdata pointer. */
#include "script/value/cfunction.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/library.h"
#include "script/state/fail.h"
#include "script/value/array.h"

static const char type_name[] = "ensemble.cfunction";
const char ens_cfunction_no_library[] = "is not a function of a library: workers cannot call back into Lua";

const ens_cfunction *ens_cfunction_test(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return luaL_testudata(L, index, type_name);
}

void ens_cfunction_push(lua_State *L, void *address, const char *name) {
  ENS_STACK(L, -0, +1);
  ens_cfunction *self = ens_newuserdata(L, sizeof *self + strlen(name) + 1);
  memcpy(&self->function, &address, sizeof address);
  memcpy(self->name, name, strlen(name) + 1);
  luaL_getmetatable(L, type_name);
  lua_setmetatable(L, -2);
}

void ens_cfunction_fingerprint(const void *address, char out[64]) {
  size_t offset = 0;
  char where[32];
  const char *file = ens_library_of(address, &offset);
  snprintf(where, sizeof where, "%zx", offset);
  ens_library_fingerprint(file ? file : "", where, out);
}

/* ---- calls ---- */

enum { FEW = 64 };

/* The numbers of the list at 2, in `few`, or in a userdata that it pushes. */
static const double *read_list(lua_State *L, const ens_cfunction *self, double few[FEW], size_t *count) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  size_t n = *count = ens_rawlen(L, 2);
  double *theta = n <= FEW ? few : ens_newuserdata(L, n * sizeof *theta);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    if (lua_type(L, -1) != LUA_TNUMBER)
      luaL_error(L, "%s: element %d of the list is a %s: give numbers only", self->name, (int)i + 1,
                 luaL_typename(L, -1));
    theta[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return theta;
}

/* The numbers of the array at 2, in place if they have no gaps. */
static const double *read_array(lua_State *L, const ens_cfunction *self, double few[FEW], size_t *count) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  const ens_array *array = ens_array_test(L, 2);
  if (!array)
    luaL_error(L, "%s: the argument is %s%s: give a list of numbers or an array", self->name,
               lua_isnoneornil(L, 2) ? "" : "a ", lua_isnone(L, 2) ? "missing" : luaL_typename(L, 2));
  if (array->rank != 1)
    luaL_error(L, "%s: the argument is an array of %d axes: give one of 1", self->name, (int)array->rank);
  *count = array->shape[0];
  if (array->stride[0] == 1) return array->data;
  double *theta = *count <= FEW ? few : ens_newuserdata(L, *count * sizeof *theta);
  ens_array_gather(array, theta);
  return theta;
}

/* f(theta); ignores further arguments, as Lua's functions do. */
static int call(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_cfunction *self = luaL_checkudata(L, 1, type_name);
  double few[FEW];
  size_t n;
  const double *theta = lua_istable(L, 2) ? read_list(L, self, few, &n) : read_array(L, self, few, &n);
  lua_pushnumber(L, self->function(theta, n, NULL));
  return 1;
}

static int describe(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_cfunction *self = luaL_checkudata(L, 1, type_name);
  lua_pushfstring(L, "C function %s", self->name);
  return 1;
}

/* ---- making ---- */

/* cfunction(path, symbol) -> the function, or nil, message, kind. */
static int find_function(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  const char *path = luaL_checkstring(L, 1), *symbol = luaL_checkstring(L, 2);
  void *address;
  ens_error error = ENS_ERROR_NONE;
  if (ens_library_find(path, symbol, ENS_SYMBOL_FUNCTION, &address, NULL, &error)) return ens_fail(L, &error);
  ens_cfunction_push(L, address, lua_pushfstring(L, "%s: %s", path, symbol));
  return 1;
}

/* cfunction_at(ffi pointer) -> the function, or nil and a reason. */
static int take_pointer(lua_State *L) {
  ENS_RESULTS(L, 1, 2);
  lua_settop(L, 1);
  void *address = ens_cfunction_address(L, 1);
  char name[256];
  if (address && ens_library_name(address, name, sizeof name)) {
    ens_cfunction_push(L, address, name);
    return 1;
  }
  lua_pushnil(L);
  if (address)
    lua_pushstring(L, ens_cfunction_no_library);
  else
    lua_pushvalue(L, 2);
  return 2;
}

static int is_cfunction(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, ens_cfunction_test(L, 1) != NULL);
  return 1;
}

/* ---- ffi's pointers, through lua/ensemble/api/cpointer.lua ---- */

#if LUA_VERSION_NUM >= 504

static void open_pointers(lua_State *L) {
  ENS_STACK(L, -0, +0);
}

void *ens_cfunction_address(lua_State *L, int index) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  (void)index;
  return NULL;
}

void ens_cfunction_push_pointer(lua_State *L, void *address) {
  ENS_STACK(L, -0, +1);
  (void)address;
  luaL_error(L, "an ffi pointer under Lua 5.4"); /* never: this engine encodes none */
}

#else

static void push_module(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.cpointer");
  lua_call(L, 1, 1);
}

static void open_pointers(lua_State *L) {
  ENS_STACK(L, -0, +0);
  push_module(L);
  lua_pop(L, 1);
}

static void push_function(lua_State *L, const char *name) {
  ENS_STACK(L, -0, +1);
  push_module(L);
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
}

void *ens_cfunction_address(lua_State *L, int index) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  index = lua_absindex(L, index);
  push_function(L, "address");
  lua_pushvalue(L, index);
  lua_call(L, 1, 2); /* an address, or nil and a reason */
  void *address = (void *)(uintptr_t)lua_tonumber(L, -2);
  lua_remove(L, -2);
  if (address) lua_pop(L, 1);
  return address;
}

void ens_cfunction_push_pointer(lua_State *L, void *address) {
  ENS_STACK(L, -0, +1);
  push_function(L, "cast");
  lua_pushnumber(L, (lua_Number)(uintptr_t)address);
  lua_call(L, 1, 1);
}

#endif

/* ---- the module's part ---- */

void ens_cfunction_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {
      {"cfunction", find_function}, {"cfunction_at", take_pointer}, {"is_cfunction", is_cfunction}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  open_pointers(L);
  luaL_newmetatable(L, type_name);
  lua_pushcfunction(L, call);
  lua_setfield(L, -2, "__call");
  lua_pushcfunction(L, describe);
  lua_setfield(L, -2, "__tostring");
  lua_pushstring(L, type_name);
  lua_setfield(L, -2, "__metatable");
  lua_pushstring(L, type_name);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
}
