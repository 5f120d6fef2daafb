/* Checks shapes, gathers the operands into dense memory, calls eval/linalg.h and stores the result. */
#include "script/lib/linalg_lib.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dist/dirichlet.h"
#include "dist/multi_normal.h"
#include "eval/linalg.h"
#include "script/lib/array_lib.h"
#include "script/lib/work_lib.h"

/* ---- contiguous numbers ---- */

static double *push_numbers(lua_State *L, size_t n) {
  ENS_STACK(L, -0, +1);
  if (n > SIZE_MAX / sizeof(double) / 2) luaL_error(L, "not enough memory");
  return ens_newuserdata(L, (n + 1) * sizeof(double));
}

/* The array's own numbers if they are contiguous, else a copy, which is pushed. */
static double *dense(lua_State *L, const ens_array *array) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  if (ens_array_is_dense(array)) return array->data;
  double *numbers = push_numbers(L, ens_array_size(array));
  ens_array_gather(array, numbers);
  return numbers;
}

/* A copy in any case, which is pushed. */
static double *dense_copy(lua_State *L, const ens_array *array) {
  ENS_STACK(L, -0, +1);
  double *numbers = push_numbers(L, ens_array_size(array));
  ens_array_gather(array, numbers);
  return numbers;
}

/* Copies the result back if `numbers` are a copy. */
static void store(const ens_array *array, double *numbers) {
  if (numbers == array->data) return;
  ens_array from = *array;
  ptrdiff_t stride = 1;
  from.data = numbers;
  for (size_t axis = from.rank; axis-- > 0; stride *= (ptrdiff_t)from.shape[axis]) from.stride[axis] = stride;
  for (size_t i = 0; i < array->shape[0]; i++)
    for (size_t j = 0; j < (array->rank > 1 ? array->shape[1] : 1); j++) {
      ptrdiff_t to = (ptrdiff_t)i * array->stride[0], at = (ptrdiff_t)i * from.stride[0];
      if (array->rank > 1) to += (ptrdiff_t)j * array->stride[1], at += (ptrdiff_t)j * from.stride[1];
      array->data[to] = numbers[at];
    }
}

/* ---- arguments ---- */

/* A matrix: an array of two axes, or a list of rows, which becomes an array on the stack. */
static const ens_array *read_matrix(lua_State *L, int index, const ens_caller *caller, const char *name) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  if (lua_type(L, index) == LUA_TTABLE) {
    lua_pushcfunction(L, ens_array_lib_from_lua);
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    index = lua_gettop(L);
  }
  const ens_array *array = ens_array_test(L, index);
  if (array && array->rank == 2) return array;
  if (array)
    luaL_error(L, "%s: %s is an array of %s: give a matrix, an array of 2 axes", ens_caller_push(L, caller), name,
               ens_operand_push_shape(L, array));
  luaL_error(L, "%s: %s is %s%s: give a matrix, an array of 2 axes or a list of rows of one length",
             ens_caller_push(L, caller), name, lua_isnoneornil(L, index) ? "" : "a ", luaL_typename(L, index));
  return NULL;
}

static size_t check_square(lua_State *L, const ens_caller *caller, const char *name, const ens_array *matrix) {
  ENS_STACK(L, -0, +0);
  if (matrix->rank != 2 || matrix->shape[0] != matrix->shape[1] || matrix->shape[0] == 0)
    luaL_error(L, "%s: %s is %s: give a square matrix", ens_caller_push(L, caller), name,
               ens_operand_push_shape(L, matrix));
  if (matrix->shape[0] > INT32_MAX / 4) luaL_error(L, "%s: %s is too large", ens_caller_push(L, caller), name);
  return matrix->shape[0];
}

typedef struct named_array {
  const char *name; /* for messages */
  const ens_array *array;
} named_array;

/* `array` must be a vector or a matrix with as many rows as `matrix` has in the axis `axis`. */
static void check_rows(lua_State *L, const ens_caller *caller, named_array array, named_array matrix, size_t axis) {
  ENS_STACK(L, -0, +0);
  if (array.array->rank > 2 || array.array->shape[0] != matrix.array->shape[axis])
    luaL_error(L, "%s: %s is %s, but %s is %s", ens_caller_push(L, caller), matrix.name,
               ens_operand_push_shape(L, matrix.array), array.name, ens_operand_push_shape(L, array.array));
}

static size_t columns_of(const ens_array *array) {
  return array->rank > 1 ? array->shape[1] : 1;
}

/* ---- methods of work arrays ---- */

static const char *push_bad_minor(lua_State *L, const char *what, size_t order) {
  ENS_STACK(L, -0, +1);
  return lua_pushfstring(L, "%s is not positive definite: its leading minor of order %d is not positive", what,
                         (int)order);
}

