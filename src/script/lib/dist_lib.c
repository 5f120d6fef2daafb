/* One closure for each density over a row of dist/dist.h; its arguments are numbers, arrays or lists, and the result
 * is a sum. */
#include "script/lib/dist_lib.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dist/density.h"
#include "dist/dirichlet.h"
#include "dist/multi_normal.h"
#include "script/state/random_lib.h"
#include "script/value/operand.h"
#include "script/value/push.h"

/* ---- arguments of densities: numbers, arrays and lists of numbers ---- */

enum { OPERANDS = ENS_DIST_PARAMETERS + 1 };

typedef struct operand {
  const double *data; /* NULL for a number */
  double number;
  size_t n; /* elements at data, `stride` apart */
  ptrdiff_t stride;
} operand;

/* The function that Lua calls, for messages. Its arguments are x and the distribution's parameters. */
typedef struct callee {
  const ens_dist *dist;
  const char *form; /* of its name, with %s for the distribution's */
} callee;

static const char *argument_name(const ens_dist *dist, int argument) {
  return argument ? dist->parameter[argument - 1].name : "x";
}

static const char *name_of(lua_State *L, const callee *call) {
  ENS_STACK(L, -0, +1);
  return lua_pushfstring(L, call->form, call->dist->name);
}

static double element(const operand *o, size_t i) {
  return o->data ? o->data[(ptrdiff_t)i * o->stride] : o->number;
}

static operand read_operand(lua_State *L, const callee *call, int argument) {
  ENS_STACK_RANGE(L, -0, +0, +1);
  ens_operand o;
  const char *name = argument_name(call->dist, argument);
  ens_operand_read(L, argument + 1, &(ens_caller){call->form, call->dist->name}, name, &o);
  if (o.view.rank == 0) return (operand){.number = o.number};
  if (o.view.rank != 1)
    luaL_error(L, "%s: %s is an array of %d axes: give one with one axis, like a:col(1)", name_of(L, call), name,
               (int)o.view.rank);
  return (operand){.data = o.view.data, .n = o.view.shape[0], .stride = o.view.stride[0]};
}

static const char *push_arguments(lua_State *L, const ens_dist *dist) {
  ENS_STACK(L, -0, +1);
  lua_pushliteral(L, "x");
  for (size_t i = 0; i < dist->nparameters; i++) lua_pushfstring(L, ", %s", dist->parameter[i].name);
  lua_concat(L, (int)dist->nparameters + 1);
  return lua_tostring(L, -1);
}

/* Trailing nils do not count: f(x, g()) passes one if g returns nil. */
static void check_count(lua_State *L, const callee *call) {
  ENS_STACK(L, -0, +0);
  int n = lua_gettop(L), wanted = (int)call->dist->nparameters + 1;
  while (n > wanted && lua_isnil(L, n)) n--;
  if (n == wanted) return;
  const char *arguments = push_arguments(L, call->dist);
  luaL_error(L, "%s takes %d arguments (%s), not %d", name_of(L, call), wanted, arguments, n);
}

/* The number of terms of the sum; 1 if all arguments are numbers. */
static size_t common_length(lua_State *L, const callee *call, const operand *o) {
  ENS_STACK(L, -0, +0);
  const operand *first = NULL;
  for (size_t i = 0; i <= call->dist->nparameters; i++) {
    if (!o[i].data) continue;
    if (!first) first = &o[i];
    if (o[i].n != first->n)
      luaL_error(L, "%s: %s has %d elements, %s has %d: arrays must have the same length", name_of(L, call),
                 argument_name(call->dist, (int)(first - o)), (int)first->n, argument_name(call->dist, (int)i),
                 (int)o[i].n);
  }
  return first ? first->n : 1;
}

/* ---- densities ---- */

/* As show in lua/ensemble/check/value.lua: without NaN's sign, which differs from machine to machine. */
static void show(double x, char out[32]) {
  snprintf(out, 32, "%.14g", isnan(x) ? fabs(x) : x);
}

