/* Indexing first, since it is the path that models take most; then the methods, then making arrays of tables. */
#include "script/lib/array_lib.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "script/lib/linalg_lib.h"
#include "script/lib/work_lib.h"

/* ---- elements ---- */

static lua_Number integer_index(lua_State *L, int at, const ens_array *array, size_t axis) {
  ENS_STACK(L, -0, +0);
  lua_Number index = lua_tonumber(L, at);
  if (lua_type(L, at) != LUA_TNUMBER || index != floor(index))
    luaL_error(L, "an array's index must be a whole number from 1 to %d, not %s", (int)array->shape[axis],
               lua_isnone(L, at) ? "nothing" : luaL_tolstring(L, at, NULL));
  return index;
}

static size_t bounded_index(lua_State *L, int at, const ens_array *array, size_t axis) {
  ENS_STACK(L, -0, +0);
  lua_Number index = integer_index(L, at, array, axis);
  if (!(index >= 1 && index <= (lua_Number)array->shape[axis]))
    luaL_error(L, "index %s is outside the array: axis %d goes from 1 to %d", luaL_tolstring(L, at, NULL),
               (int)axis + 1, (int)array->shape[axis]);
  return (size_t)index - 1;
}

/* Pushes a view of the array at 1, as a work array if that is one. */
static int push_view(lua_State *L, ens_array *view) {
  ENS_STACK(L, -0, +1);
  if (ens_array_is_work(L, 1))
    ens_array_push_work(L, view);
  else
    ens_array_push_new(L, view);
  return 1;
}

/* a[i]: a number, or the i-th sub-array; nil for the index after the last, so that loops up to nil end. */
static int element(lua_State *L, const ens_array *array) {
  ENS_STACK(L, -0, +1);
  lua_Number index = integer_index(L, 2, array, 0);
  if (index == (lua_Number)array->shape[0] + 1) {
    lua_pushnil(L);
    return 1;
  }
  size_t i = bounded_index(L, 2, array, 0);
  if (array->rank > 1) return push_view(L, ens_array_pick(array, 0, i));
  lua_pushnumber(L, array->data[(ptrdiff_t)i * array->stride[0]]);
  return 1;
}

static int index_array(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  ens_array *array = ens_array_indexed(L);
  if (lua_type(L, 2) == LUA_TNUMBER) return element(L, array);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (lua_isnil(L, -1)) return luaL_error(L, "an array has no field '%s'", luaL_tolstring(L, 2, NULL));
  return 1;
}

/* ---- writing ---- */

static void check_writable(lua_State *L) {
  ENS_STACK(L, -0, +0);
  if (!ens_array_is_work(L, 1))
    luaL_error(L, "arrays are read-only, because all workers share them: ensemble.work(a) makes one that can change");
}

static double checked_value(lua_State *L, int at) {
  ENS_STACK(L, -0, +0);
  if (lua_type(L, at) != LUA_TNUMBER)
    luaL_error(L, "an element must be a number, not %s%s", lua_isnoneornil(L, at) ? "" : "a ", luaL_typename(L, at));
  return lua_tonumber(L, at);
}

static int write_element(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  const ens_array *array = ens_array_check(L, 1);
  check_writable(L);
  if (array->rank > 1)
    return luaL_error(L, "write an element of an array of %d axes with set, as in w:set(i, j, x)", (int)array->rank);
  size_t i = bounded_index(L, 2, array, 0);
  array->data[(ptrdiff_t)i * array->stride[0]] = checked_value(L, 3);
  return 0;
}

static int length(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushinteger(L, (lua_Integer)ens_array_check(L, 1)->shape[0]);
  return 1;
}

/* The element whose indices are the arguments from 2 on. */
static double *place_of(lua_State *L, const ens_array *array) {
  ENS_STACK(L, -0, +0);
  ptrdiff_t offset = 0;
  for (size_t d = 0; d < array->rank; d++)
    offset += (ptrdiff_t)bounded_index(L, (int)d + 2, array, d) * array->stride[d];
  return array->data + offset;
}

/* `count`: the number of indices; `and`: the other arguments, for the message. */
static void check_indices(lua_State *L, const char *name, const char *and, const ens_array *array, int count) {
  ENS_STACK(L, -0, +0);
  if ((size_t)count != array->rank)
    luaL_error(L, "%s takes %d %s%s for this array, not %d", name, (int)array->rank,
               array->rank == 1 ? "index" : "indices", and, count);
}

