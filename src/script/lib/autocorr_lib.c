#include "script/lib/autocorr_lib.h"

#include "script/lib/core_lib.h"
#include "script/value/array_box.h"
#include "script/value/push.h"
#include "stats/autocorr.h"

static bool is_in_one_piece(const ens_array *array) {
  ptrdiff_t stride = 1;
  for (size_t axis = array->rank; axis-- > 0; stride *= (ptrdiff_t)array->shape[axis])
    if (array->stride[axis] != stride) return false;
  return true;
}

/* The array at `index` with its elements one behind the other: itself, or a copy, which is then on the stack. */
static const ens_array *in_one_piece(lua_State *L, int index) {
  const ens_array *array = ens_array_check(L, index);
  if (is_in_one_piece(array)) return array;
  ens_array_push_new(L, ens_array_copy(array));
  return ens_array_test(L, -1);
}

/* (array [n]) -> array [n] */
static int function(lua_State *L) {
  const ens_array *series = in_one_piece(L, 1);
  ens_array_push_new(L, ens_array_create(1, series->shape));
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_autocorr_function(series->data, series->shape[0], ens_array_test(L, -1)->data, &error);
  return status ? ens_fail(L, &error) : 1;
}

/* (array [steps], [steps][walkers] or [steps][walkers][dim], c) -> list of tau */
static int times(lua_State *L) {
  double c = luaL_checknumber(L, 2);
  const ens_array *series = in_one_piece(L, 1);
  size_t walkers = series->rank > 1 ? series->shape[1] : 1, ndim = series->rank > 2 ? series->shape[2] : 1;
  double *tau = lua_newuserdata(L, (ndim + 1) * sizeof *tau);
  ens_error error = ENS_ERROR_NONE;
  if (ens_autocorr_time(&(ens_autocorr_series){series->data, series->shape[0], walkers, ndim, 1}, c, tau, &error))
    return ens_fail(L, &error);
  ens_push_numbers(L, tau, ndim);
  return 1;
}

void ens_autocorr_lib_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"autocorr_function", function}, {"autocorr_times", times}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