/* Pushes "sigma is -1: give a finite number above 0". */
static const char *push_complaint(lua_State *L, const ens_dist *dist, const double *p, size_t bad) {
  ENS_STACK(L, -0, +1);
  const ens_dist_parameter *parameter = &dist->parameter[bad];
  char value[32], below[32];
  show(p[bad], value);
  if (!bad || bad != dist->above || !(p[bad] <= p[bad - 1]))
    return lua_pushfstring(L, "%s is %s: give %s", parameter->name, value, ens_dist_range_text(parameter->range));
  show(p[bad - 1], below);
  return lua_pushfstring(L, "%s is %s: give a number above %s, which is %s", parameter->name, value, parameter[-1].name,
                         below);
}

static void parameters_at(const callee *call, const operand *o, size_t i, double p[ENS_DIST_PARAMETERS]) {
  for (size_t k = 0; k < call->dist->nparameters; k++) p[k] = element(&o[k + 1], i);
}

/* A parameter out of range is an error, except NaN, which gives a NaN for the run's on_nan to handle. */
static ens_density make_density(lua_State *L, const callee *call, const double *p) {
  ENS_STACK(L, -0, +0);
  size_t bad = ens_dist_bad_parameter(call->dist, p);
  if (bad < call->dist->nparameters && !isnan(p[bad])) {
    const char *complaint = push_complaint(L, call->dist, p, bad);
    luaL_error(L, "%s: %s", name_of(L, call), complaint);
  }
  return ens_density_make(call->dist, p);
}

/* The distribution's own loop. False: it has none, or none for these arguments. */
static bool sum_at_once(const callee *call, const operand *o, size_t n, double *out) {
  if (!call->dist->sum) return false;
  ens_dist_column column[OPERANDS];
  for (size_t i = 0; i <= call->dist->nparameters; i++)
    column[i] = o[i].data ? (ens_dist_column){o[i].data, o[i].stride} : (ens_dist_column){&o[i].number, 0};
  return call->dist->sum(n, column, out);
}

/* The sum in the order of the elements; -inf if a term is -inf, even if another is +inf. */
static double sum_of(lua_State *L, const callee *call, const operand *o, size_t n, bool prior) {
  ENS_STACK(L, -0, +0);
  bool refused = false;
  ens_density density;
  double sum = 0, p[ENS_DIST_PARAMETERS] = {0};
  for (size_t i = 0; i < n; i++) {
    parameters_at(call, o, i, p);
    if (i == 0 || !ens_density_move(&density, p)) density = make_density(L, call, p);
    double x = element(&o[0], i), term = prior ? ens_density_log_prior(&density, x) : ens_density_log(&density, x);
    if (term == -INFINITY)
      refused = true;
    else
      sum += term;
  }
  return refused && !isnan(sum) ? -INFINITY : sum;
}

/* Upvalues: the row, and whether the function is a prior's, which ignores further arguments. */
static int lpdf(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  callee call = {.dist = lua_touserdata(L, lua_upvalueindex(1))};
  bool prior = lua_toboolean(L, lua_upvalueindex(2));
  call.form = prior ? "prior.%s" : call.dist->discrete ? "%s_lpmf" : "%s_lpdf";
  if (prior) lua_settop(L, (int)call.dist->nparameters + 1);
  check_count(L, &call);
  operand o[OPERANDS];
  for (size_t k = 0; k <= call.dist->nparameters; k++) o[k] = read_operand(L, &call, (int)k);
  size_t n = common_length(L, &call, o);
  double sum;
  if (!sum_at_once(&call, o, n, &sum)) sum = sum_of(L, &call, o, n, prior);
  lua_pushnumber(L, sum);
  return 1;
}

