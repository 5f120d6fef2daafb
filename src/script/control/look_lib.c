/* Snapshots of the globals and of the memory around setup and evaluations, by hooks of run/look.h; then the results
 * as a table. */
#include "script/control/look_lib.h"

#include <string.h>

#include "base/list.h"
#include "script/model/instance.h"
#include "script/state/fail.h"
#include "script/value/push.h"
#include "sys/clock.h"

enum { MOST_NAMES = 32 };

typedef struct name_list {
  char **name; /* the first MOST_NAMES; those that memory had no room for are missing */
  size_t count;
} name_list;

/* Observes the first Lua state that is made. */
typedef struct witness {
  ens_lua_model_observer base;
  bool is_file;  /* an inline model's state starts with copies of the script's globals */
  unsigned seen; /* states */
  double loaded_at, setup_seconds;
  size_t loaded_bytes, setup_bytes, engine_bytes; /* engine_bytes: memory that malloc does not count */
  name_list loaded, set_up, evaluated;            /* names of globals written */
  size_t counted_from;
  double allocated, kept; /* bytes per call */
  bool counted;
} witness;

/* ---- memory ---- */

static size_t collector_bytes(lua_State *L) {
  ENS_STACK(L, -0, +0);
  return (size_t)lua_gc(L, LUA_GCCOUNT, 0) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB, 0);
}

static void collect(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0); /* memory that finalizers have released */
}

static size_t engine_bytes(lua_State *L) {
  ENS_STACK(L, -0, +0);
  return ENS_OWN_ALLOCATOR ? collector_bytes(L) : 0;
}

/* Lua's memory and that of the arrays it holds. If malloc does not count, Lua's memory alone. */
static size_t used_bytes(lua_State *L) {
  ENS_STACK(L, -0, +0);
  size_t by_malloc = ens_look_heap_bytes();
  return by_malloc ? by_malloc + engine_bytes(L) : collector_bytes(L);
}

/* ---- globals ---- */

static const char snapshot_key = 0; /* in the registry */

/* Remembers the value of each global. */
static void take_snapshot(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_newtable(L);
  ens_push_globals(L);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -5);
  }
  lua_pop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &snapshot_key);
}

static void add_name(name_list *list, const char *name) {
  if (list->count < MOST_NAMES) ens_list_add(&list->name, &list->count, strdup(name));
}

/* Adds the globals whose values differ from the snapshot, and takes a new snapshot. */
static void compare_snapshot(lua_State *L, name_list *list) {
  ENS_STACK(L, -0, +0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &snapshot_key);
  ens_push_globals(L);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      lua_pushvalue(L, -2);
      lua_rawget(L, -5);
      if (!lua_rawequal(L, -1, -2)) add_name(list, lua_tostring(L, -3));
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  take_snapshot(L);
}

static void push_names(lua_State *L, const char *field, const name_list *list) {
  ENS_STACK(L, -0, +0);
  ens_push_names(L, list->name, list->count);
  lua_setfield(L, -2, field);
}

/* ---- while a state is made ---- */

static void on_loaded(witness *self, lua_State *L) {
  ENS_STACK(L, -0, +0);
  if (self->is_file) compare_snapshot(L, &self->loaded);
  take_snapshot(L);
  collect(L);
  self->loaded_bytes = used_bytes(L);
  self->loaded_at = ens_clock_now();
}

static void on_ready(witness *self, lua_State *L) {
  ENS_STACK(L, -0, +0);
  self->setup_seconds = ens_clock_now() - self->loaded_at;
  collect(L);
  size_t bytes = used_bytes(L);
  self->setup_bytes = bytes > self->loaded_bytes ? bytes - self->loaded_bytes : 0;
  self->engine_bytes = engine_bytes(L);
  compare_snapshot(L, &self->set_up);
}

static void on_phase(ens_lua_model_observer *base, lua_State *L, ens_lua_model_phase phase) {
  ENS_STACK(L, -0, +0);
  witness *self = (witness *)base;
  if (phase == ENS_LUA_EMPTY && self->seen++ == 0) take_snapshot(L);
  if (self->seen > 1) return;
  if (phase == ENS_LUA_LOADED) on_loaded(self, L);
  if (phase == ENS_LUA_READY) on_ready(self, L);
}

/* ---- while it evaluates ---- */

static void count_bytes(void *context, void *pointer, size_t n) {
  witness *self = context;
  lua_State *L = ((ens_instance *)pointer)->L;
  if (n == 0) {
    collect(L);
    lua_gc(L, LUA_GCSTOP, 0);
    self->counted_from = collector_bytes(L);
    return;
  }
  self->allocated = ((double)collector_bytes(L) - (double)self->counted_from) / (double)n;
  lua_gc(L, LUA_GCRESTART, 0);
  collect(L);
  self->kept = ((double)collector_bytes(L) - (double)self->counted_from) / (double)n;
  self->counted = true;
}

static void end(void *context, void *pointer) {
  witness *self = context;
  compare_snapshot(((ens_instance *)pointer)->L, &self->evaluated);
}

/* ---- as a table ---- */

static void set_list(lua_State *L, const char *field, const double *first, size_t stride, size_t n) {
  ENS_STACK(L, -0, +0);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, *(const double *)((const char *)first + i * stride));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, field);
}

