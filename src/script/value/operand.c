/* Lists are copied into memory of the state, arrays are borrowed. */
#include "script/value/operand.h"

#include <string.h>

#include "script/value/array.h"

/* A list's numbers, in a userdata that it pushes. */
static void read_list(lua_State *L, int index, const ens_caller *caller, const char *name, ens_operand *out) {
  ENS_STACK(L, -0, +1);
  size_t n = ens_rawlen(L, index);
  double *data = ens_newuserdata(L, (n + 1) * sizeof *data);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    const char *type = luaL_typename(L, -1);
    if (lua_type(L, -1) != LUA_TNUMBER)
      luaL_error(L, "%s: %s[%d] is a %s: a list may hold numbers only", ens_caller_push(L, caller), name, (int)i + 1,
                 type);
    data[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  out->view.data = data;
  out->view.rank = 1;
  out->view.shape[0] = n;
  out->view.stride[0] = 1;
  out->view.owner = NULL;
}

void ens_operand_read(lua_State *L, int index, const ens_caller *caller, const char *name, ens_operand *out) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  if (lua_type(L, index) == LUA_TNUMBER) {
    out->view.rank = 0;
    out->number = lua_tonumber(L, index);
    return;
  }
  const ens_array *array = ens_array_test(L, index);
  if (array)
    out->view = *array;
  else if (lua_type(L, index) == LUA_TTABLE)
    read_list(L, index, caller, name, out);
  else
    luaL_error(L, "%s: %s is %s%s: give a number, an array or a list of numbers", ens_caller_push(L, caller), name,
               lua_isnoneornil(L, index) ? "" : "a ", lua_isnone(L, index) ? "missing" : luaL_typename(L, index));
}

const char *ens_operand_push_shape(lua_State *L, const ens_array *array) {
  ENS_STACK(L, -0, +1);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t d = 0; d < array->rank; d++) {
    if (d) luaL_addstring(&b, " x ");
    lua_pushinteger(L, (lua_Integer)array->shape[d]);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

void ens_operand_fit(lua_State *L, const ens_caller *caller, const char *name, ens_operand *operand,
                     const ens_array *target) {
  ENS_STACK(L, -0, +0);
  ens_array *view = &operand->view;
  if (view->rank == 0) {
    *view = (ens_array){.data = &operand->number, .rank = target->rank};
    memcpy(view->shape, target->shape, sizeof view->shape);
    return;
  }
  bool same = view->rank == target->rank;
  for (size_t d = 0; same && d < view->rank; d++) same = view->shape[d] == target->shape[d];
  if (!same)
    luaL_error(L, "%s: the array is %s, %s is %s: give a number or the same shape", ens_caller_push(L, caller),
               ens_operand_push_shape(L, target), name, ens_operand_push_shape(L, view));
}