/* complaint(parameters ...): the message about a prior's parameters, or nil if they are fine. */
static int complain(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_dist *dist = lua_touserdata(L, lua_upvalueindex(1));
  double p[ENS_DIST_PARAMETERS];
  for (size_t i = 0; i < dist->nparameters; i++) p[i] = luaL_checknumber(L, (int)i + 1);
  size_t bad = ens_dist_bad_parameter(dist, p);
  if (bad == dist->nparameters)
    lua_pushnil(L);
  else
    push_complaint(L, dist, p, bad);
  return 1;
}

/* ---- draws ---- */

/* In a model the evaluation's own stream. In a run script a stream that math.random chooses, so that math.randomseed
 * makes draws repeatable. */
static ens_stream *find_stream(lua_State *L, ens_stream *own) {
  ENS_STACK(L, -0, +0);
  ens_stream *stream = ens_random_stream(L);
  if (stream) return stream;
  double word[2];
  for (int i = 0; i < 2; i++) {
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "random");
    lua_call(L, 0, 1);
    word[i] = lua_tonumber(L, -1);
    lua_pop(L, 2);
  }
  *own = ens_stream_at((uint64_t)(word[0] * 0x1p53), (uint64_t)(word[1] * 0x1p53), 0, ENS_RNG_MODEL);
  return own;
}

static int draw(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_dist *dist = lua_touserdata(L, lua_upvalueindex(1));
  double p[ENS_DIST_PARAMETERS] = {0};
  for (size_t i = 0; i < dist->nparameters; i++) p[i] = luaL_checknumber(L, (int)i + 1);
  ens_stream own;
  ens_density density = ens_density_make(dist, p);
  lua_pushnumber(L, ens_density_draw(&density, find_stream(L, &own)));
  return 1;
}

/* ---- priors of a model ---- */

