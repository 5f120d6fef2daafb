/* Three parts: building the model in the state, one evaluation with its theta table, and batches. */
#include "script/model/instance.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/model/sandbox.h"
#include "script/state/embedded.h"
#include "script/state/random_lib.h"
#include "script/state/strand.h"
#include "script/value/blob.h"
#include "script/value/cfunction.h"

/* math.random draws from the item's own stream. */
static void seed_random(ens_instance *instance, const ens_block *block, size_t i) {
  ens_stream_set(&instance->random, instance->model->base.seed, block->step[i], block->walker[i], ENS_RNG_MODEL);
}

/* ---- building ---- */

/* Pushes the model file's result, or the inline table. */
static void push_model(lua_State *L, const ens_lua_model *model) {
  ENS_STACK(L, -0, +1);
  if (!model->text) {
    ens_transfer_decode(L, &model->table);
    return;
  }
  if (model->text_size && model->text[0] == LUA_SIGNATURE[0])
    luaL_error(L, "%s: a model is loaded as text only, and this is bytecode", model->name);
  lua_pushfstring(L, "@%s", model->name);
  if (luaL_loadbuffer(L, model->text, model->text_size, lua_tostring(L, -1))) lua_error(L);
  lua_remove(L, -2);
  lua_call(L, 0, 1);
}

/* Replaces the model on top by its description from form.read. */
static void push_form(lua_State *L) {
  ENS_STACK(L, -1, +1);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.form");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "read");
  lua_remove(L, -2);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
}

/* The description's index on the stack of `build`, and on the state's stack if `build` returns it. */
enum { FORM = 2 };

static int take_reference(lua_State *L, const char *field) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, FORM, field);
  return lua_isnil(L, -1) ? (lua_pop(L, 1), LUA_NOREF) : luaL_ref(L, LUA_REGISTRYINDEX);
}