static void push_outcomes(lua_State *L, const ens_look *look) {
  ENS_STACK(L, -0, +0);
  static const char *const names[] = {"value", "nan", "error"};
  lua_createtable(L, (int)look->n, 0);
  for (size_t i = 0; i < look->n; i++) {
    lua_pushstring(L, names[look->point[i].outcome]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "outcome");
}

static void push_position(lua_State *L, const ens_look *look, size_t i) {
  ENS_STACK(L, -0, +0);
  ens_push_numbers(L, look->theta + i * look->ndim, look->ndim);
  lua_setfield(L, -2, "theta");
}

static void push_failure(lua_State *L, const ens_look *look) {
  ENS_STACK(L, -0, +0);
  if (!look->message) return;
  lua_newtable(L);
  lua_pushstring(L, look->message);
  lua_setfield(L, -2, "message");
  push_position(L, look, look->failed);
  lua_setfield(L, -2, "failure");
}

static void push_difference(lua_State *L, const ens_look *look) {
  ENS_STACK(L, -0, +0);
  static const char *const same[] = {"same", "history", "state", "chance"};
  lua_pushstring(L, same[look->same]);
  lua_setfield(L, -2, "same");
  ens_push_flag_field(L, "calls_agree", look->calls_agree);
  ens_push_flag_field(L, "states_agree", look->states_agree);
  if (!look->differs) return;
  lua_newtable(L);
  push_position(L, look, look->different);
  ens_push_number_field(L, "log_prob", look->point[look->different].log_prob);
  ens_push_number_field(L, "other", look->other);
  ens_push_flag_field(L, "in_blobs", look->in_blobs);
  lua_setfield(L, -2, "difference");
}

static void push_look(lua_State *L, const ens_look *look) {
  ENS_STACK(L, -0, +1);
  lua_newtable(L);
  ens_push_number_field(L, "n", (double)look->n);
  ens_push_number_field(L, "nstart", (double)look->nstart);
  const ens_look_point *point = look->point;
  set_list(L, "seconds", &point->seconds, sizeof *point, look->n);
  set_list(L, "log_prob", &point->log_prob, sizeof *point, look->n);
  push_outcomes(L, look);
  push_failure(L, look);
  push_difference(L, look);
  ens_push_number_field(L, "evaluations_per_update", look->evaluations_per_update);
  ens_push_number_field(L, "loop_s", look->loop_seconds);
  ens_push_number_field(L, "state_s", look->state_seconds);
  ens_push_number_field(L, "state_bytes", (double)look->state_bytes);
}

static void push_witness(lua_State *L, const witness *self, const ens_look *look) {
  ENS_STACK(L, -0, +0);
  ens_push_number_field(L, "setup_s", self->setup_seconds);
  ens_push_number_field(L, "setup_bytes", (double)self->setup_bytes);
  ens_push_number_field(L, "state_bytes", (double)(look->state_bytes + self->engine_bytes));
  if (self->counted) {
    ens_push_number_field(L, "allocated", self->allocated);
    ens_push_number_field(L, "kept", self->kept);
  }
  lua_newtable(L);
  push_names(L, "load", &self->loaded);
  push_names(L, "setup", &self->set_up);
  push_names(L, "evaluation", &self->evaluated);
  lua_setfield(L, -2, "globals");
}

int ens_look_push(lua_State *L, ens_run *run, ens_model *model, double seconds) {
  ENS_STACK_RANGE(L, -0, +1, +3);
  ens_lua_model *in_lua = ens_lua_model_test(model);
  witness self = {.base = {on_phase}, .is_file = in_lua && in_lua->text};
  ens_look_hooks hooks = {&self, count_bytes, end};
  ens_look look;
  ens_error error = ENS_ERROR_NONE;
  if (in_lua) in_lua->observer = &self.base;
  ens_look_options options = {.seconds = seconds, .hooks = in_lua ? &hooks : NULL};
  ens_status status = ens_run_inspect(run, &options, &look, &error);
  if (in_lua) in_lua->observer = NULL;
  if (!status) {
    push_look(L, &look);
    if (in_lua) push_witness(L, &self, &look);
    ens_look_free(&look);
  }
  ens_list_free(self.loaded.name, self.loaded.count);
  ens_list_free(self.set_up.name, self.set_up.count);
  ens_list_free(self.evaluated.name, self.evaluated.count);
  if (status == ENS_STOPPED) ens_error_set(&error, ENS_IO, "stopped by a signal");
  return status ? ens_fail(L, &error) : 1;
}

int ens_look_push_moves(lua_State *L, ens_run *run, size_t ndim, bool skewed, size_t sweeps, size_t replicates) {
  ENS_STACK_RANGE(L, -0, +1, +3);
  ens_law law = skewed ? ens_law_skewed(ndim) : ens_law_gaussian(ndim);
  ens_invariance test = {.law = &law, .sweeps = sweeps, .replicates = replicates};
  ens_invariance_result off;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_test_moves(run, &test, &off, &error)) return ens_fail(L, &error);
  ens_push_numbers(L, off.z, off.count);
  return 1;
}