static void clear_upper(double *a, size_t n) {
  for (size_t i = 0; i + 1 < n; i++) memset(a + i * n + i + 1, 0, (n - i - 1) * sizeof *a);
}

/* K:cholesky(): replaces K by L with L L' = K, reading K's lower triangle only; or nil, a message and the order of the
 * minor that is not positive. */
static int cholesky(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  static const ens_caller caller = {"%s", "cholesky"};
  const ens_array *w = ens_work_check(L, &caller);
  size_t n = check_square(L, &caller, "the array", w);
  double *a = dense(L, w);
  size_t order = ens_linalg_used()->cholesky(a, n);
  clear_upper(a, n);
  store(w, a);
  if (order) {
    lua_pushnil(L);
    push_bad_minor(L, "the matrix", order);
    lua_pushinteger(L, (lua_Integer)order);
    return 3;
  }
  lua_settop(L, 1);
  return 1;
}

static bool read_transposed(lua_State *L, const ens_caller *caller, int index) {
  ENS_STACK(L, -0, +0);
  if (lua_isnoneornil(L, index)) return false;
  const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
  if (strcmp(text, "T") != 0)
    luaL_error(L, "%s: the third argument is %s: give 'T' for the transposed matrix, or nothing",
               ens_caller_push(L, caller), luaL_tolstring(L, index, NULL));
  return true;
}

/* b:solve_triangular(L) replaces b by the solution of L x = b; b:solve_triangular(L, "T") by that of L' x = b. */
static int solve_triangular(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  static const ens_caller caller = {"%s", "solve_triangular"};
  const ens_array *b = ens_work_check(L, &caller), *l = read_matrix(L, 2, &caller, "L");
  size_t n = check_square(L, &caller, "L", l);
  check_rows(L, &caller, (named_array){"the right side", b}, (named_array){"L", l}, 0);
  bool transposed = read_transposed(L, &caller, 3);
  const double *factor = l->owner == b->owner ? dense_copy(L, l) : dense(L, l);
  double *x = dense(L, b);
  ens_linalg_used()->solve(factor, n, x, columns_of(b), transposed);
  store(b, x);
  lua_settop(L, 1);
  return 1;
}

/* The right factor of a product: a matrix, an array of one axis, or a list of numbers. */
static void read_factor(lua_State *L, const ens_caller *caller, int index, ens_operand *out) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  lua_rawgeti(L, index, 1);
  bool nested = lua_istable(L, -1);
  lua_pop(L, 1);
  if (nested)
    out->view = *read_matrix(L, index, caller, "B");
  else
    ens_operand_read(L, index, caller, "B", out);
}

/* w:matmul(A, B): w = A B, where B is a matrix or a vector. */
static int matmul(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  static const ens_caller caller = {"%s", "matmul"};
  const ens_array *w = ens_work_check(L, &caller), *a = read_matrix(L, 2, &caller, "A");
  ens_operand b;
  if (lua_istable(L, 3))
    read_factor(L, &caller, 3, &b);
  else
    ens_operand_read(L, 3, &caller, "B", &b);
  if (b.view.rank == 0) return luaL_error(L, "matmul: B is a number: give a matrix or a vector");
  check_rows(L, &caller, (named_array){"B", &b.view}, (named_array){"A", a}, 1);
  bool fits = w->rank == b.view.rank && w->shape[0] == a->shape[0] && columns_of(w) == columns_of(&b.view);
  if (!fits)
    return luaL_error(L, "matmul: the array is %s, but A is %s and B is %s", ens_operand_push_shape(L, w),
                      ens_operand_push_shape(L, a), ens_operand_push_shape(L, &b.view));
  const double *left = a->owner == w->owner ? dense_copy(L, a) : dense(L, a);
  const double *right = b.view.owner == w->owner ? dense_copy(L, &b.view) : dense(L, &b.view);
  double *out = dense(L, w);
  ens_linalg_used()->multiply(a->shape[0], a->shape[1], columns_of(w), left, right, out);
  store(w, out);
  lua_settop(L, 1);
  return 1;
}

/* L:cholesky_log_det(): log det(L L') = 2 sum log L_ii. */
static int cholesky_log_det(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  static const ens_caller caller = {"%s", "cholesky_log_det"};
  const ens_array *l = ens_array_check(L, 1);
  size_t n = check_square(L, &caller, "the array", l);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += log(l->data[(ptrdiff_t)i * (l->stride[0] + l->stride[1])]);
  lua_pushnumber(L, 2 * sum);
  return 1;
}

void ens_linalg_lib_add_methods(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg methods[] = {{"cholesky", cholesky},
                                     {"solve_triangular", solve_triangular},
                                     {"matmul", matmul},
                                     {"cholesky_log_det", cholesky_log_det},
                                     {NULL, NULL}};
  luaL_setfuncs(L, methods, 0);
}

