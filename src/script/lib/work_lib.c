/* A closure for each operation, with its row of data/elementwise.h as upvalue. */
#include "script/lib/work_lib.h"

#include <math.h>
#include <string.h>

#include "data/elementwise.h"
#include "script/lib/array_lib.h"

const ens_array *ens_work_check(lua_State *L, const ens_caller *caller) {
  ENS_STACK(L, -0, +0);
  const ens_array *array = ens_array_check(L, 1);
  if (!ens_array_is_work(L, 1))
    luaL_error(L,
               "%s: this array is read-only, because all workers share it: ensemble.work(a) makes one that can change",
               ens_caller_push(L, caller));
  return array;
}

/* Copies an operand that is another view of w's memory, so that the operation does not change it while reading. */
static void part(lua_State *L, ens_operand *x, const ens_array *w) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  if (!x->view.owner || x->view.owner != w->owner) return;
  bool same = x->view.data == w->data;
  for (size_t d = 0; d < w->rank; d++) same = same && x->view.stride[d] == w->stride[d];
  if (same) return;
  ens_array_push_new(L, ens_array_copy(&x->view));
  x->view = *ens_array_test(L, -1);
}

/* w:add(x), w:axpy(a, x), and others. Upvalue: the operation. */
static int apply(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_elementwise *operation = lua_touserdata(L, lua_upvalueindex(1));
  ens_caller caller = {"%s", operation->name};
  const ens_array *w = ens_work_check(L, &caller);
  double a = 0;
  if (operation->has_factor) {
    if (lua_type(L, 2) != LUA_TNUMBER)
      return luaL_error(L, "%s: its first argument is %s%s: give a number", operation->name,
                        lua_isnoneornil(L, 2) ? "" : "a ", luaL_typename(L, 2));
    a = lua_tonumber(L, 2);
  }
  ens_operand x;
  ens_operand_read(L, operation->has_factor ? 3 : 2, &caller, "x", &x);
  ens_operand_fit(L, &caller, "x", &x, w);
  part(L, &x, w);
  ens_elementwise_apply(operation, w, &x.view, a);
  lua_settop(L, 1);
  return 1;
}

/* w:exp() and others. Upvalue: the function. */
static int map(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_elementwise_function *function = lua_touserdata(L, lua_upvalueindex(1));
  ens_elementwise_map(function, ens_work_check(L, &(ens_caller){"%s", function->name}));
  lua_settop(L, 1);
  return 1;
}

static void add_method(lua_State *L, const char *name, const void *row, lua_CFunction function) {
  ENS_STACK(L, -0, +0);
  lua_pushlightuserdata(L, (void *)row);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

void ens_work_add_methods(lua_State *L) {
  ENS_STACK(L, -0, +0);
  for (const ens_elementwise *o = ens_elementwise_operations; o->name; o++) add_method(L, o->name, o, apply);
  for (const ens_elementwise_function *f = ens_elementwise_functions; f->name; f++) add_method(L, f->name, f, map);
}

/* Reads the extents from the arguments. False: a message is on top. */
static bool read_shape(lua_State *L, size_t rank, size_t *shape) {
  ENS_STACK_RANGE(L, -0, +0, +2);
  if (rank > ENS_ARRAY_MAX_RANK)
    return lua_pushfstring(L, "ensemble.work takes at most %d axes, not %d", ENS_ARRAY_MAX_RANK, (int)rank), false;
  for (size_t d = 0; d < rank; d++) {
    lua_Number n = lua_tonumber(L, (int)d + 1);
    if (lua_type(L, (int)d + 1) != LUA_TNUMBER || n != floor(n) || !(n >= 1 && n <= 0x1p53)) {
      const char *shown = luaL_tolstring(L, (int)d + 1, NULL);
      lua_pushfstring(L, "ensemble.work: axis %d is %s: give a whole number of at least 1", (int)d + 1, shown);
      return false;
    }
    shape[d] = (size_t)n;
  }
  return true;
}

static int fail(lua_State *L) {
  ENS_STACK(L, -1, +2);
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

int ens_work_make(lua_State *L) {
  ENS_RESULTS(L, 1, 2);
  if (lua_type(L, 1) != LUA_TNUMBER) {
    int results = ens_array_lib_make(L, "ensemble.work");
    if (results == 1) ens_array_push_work(L, ens_array_copy(ens_array_test(L, -1)));
    return results;
  }
  size_t shape[ENS_ARRAY_MAX_RANK], rank = (size_t)lua_gettop(L);
  if (!read_shape(L, rank, shape)) return fail(L);
  ens_array *array = ens_array_create(rank, shape);
  if (array) {
    ens_array_push_work(L, array);
    return 1;
  }
  ens_array wanted = {.rank = rank};
  memcpy(wanted.shape, shape, rank * sizeof *shape);
  lua_pushfstring(L, "ensemble.work: not enough memory for an array of %s", ens_operand_push_shape(L, &wanted));
  return fail(L);
}