static void read_density(lua_State *L, int index, ens_density *out) {
  ENS_STACK(L, -0, +0);
  double p[ENS_DIST_PARAMETERS] = {0};
  lua_getfield(L, index, "name");
  const ens_dist *dist = ens_dist_find(luaL_checkstring(L, -1));
  for (size_t i = 0; dist && i < dist->nparameters; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    p[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (dist) *out = ens_density_make(dist, p);
}

ens_prior *ens_dist_lib_read_prior(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  index = lua_absindex(L, index);
  size_t n = ens_rawlen(L, index);
  ens_prior *prior = ens_prior_create(n);
  for (size_t i = 0; prior && i < n; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    read_density(L, lua_gettop(L), &prior->density[i]);
    lua_pop(L, 1);
  }
  return prior;
}

typedef struct prior_box {
  ens_prior *prior;
  double theta[]; /* [ndim] */
} prior_box;

static int collect_prior(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  prior_box *box = lua_touserdata(L, 1);
  free(box->prior);
  box->prior = NULL;
  return 0;
}

static int evaluate_prior(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  prior_box *box = lua_touserdata(L, lua_upvalueindex(1));
  luaL_checktype(L, 1, LUA_TTABLE);
  for (size_t i = 0; i < box->prior->ndim; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    box->theta[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pushnumber(L, ens_prior_log(box->prior, box->theta));
  return 1;
}

/* prior_sum(list of prior objects) -> function(theta), which returns the log density. */
static int prior_sum(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  prior_box *box = ens_newuserdata(L, sizeof *box + ens_rawlen(L, 1) * sizeof(double));
  box->prior = NULL;
  lua_newtable(L);
  lua_pushcfunction(L, collect_prior);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  box->prior = ens_dist_lib_read_prior(L, 1);
  if (!box->prior) return luaL_error(L, "not enough memory");
  lua_pushcclosure(L, evaluate_prior, 1);
  return 1;
}

/* ---- densities of several numbers: dist.lua has checked the lists ---- */

static void read_numbers(lua_State *L, int index, size_t n, double *out) {
  ENS_STACK(L, -0, +0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    out[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
}

static int multi_normal_lpdf(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  ens_multi_normal *self = lua_touserdata(L, lua_upvalueindex(1));
  double *x = ens_newuserdata(L, self->n * sizeof *x);
  read_numbers(L, 1, self->n, x);
  lua_pushnumber(L, ens_multi_normal_log(self, x));
  return 1;
}

static int multi_normal_draw(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  ens_multi_normal *self = lua_touserdata(L, lua_upvalueindex(1));
  double *x = ens_newuserdata(L, self->n * sizeof *x);
  ens_stream own;
  ens_multi_normal_draw(self, find_stream(L, &own), x);
  ens_push_numbers(L, x, self->n);
  return 1;
}

/* multi_normal(mean, flat covariance) -> the functions lpdf(list) and draw(); nothing if the covariance is not positive
 * definite. */
static int multi_normal(lua_State *L) {
  ENS_RESULTS(L, 0, 2);
  size_t n = ens_rawlen(L, 1), bytes = ens_multi_normal_bytes(n);
  if (!bytes) return luaL_error(L, "multi_normal: %d dimensions are too many", (int)n);
  ens_multi_normal *self = ens_newuserdata(L, bytes);
  ens_multi_normal_lay_out(self, n);
  read_numbers(L, 1, n, self->mean);
  read_numbers(L, 2, n * n, self->factor);
  if (!ens_multi_normal_prepare(self)) return 0;
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, multi_normal_lpdf, 1);
  lua_insert(L, -2);
  lua_pushcclosure(L, multi_normal_draw, 1);
  return 2;
}

/* dirichlet_lpdf(x, alpha), lists of one length. */
static int dirichlet_lpdf(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  size_t n = ens_rawlen(L, 1);
  double *x = ens_newuserdata(L, (2 * n + 1) * sizeof *x);
  read_numbers(L, 1, n, x);
  read_numbers(L, 2, n, x + n);
  lua_pushnumber(L, ens_dirichlet_log(n, x, x + n));
  return 1;
}

static int dirichlet_draw(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  size_t n = ens_rawlen(L, 1);
  double *x = ens_newuserdata(L, (2 * n + 1) * sizeof *x);
  read_numbers(L, 1, n, x + n);
  ens_stream own;
  ens_dirichlet_draw(n, x + n, find_stream(L, &own), x);
  ens_push_numbers(L, x, n);
  return 1;
}

/* ---- the module's part ---- */

static void push_closure(lua_State *L, const ens_dist *dist, const char *field, lua_CFunction function, int flag) {
  ENS_STACK(L, -0, +0);
  lua_pushlightuserdata(L, (void *)dist);
  lua_pushboolean(L, flag);
  lua_pushcclosure(L, function, 2);
  lua_setfield(L, -2, field);
}

static void push_row(lua_State *L, const ens_dist *dist) {
  ENS_STACK(L, -0, +1);
  lua_newtable(L);
  ens_push_text_field(L, "name", dist->name);
  ens_push_text_field(L, "support", dist->support);
  ens_push_flag_field(L, "discrete", dist->discrete);
  lua_newtable(L);
  for (size_t i = 0; i < dist->nparameters; i++) {
    lua_pushstring(L, dist->parameter[i].name);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "parameters");
  push_closure(L, dist, "lpdf", lpdf, 0);
  push_closure(L, dist, "prior", lpdf, 1);
  push_closure(L, dist, "draw", draw, 0);
  push_closure(L, dist, "complaint", complain, 0);
}

void ens_dist_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {{"prior_sum", prior_sum},
                                       {"multi_normal", multi_normal},
                                       {"dirichlet_lpdf", dirichlet_lpdf},
                                       {"dirichlet_draw", dirichlet_draw},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  lua_newtable(L);
  for (size_t i = 0; ens_dist_at(i); i++) {
    push_row(L, ens_dist_at(i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "distributions");
}