/* ---- the multivariate normal density ---- */

/* x or the mean: a vector of n numbers, or one number for all n. */
static void read_vector(lua_State *L, int index, const ens_caller *caller, const char *name, size_t n,
                        ens_operand *out) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  ens_operand_read(L, index, caller, name, out);
  if (out->view.rank == 0) {
    out->view = (ens_array){.data = &out->number, .rank = 1, .shape = {n}};
  } else if (out->view.rank != 1 || out->view.shape[0] != n) {
    luaL_error(L, "%s: %s is %s, but the matrix is %d x %d", ens_caller_push(L, caller), name,
               ens_operand_push_shape(L, &out->view), (int)n, (int)n);
  }
}

static void check_symmetric(lua_State *L, const ens_caller *caller, const double *a, size_t n) {
  ENS_STACK(L, -0, +0);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      double x = a[i * n + j], y = a[j * n + i];
      if (!(fabs(x - y) > 1e-12 * fmax(fabs(x), fabs(y)))) continue;
      char shown[2][32];
      snprintf(shown[0], sizeof shown[0], "%.14g", x);
      snprintf(shown[1], sizeof shown[1], "%.14g", y);
      luaL_error(L, "%s: covariance is not symmetric: [%d][%d] is %s, [%d][%d] is %s", ens_caller_push(L, caller),
                 (int)i + 1, (int)j + 1, shown[0], (int)j + 1, (int)i + 1, shown[1]);
    }
}

/* The Cholesky factor of the covariance at `index`, in a copy, which is pushed. NULL: the covariance contains a NaN,
 * and the density is NaN, for the run's on_nan to handle. */
static const double *factor_of(lua_State *L, int index, const ens_caller *caller, size_t *n) {
  ENS_STACK_RANGE(L, -0, +1, +2);
  const ens_array *matrix = read_matrix(L, index, caller, "covariance");
  *n = check_square(L, caller, "covariance", matrix);
  double *a = dense_copy(L, matrix);
  for (size_t i = 0; i < *n * *n; i++)
    if (isnan(a[i])) return NULL;
  check_symmetric(L, caller, a, *n);
  size_t order = ens_linalg_used()->cholesky(a, *n);
  if (order) {
    const char *complaint = push_bad_minor(L, "the covariance", order);
    luaL_error(L, "%s: %s", ens_caller_push(L, caller), complaint);
  }
  return a;
}

static double log_density(lua_State *L, const ens_caller *caller, const double *factor, size_t n) {
  ENS_STACK_RANGE(L, -0, +1, +3);
  ens_operand x, mean;
  read_vector(L, 1, caller, "x", n, &x);
  read_vector(L, 2, caller, "mean", n, &mean);
  double *z = push_numbers(L, n), sum = 0;
  for (size_t i = 0; i < n; i++) {
    double at = x.view.data[(ptrdiff_t)i * x.view.stride[0]];
    if (isinf(at)) return -INFINITY;
    z[i] = at - mean.view.data[(ptrdiff_t)i * mean.view.stride[0]];
  }
  ens_linalg_used()->solve(factor, n, z, 1, false);
  for (size_t i = 0; i < n; i++) sum += z[i] * z[i];
  return ens_multi_normal_constant(factor, n) - sum / 2;
}

static void check_arguments(lua_State *L, const ens_caller *caller, const char *names) {
  ENS_STACK(L, -0, +0);
  if (lua_gettop(L) != 3)
    luaL_error(L, "%s takes 3 arguments, %s, not %d", ens_caller_push(L, caller), names, lua_gettop(L));
}

static int multi_normal_lpdf(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  static const ens_caller caller = {"%s", "multi_normal_lpdf"};
  check_arguments(L, &caller, "x, mean and covariance");
  size_t n;
  const double *factor = factor_of(L, 3, &caller, &n);
  lua_pushnumber(L, factor ? log_density(L, &caller, factor, n) : NAN);
  return 1;
}

/* The third argument is L, where the covariance is L L'. */
static int multi_normal_cholesky_lpdf(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  static const ens_caller caller = {"%s", "multi_normal_cholesky_lpdf"};
  check_arguments(L, &caller, "x, mean and L");
  const ens_array *l = read_matrix(L, 3, &caller, "L");
  size_t n = check_square(L, &caller, "L", l);
  lua_pushnumber(L, log_density(L, &caller, dense(L, l), n));
  return 1;
}

void ens_linalg_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {{"multi_normal_lpdf", multi_normal_lpdf},
                                       {"multi_normal_cholesky_lpdf", multi_normal_cholesky_lpdf},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