static int at(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_array *array = ens_array_check(L, 1);
  check_indices(L, "at", "", array, lua_gettop(L) - 1);
  lua_pushnumber(L, *place_of(L, array));
  return 1;
}

static int set(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  const ens_array *array = ens_array_check(L, 1);
  check_writable(L);
  check_indices(L, "set", " and a number", array, lua_gettop(L) - 2);
  double value = checked_value(L, lua_gettop(L));
  *place_of(L, array) = value;
  return 0;
}

/* ---- shape and copies ---- */

static int shape(lua_State *L) {
  ENS_RESULTS(L, 1, ENS_ARRAY_MAX_RANK);
  const ens_array *array = ens_array_check(L, 1);
  for (size_t d = 0; d < array->rank; d++) lua_pushinteger(L, (lua_Integer)array->shape[d]);
  return (int)array->rank;
}

static void push_table(lua_State *L, const ens_array *array, size_t axis, const double *data) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, (int)array->shape[axis], 0);
  for (size_t i = 0; i < array->shape[axis]; i++, data += array->stride[axis]) {
    if (axis + 1 == array->rank)
      lua_pushnumber(L, *data);
    else
      push_table(L, array, axis + 1, data);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static int to_table(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_array *array = ens_array_check(L, 1);
  luaL_checkstack(L, 2 * ENS_ARRAY_MAX_RANK, "an array of high rank");
  push_table(L, array, 0, array->data);
  return 1;
}

static int copy(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  return push_view(L, ens_array_copy(ens_array_check(L, 1)));
}

static int slice(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_array *array = ens_array_check(L, 1);
  lua_Number first = integer_index(L, 2, array, 0), last = integer_index(L, 3, array, 0);
  if (!(first >= 1 && last <= (lua_Number)array->shape[0] && first <= last + 1))
    return luaL_error(L, "slice(%s, %s) is outside the array: it goes from 1 to %d", luaL_tolstring(L, 2, NULL),
                      luaL_tolstring(L, 3, NULL), (int)array->shape[0]);
  return push_view(L, ens_array_slice(array, (size_t)first - 1, (size_t)(last - first + 1)));
}

static int pick(lua_State *L, size_t axis, const char *name) {
  ENS_STACK(L, -0, +1);
  const ens_array *array = ens_array_check(L, 1);
  if (array->rank < 2) return luaL_error(L, "%s: this array has one axis, but needs at least two", name);
  return push_view(L, ens_array_pick(array, axis, bounded_index(L, 2, array, axis)));
}
static int row(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  return pick(L, 0, "row");
}
static int col(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  return pick(L, 1, "col");
}

static int diagonal(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_array *array = ens_array_check(L, 1);
  if (array->rank != 2)
    return luaL_error(L, "diagonal: this array has %d %s, but needs two", (int)array->rank,
                      array->rank == 1 ? "axis" : "axes");
  return push_view(L, ens_array_diagonal(array));
}

/* ---- sums ---- */

static int sum(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, ens_array_sum(ens_array_check(L, 1)));
  return 1;
}
static int mean(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, ens_array_mean(ens_array_check(L, 1)));
  return 1;
}
static int dot(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_array *a = ens_array_check(L, 1), *b = ens_array_check(L, 2);
  bool same = a->rank == b->rank;
  for (size_t d = 0; same && d < a->rank; d++) same = a->shape[d] == b->shape[d];
  if (!same)
    return luaL_error(L, "dot: the arrays are %s and %s: their shapes must be equal", ens_operand_push_shape(L, a),
                      ens_operand_push_shape(L, b));
  lua_pushnumber(L, ens_array_dot(a, b));
  return 1;
}

static int describe(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_array *array = ens_array_check(L, 1);
  lua_pushfstring(L, "%sarray of %s", ens_array_is_work(L, 1) ? "work " : "", ens_operand_push_shape(L, array));
  return 1;
}

