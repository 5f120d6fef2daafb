/* Copies an array that is not contiguous, then calls stats/autocorr.h. */
#include "script/lib/autocorr_lib.h"

#include "script/state/fail.h"
#include "script/value/array.h"
#include "script/value/push.h"
#include "stats/autocorr.h"

static bool is_contiguous(const ens_array *array) {
  ptrdiff_t stride = 1;
  for (size_t axis = array->rank; axis-- > 0; stride *= (ptrdiff_t)array->shape[axis])
    if (array->stride[axis] != stride) return false;
  return true;
}

/* The array at `index` if its elements are contiguous, else a copy, which is pushed. */
static const ens_array *contiguous(lua_State *L, int index) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  const ens_array *array = ens_array_check(L, index);
  if (is_contiguous(array)) return array;
  ens_array_push_new(L, ens_array_copy(array));
  return ens_array_test(L, -1);
}

/* autocorr_function(array [n]) -> array [n] */
static int function(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  const ens_array *series = contiguous(L, 1);
  ens_array_push_new(L, ens_array_create(1, series->shape));
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_autocorr_function(series->data, series->shape[0], ens_array_test(L, -1)->data, &error);
  return status ? ens_fail(L, &error) : 1;
}

/* autocorr_times(array [steps], [steps][walkers] or [steps][walkers][dim], c) -> list of tau */
static int times(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  double c = luaL_checknumber(L, 2);
  const ens_array *series = contiguous(L, 1);
  size_t walkers = series->rank > 1 ? series->shape[1] : 1, ndim = series->rank > 2 ? series->shape[2] : 1;
  double *tau = lua_newuserdata(L, (ndim + 1) * sizeof *tau);
  ens_error error = ENS_ERROR_NONE;
  if (ens_autocorr_time(&(ens_autocorr_series){series->data, series->shape[0], walkers, ndim, 1}, c, tau, &error))
    return ens_fail(L, &error);
  ens_push_numbers(L, tau, ndim);
  return 1;
}

void ens_autocorr_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {{"autocorr_function", function}, {"autocorr_times", times}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