/* Keeps each parameter's place in its group's list. */
static void keep_places(lua_State *L, ens_instance *instance) {
  ENS_STACK(L, -0, +0);
  size_t ndim = instance->model->base.ndim;
  instance->group_place = calloc(ndim + 1, sizeof *instance->group_place);
  if (!instance->group_place) luaL_error(L, "not enough memory");
  lua_getfield(L, FORM, "places");
  for (size_t d = 0; d < ndim; d++) {
    lua_rawgeti(L, -1, (int)d + 1);
    instance->group_place[d] = (int)lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void keep_form(lua_State *L, ens_instance *instance) {
  ENS_STACK(L, -0, +0);
  instance->theta = take_reference(L, "theta");
  instance->log_prob = take_reference(L, "log_prob");
  instance->targets = take_reference(L, "targets");
  keep_places(L, instance);
  lua_getfield(L, FORM, "is_batch");
  instance->is_batch = lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_getfield(L, FORM, "log_prob");
  const ens_cfunction *native = ens_cfunction_test(L, -1); /* the reference keeps it */
  if (native)
    instance->bare = (ens_bare){.name = native->name, .function = native->function, .prior = instance->model->prior};
  lua_getfield(L, FORM, "place");
  const char *place = lua_tostring(L, -1);
  instance->place = strdup(strcmp(place, "[C]") == 0 ? instance->model->name : place);
  if (!instance->place) luaL_error(L, "not enough memory");
  lua_pop(L, 2);
}

static void run_setup(lua_State *L, ens_instance *instance) {
  ENS_STACK(L, -0, +0);
  if (instance->model->data.size)
    ens_transfer_decode_data(L, &instance->model->data);
  else
    lua_pushnil(L);
  lua_pushvalue(L, -1);
  instance->data = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_getfield(L, FORM, "setup");
  if (lua_isnil(L, -1)) {
    lua_pop(L, 2);
    return;
  }
  lua_insert(L, -2);
  lua_call(L, 1, 0);
}

typedef struct building {
  ens_instance *instance;
  bool setup, loaded; /* loaded: the user's code has run; errors are about the description */
} building;

static void observe(lua_State *L, const ens_instance *instance, ens_lua_model_phase phase) {
  ENS_STACK(L, -0, +0);
  ens_lua_model_observer *observer = instance->model->observer;
  if (observer) observer->on_phase(observer, L, phase);
}

static int build(lua_State *L) {
  ENS_RESULTS(L, 0, 1);
  building *b = lua_touserdata(L, 1);
  ens_instance *instance = b->instance;
  ens_sandbox_open(L, &instance->random, &instance->output, instance->model->search_path, NULL);
  instance->strand = ens_strand_of(L);
  observe(L, instance, ENS_LUA_EMPTY);
  push_model(L, instance->model);
  b->loaded = true;
  push_form(L);
  b->loaded = false;
  if (!b->setup) return 1;
  keep_form(L, instance);
  observe(L, instance, ENS_LUA_LOADED);
  run_setup(L, instance);
  if (instance->is_batch) ens_random_close(L);
  observe(L, instance, ENS_LUA_READY);
  return 0;
}

/* The error on top. A message about the description has no place, so that the model's name begins it. */
static ens_status report(const building *b, ens_error *error) {
  lua_State *L = b->instance->L;
  const char *message = lua_tostring(L, -1);
  if (!message) message = "not enough memory";
  if (!b->loaded) return ens_error_set(error, ENS_MODEL, "%s", message);
  return ens_error_set(error, ENS_CONFIG, "%s: %.*s", b->instance->model->name, (int)strcspn(message, "\n"), message);
}

ens_status ens_instance_create(const ens_lua_model *model, unsigned worker, bool setup, ens_instance **out,
                               ens_error *error) {
  ens_instance *instance = calloc(1, sizeof *instance);
  if (!instance) return ens_error_memory(error);
  *instance = (ens_instance){.model = model, .output = {.worker = worker + 1}, .L = luaL_newstate()};
  instance->random = ens_stream_at(model->base.seed, 0, 0, ENS_RNG_SETUP);
  building b = {instance, setup, false};
  ens_status status = ENS_OK;
  if (!instance->L) {
    status = ens_error_memory(error);
  } else {
    lua_pushcfunction(instance->L, ens_sandbox_handle);
    lua_pushcfunction(instance->L, build);
    lua_pushlightuserdata(instance->L, &b);
    if (lua_pcall(instance->L, 1, setup ? 0 : 1, 1) != LUA_OK) status = report(&b, error);
  }
  if (status) {
    ens_instance_destroy(instance);
    return status;
  }
  *out = instance;
  return ENS_OK;
}

void ens_instance_destroy(void *pointer) {
  ens_instance *instance = pointer;
  if (!instance) return;
  if (instance->L) lua_close(instance->L);
  ens_output_close(&instance->output);
  free(instance->place);
  free(instance->group_place);
  free(instance);
}

/* ---- evaluating ---- */

/* The model's answer is wrong, without a Lua error: sets the item's outcome and message. The message is NULL without
 * memory; the reporter allows for that. */
static void __attribute__((format(printf, 3, 4)))
refuse(ens_instance *instance, ens_outcome outcome, const char *format, ...) {
  char what[320];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  size_t size = strlen(what) + strlen(instance->place) + 3;
  char *message = malloc(size);
  if (message) snprintf(message, size, "%s: %s", instance->place, what);
  instance->block->outcome[instance->at] = (uint8_t)outcome;
  instance->block->message[instance->at] = message;
}

/* For messages: "nil", but "a string". */
static const char *article(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return lua_isnil(L, index) ? "" : "a ";
}

static void refuse_count(ens_instance *instance, int count) {
  const ens_blobs *blobs = &instance->model->base.blobs;
  char names[160] = "";
  for (size_t i = 0, at = 0; i < blobs->count && at < sizeof names; i++)
    at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i ? ", " : ": ", blobs->def[i].name);
  refuse(instance, ENS_EVAL_ERROR, "log_prob returned %d value%s after the first, but 'blobs' names %zu%s", count,
         count == 1 ? "" : "s", blobs->count, names);
}

static double *row_of_blobs(const ens_instance *instance) {
  return instance->block->blobs + instance->at * instance->block->ncells;
}

static void read_blobs(lua_State *L, ens_instance *instance, int first, int count) {
  ENS_STACK(L, -0, +0);
  const ens_blobs *blobs = &instance->model->base.blobs;
  if ((size_t)count != blobs->count) {
    refuse_count(instance, count);
    return;
  }
  for (int i = 0; i < count; i++) {
    char what[256];
    if (ens_blob_take(L, first + i, &blobs->def[i], row_of_blobs(instance), what, sizeof what)) continue;
    refuse(instance, ENS_EVAL_ERROR, "%s", what);
    return;
  }
}

/* Reads the values that log_prob returned, at `first` and above. A rejected point (-inf) needs no blobs. */
static void read_answer(lua_State *L, ens_instance *instance, int first) {
  ENS_STACK(L, -0, +0);
  size_t at = instance->at;
  const ens_blobs *blobs = &instance->model->base.blobs;
  int count = lua_gettop(L) - first;
  if (count < 0 || lua_type(L, first) != LUA_TNUMBER) {
    refuse(instance, ENS_EVAL_ERROR, "log_prob returned %s%s: it must return a number (-math.huge rejects a point)",
           count < 0 ? "nothing" : article(L, first), count < 0 ? "" : luaL_typename(L, first));
    return;
  }
  double log_prob = instance->block->log_prob[at] = lua_tonumber(L, first);
  if (isnan(log_prob)) {
    refuse(instance, ENS_EVAL_NAN, "log_prob returned NaN");
  } else if (log_prob == INFINITY) {
    refuse(instance, ENS_EVAL_ERROR, "log_prob returned inf: it must be finite, or -inf to reject a point");
  } else if (count == 0 && log_prob == -INFINITY) {
    ens_blobs_blank(blobs, row_of_blobs(instance));
  } else if (count || blobs->count) {
    read_blobs(L, instance, first + 1, count);
  }
}

/* The stack of evaluate_items: the instance, theta, log_prob, data, then for each parameter its name or its group's
 * list. */
enum { THETA = 2, LOG_PROB, DATA, TARGETS };

static void fill_theta(lua_State *L, const ens_instance *instance, const double *theta) {
  ENS_STACK(L, -0, +0);
  int ndim = (int)instance->model->base.ndim;
  for (int d = 0; d < ndim; d++) {
    lua_pushnumber(L, theta[d]);
    lua_rawseti(L, THETA, d + 1);
  }
  if (instance->targets == LUA_NOREF) return;
  for (int d = 0; d < ndim; d++) {
    int place = instance->group_place[d];
    if (place == 0) lua_pushvalue(L, TARGETS + d);
    lua_pushnumber(L, theta[d]);
    if (place == 0)
      lua_rawset(L, THETA);
    else
      lua_rawseti(L, TARGETS + d, place);
  }
}

static void push_parts(lua_State *L, const ens_instance *instance) {
  ENS_STACK(L, -0, +3 + (instance->targets == LUA_NOREF ? 0 : (int)instance->model->base.ndim));
  lua_rawgeti(L, LUA_REGISTRYINDEX, instance->theta);
  lua_rawgeti(L, LUA_REGISTRYINDEX, instance->log_prob);
  lua_rawgeti(L, LUA_REGISTRYINDEX, instance->data);
  if (instance->targets == LUA_NOREF) return;
  size_t ndim = instance->model->base.ndim;
  luaL_checkstack(L, (int)ndim + 20, "too many parameters");
  lua_rawgeti(L, LUA_REGISTRYINDEX, instance->targets);
  for (size_t d = 0; d < ndim; d++) lua_rawgeti(L, TARGETS + (int)d, (int)d + 1), lua_insert(L, TARGETS + (int)d);
  lua_pop(L, 1);
}

/* One protected call for the whole block, so that its items share the cost of the call. */
static int evaluate_items(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_instance *instance = lua_touserdata(L, 1);
  ens_block *block = instance->block;
  push_parts(L, instance);
  int top = lua_gettop(L);
  for (; instance->at < block->count; instance->at++) {
    size_t i = instance->at;
    atomic_store_explicit(&block->at, i, memory_order_relaxed);
    seed_random(instance, block, i);
    fill_theta(L, instance, block->theta + i * block->ndim);
    lua_pushvalue(L, LOG_PROB);
    lua_pushvalue(L, THETA);
    lua_pushvalue(L, DATA);
    lua_call(L, 2, LUA_MULTRET);
    read_answer(L, instance, top + 1);
    lua_settop(L, top);
  }
  return 0;
}

/* Takes the error on top as the item's. If the handler found no place (no memory, or log_prob in C), log_prob's place
 * begins the message. */
static void take_error(ens_instance *instance) {
  ENS_STACK(instance->L, -1, +0);
  const char *message = lua_tostring(instance->L, -1);
  if (!message) message = "not enough memory";
  char *copy = NULL;
  if (ens_sandbox_has_place(message)) {
    copy = strdup(message);
  } else {
    size_t size = strlen(instance->place) + strlen(message) + 3;
    copy = malloc(size);
    if (copy) snprintf(copy, size, "%s: %s", instance->place, message);
  }
  instance->block->outcome[instance->at] = ENS_EVAL_ERROR;
  instance->block->message[instance->at] = copy;
  lua_pop(instance->L, 1);
}

/* The hook stays until the evaluation ends: a model that catches the error gets it again at once. */
static void stop_here(lua_State *L, lua_Debug *where) {
  ENS_STACK(L, -0, +0);
  (void)where;
  luaL_error(L, "the evaluation was interrupted: it lasted longer than eval_timeout");
}

void ens_instance_interrupt(void *pointer) {
  ens_instance *instance = pointer;
  instance->interrupted = 1;
  ens_strand_hook(instance->strand, stop_here);
}

static void end_interrupt(ens_instance *instance) {
  lua_sethook(instance->L, NULL, 0, 0);
  instance->interrupted = 0;
}

/* ---- batches ---- */

/* The points first .. first + n - 1 of the block. */
typedef struct batch {
  ens_instance *instance;
  size_t first, n;
} batch;

/* Pushes a point's values from the table at `out`, which log_prob_batch filled, in the order of log_prob's results. */
static void push_answer(lua_State *L, const ens_blobs *blobs, int out, int point) {
  ENS_STACK_RANGE(L, -0, +1, +1 + (int)blobs->count);
  lua_rawgeti(L, out, point);
  bool refused = lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) == -INFINITY;
  for (size_t b = 0; b < blobs->count; b++) {
    lua_getfield(L, out, blobs->def[b].name);
    lua_rawgeti(L, -1, point);
    lua_remove(L, -2);
    if (b > 0 || !refused || !lua_isnil(L, -1)) continue;
    lua_pop(L, 1);
    return;
  }
}