void ens_array_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg methods[] = {{"at", at},     {"set", set},     {"shape", shape}, {"totable", to_table},
                                     {"copy", copy}, {"row", row},     {"col", col},     {"diagonal", diagonal},
                                     {"sum", sum},   {"slice", slice}, {"mean", mean},   {"dot", dot},
                                     {NULL, NULL}};
  static const luaL_Reg metamethods[] = {
      {"__newindex", write_element}, {"__len", length}, {"__tostring", describe}, {NULL, NULL}};
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  ens_work_add_methods(L);
  ens_linalg_lib_add_methods(L);
  lua_newtable(L);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, index_array, 1);
  lua_setfield(L, -2, "__index");
  ens_array_register(L);
}

/* ---- making ---- */

/* Returns the rank of the nested table on top, and its shape, which the first elements decide. 0: a first element is
 * missing, or the table is nested too deep. */
static size_t find_shape(lua_State *L, size_t *extent) {
  ENS_STACK(L, -0, +0);
  int top = lua_gettop(L);
  size_t rank = 0;
  luaL_checkstack(L, ENS_ARRAY_MAX_RANK + 2, "a nested table");
  while (lua_istable(L, -1) && rank < ENS_ARRAY_MAX_RANK) {
    extent[rank++] = (size_t)ens_rawlen(L, -1);
    lua_rawgeti(L, -1, 1);
  }
  bool deep = lua_istable(L, -1);
  lua_settop(L, top);
  return deep ? 0 : rank;
}

typedef struct filler {
  const char *name; /* the function's, for messages */
  ens_array *array;
  size_t index[ENS_ARRAY_MAX_RANK];
  double *to;
} filler;

/* Pushes "[2][3]", the place in the nested table, 1-based. */
static void push_place(lua_State *L, const filler *f, size_t depth) {
  ENS_STACK(L, -0, +1);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t d = 0; d <= depth; d++) {
    lua_pushfstring(L, "[%d]", (int)f->index[d] + 1);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
}

/* Fills the array from the table on top. False: a message is on top. */
static bool fill(lua_State *L, filler *f, size_t axis) {
  ENS_STACK_RANGE(L, -0, +0, +3 * ENS_ARRAY_MAX_RANK);
  size_t n = f->array->shape[axis];
  bool last = axis + 1 == f->array->rank;
  if ((size_t)ens_rawlen(L, -1) != n) {
    if (axis == 0) return lua_pushstring(L, "the table changed"), false;
    push_place(L, f, axis - 1);
    lua_pushfstring(L, "%s: %s has %d elements, but the first table at this depth has %d", f->name, lua_tostring(L, -1),
                    (int)ens_rawlen(L, -2), (int)n);
    return false;
  }
  for (f->index[axis] = 0; f->index[axis] < n; f->index[axis]++) {
    lua_rawgeti(L, -1, (int)f->index[axis] + 1);
    if (last ? lua_type(L, -1) != LUA_TNUMBER : !lua_istable(L, -1)) {
      push_place(L, f, axis);
      lua_pushfstring(L, "%s: %s is a %s: it must be a %s", f->name, lua_tostring(L, -1), luaL_typename(L, -2),
                      last ? "number" : "table");
      return false;
    }
    if (last)
      *f->to++ = lua_tonumber(L, -1);
    else if (!fill(L, f, axis + 1))
      return false;
    lua_pop(L, 1);
  }
  return true;
}

int ens_array_lib_make(lua_State *L, const char *name) {
  ENS_RESULTS(L, 1, 2);
  lua_settop(L, 1);
  const ens_array *given = ens_array_test(L, 1);
  if (given && ens_array_is_work(L, 1)) ens_array_push_new(L, ens_array_copy(given));
  if (given) return 1;
  size_t extent[ENS_ARRAY_MAX_RANK], rank = lua_istable(L, 1) ? find_shape(L, extent) : 0;
  if (rank == 0) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s takes a table of numbers or a nested one, at most %d levels deep, not a %s", name,
                    ENS_ARRAY_MAX_RANK, luaL_typename(L, 1));
    return 2;
  }
  ens_array_push_new(L, ens_array_create(rank, extent));
  filler f = {.name = name, .array = ens_array_test(L, -1)};
  f.to = f.array->data;
  lua_pushvalue(L, 1);
  luaL_checkstack(L, 3 * ENS_ARRAY_MAX_RANK, "a nested table");
  if (!fill(L, &f, 0)) {
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  lua_pop(L, 1);
  return 1;
}

int ens_array_lib_from_lua(lua_State *L) {
  ENS_RESULTS(L, 1, 2);
  return ens_array_lib_make(L, "ensemble.array");
}