static int call_batch(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  const batch *points = lua_touserdata(L, 1);
  ens_instance *instance = points->instance;
  const ens_block *block = instance->block;
  size_t numbers = points->n * block->ndim;
  lua_rawgeti(L, LUA_REGISTRYINDEX, instance->log_prob);
  lua_createtable(L, (int)numbers, 0);
  for (size_t i = 0; i < numbers; i++) {
    lua_pushnumber(L, block->theta[points->first * block->ndim + i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)points->n);
  lua_rawgeti(L, LUA_REGISTRYINDEX, instance->data);
  lua_call(L, 3, 1);
  luaL_checkstack(L, (int)instance->model->base.blobs.count + 4, "too many blobs");
  int out = lua_gettop(L);
  for (size_t i = 0; i < points->n; i++) {
    instance->at = points->first + i;
    push_answer(L, &instance->model->base.blobs, out, (int)i + 1);
    read_answer(L, instance, out + 1);
    lua_settop(L, out);
  }
  return 0;
}

static int try_batch(ens_instance *instance, size_t first, size_t n) {
  batch points = {instance, first, n};
  instance->at = first;
  atomic_store_explicit(&instance->block->at, first, memory_order_relaxed);
  lua_pushcfunction(instance->L, call_batch);
  lua_pushlightuserdata(instance->L, &points);
  int failed = lua_pcall(instance->L, 1, 0, 1);
  if (instance->interrupted) end_interrupt(instance);
  if (failed == LUA_ERRMEM) lua_gc(instance->L, LUA_GCCOLLECT, 0);
  return failed;
}

/* A batch that fails is evaluated again point by point, to find the point that failed. */
static void evaluate_batch(ens_instance *instance) {
  size_t count = instance->block->count;
  if (count > 1 && !try_batch(instance, 0, count)) return;
  if (count > 1) lua_pop(instance->L, 1);
  for (size_t i = 0; i < count; i++) {
    if (!try_batch(instance, i, 1)) continue;
    instance->at = i;
    take_error(instance);
  }
}

void ens_instance_evaluate(void *pointer, ens_block *block) {
  ens_instance *instance = pointer;
  instance->block = block;
  if (instance->interrupted) end_interrupt(instance); /* it came too late for the evaluation before */
  if (instance->bare.function) {
    ens_bare_evaluate(&instance->bare, block);
    return;
  }
  if (instance->is_batch) {
    evaluate_batch(instance);
    return;
  }
  for (instance->at = 0; instance->at < block->count; instance->at++) {
    lua_pushcfunction(instance->L, evaluate_items);
    lua_pushlightuserdata(instance->L, instance);
    int failed = lua_pcall(instance->L, 1, 0, 1);
    if (instance->interrupted) end_interrupt(instance);
    if (!failed) break;
    /* The memory that ran out is garbage now, and the message, the store and other workers need some. */
    if (failed == LUA_ERRMEM) lua_gc(instance->L, LUA_GCCOLLECT, 0);
    take_error(instance);
  }
}
