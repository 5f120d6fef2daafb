/* Userdata for models and samplers first, then their methods in the order of the table at the end. Every error is
 * nil, message, kind. */
#include "script/control/sampler_lib.h"

#include <stdlib.h>
#include <string.h>

#include "run/run.h"
#include "script/control/config_lib.h"
#include "script/control/look_lib.h"
#include "script/control/native_lib.h"
#include "script/control/results.h"
#include "script/control/selection.h"
#include "script/model/fingerprint.h"
#include "script/model/lua_model.h"
#include "script/state/fail.h"
#include "script/value/array.h"
#include "script/value/blob.h"
#include "script/value/domain.h"
#include "script/value/push.h"
#include "stats/angles.h"
#include "stats/autocorr.h"
#include "stats/circle.h"

static const char model_type[] = "ensemble.model", sampler_type[] = "ensemble.sampler";

typedef struct model_box {
  ens_model *model;
} model_box;

/* The model must outlive the run: its userdata is kept in the registry under the run. */
typedef struct sampler_box {
  ens_run *run;
  const ens_model *model;
  int model_ref;
  size_t nwalkers;
} sampler_box;

/* ---- models ---- */

static ens_status create_lua(lua_State *L, ens_model **out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  ens_lua_model *model = NULL;
  ens_status status = ens_lua_model_create(L, 2, 3, &model, error);
  *out = model ? &model->base : NULL;
  return status;
}

static ens_status keep_fields(lua_State *L, ens_model *model, ens_error *error) {
  ENS_STACK(L, -0, +0);
  const char *fields = lua_tostring(L, 4);
  model->data_fields = fields ? strdup(fields) : NULL;
  return fields && !model->data_fields ? ens_error_memory(error) : ENS_OK;
}

/* model(description, data, fields): `fields` is the text in which data.lua describes the data's fields, or nil. */
static int model_new(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 3);
  model_box *box = ens_newuserdata(L, sizeof *box);
  box->model = NULL;
  luaL_getmetatable(L, model_type);
  lua_setmetatable(L, -2);
  lua_insert(L, 1); /* below the arguments, which are now 2, 3 and 4 */
  lua_getfield(L, 2, "kind");
  bool native = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "native") == 0;
  lua_settop(L, 4);
  ens_error error = ENS_ERROR_NONE;
  if (native ? ens_native_lib_create(L, 2, 3, &box->model, &error) : create_lua(L, &box->model, &error))
    return ens_fail(L, &error);
  if (keep_fields(L, box->model, &error)) return ens_fail(L, &error);
  if (native) {
    lua_getfield(L, 2, "domain");
    if (!ens_domain_take(L, -1, box->model->ndim, &box->model->domain)) {
      ens_error_memory(&error);
      return ens_fail(L, &error);
    }
  }
  lua_pushvalue(L, 1);
  return 1;
}

/* fingerprint(value) -> the fingerprint of data, or nil if the value cannot be data. */
static int fingerprint(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  char text[64];
  ens_parcel parcel;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_fingerprint_data(L, 1, text, &parcel, &error);
  ens_parcel_free(&parcel);
  ens_error_clear(&error);
  lua_pushstring(L, status ? NULL : text);
  return 1;
}

static ens_model *check_model(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return ((model_box *)luaL_checkudata(L, index, model_type))->model;
}

static int model_collect(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  model_box *box = luaL_checkudata(L, 1, model_type);
  if (box->model) box->model->ops->destroy(box->model);
  box->model = NULL;
  return 0;
}

static int model_parameters(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_model *model = check_model(L, 1);
  ens_push_names(L, model->parameters, model->ndim);
  return 1;
}
static int model_blobs(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_blobs *blobs = &check_model(L, 1)->blobs;
  lua_createtable(L, (int)blobs->count, 0);
  for (size_t i = 0; i < blobs->count; i++) {
    lua_pushstring(L, blobs->def[i].name);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}
static int model_has_priors(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, check_model(L, 1)->draw != NULL);
  return 1;
}
static int model_name(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushstring(L, check_model(L, 1)->name);
  return 1;
}

/* ---- samplers ---- */

static sampler_box *check_sampler(lua_State *L) {
  ENS_STACK(L, -0, +0);
  sampler_box *box = luaL_checkudata(L, 1, sampler_type);
  if (!box->run) luaL_error(L, "this sampler is closed");
  return box;
}

static int sampler_new(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_model *model = check_model(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  sampler_box *box = ens_newuserdata(L, sizeof *box);
  *box = (sampler_box){.model = model, .model_ref = LUA_NOREF};
  luaL_getmetatable(L, sampler_type);
  lua_setmetatable(L, -2);
  ens_run_config config;
  ens_error error = ENS_ERROR_NONE;
  if (ens_config_read(L, 2, &config, &error)) {
    ens_run_config_free(&config);
    return ens_fail(L, &error);
  }
  box->nwalkers = config.sampling.nwalkers;
  if (ens_run_create(&config, model, &box->run, &error)) return ens_fail(L, &error);
  lua_pushvalue(L, 1);
  box->model_ref = luaL_ref(L, LUA_REGISTRYINDEX);
  return 1;
}

static int sampler_collect(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  sampler_box *box = luaL_checkudata(L, 1, sampler_type);
  ens_run_destroy(box->run);
  box->run = NULL;
  luaL_unref(L, LUA_REGISTRYINDEX, box->model_ref);
  return 0;
}

static int sampler_steps(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, (lua_Number)ens_run_steps(check_sampler(L)->run));
  return 1;
}

static int sampler_tuned(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, (lua_Number)ens_run_tuned(check_sampler(L)->run));
  return 1;
}

static int sampler_saved(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, (lua_Number)ens_run_saved(check_sampler(L)->run));
  return 1;
}

static int sampler_advance(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  uint64_t kept = (uint64_t)luaL_checknumber(L, 2), horizon = (uint64_t)luaL_optnumber(L, 3, 0);
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_run_advance(box->run, kept, horizon, lua_toboolean(L, 4), &error);
  if (status < 0) return ens_fail(L, &error);
  ens_error_clear(&error);
  lua_pushstring(L, status == ENS_STOPPED ? "stopped" : "done");
  return 1;
}

/* verdict(): nothing without rules; else whether they are met, at which step, the steps judged, and a text. */
static int sampler_verdict(lua_State *L) {
  ENS_RESULTS(L, 0, 4);
  ens_run_verdict verdict;
  ens_run_judge(check_sampler(L)->run, &verdict);
  if (!verdict.asked) return 0;
  lua_pushboolean(L, verdict.reached > 0);
  lua_pushnumber(L, (lua_Number)verdict.reached);
  lua_pushnumber(L, (lua_Number)verdict.steps);
  lua_pushstring(L, verdict.text);
  return 4;
}

/* Pushes a copy of numbers[rows][columns] as an array; with 0 columns, of numbers[rows]. */
static void push_matrix(lua_State *L, const double *numbers, size_t rows, size_t columns) {
  ENS_STACK(L, -0, +1);
  size_t shape[2] = {rows, columns};
  ens_array *array = ens_array_create(columns ? 2 : 1, shape);
  if (array && ens_array_size(array)) memcpy(array->data, numbers, ens_array_size(array) * sizeof(double));
  ens_array_push_new(L, array);
}

static int sampler_last(lua_State *L) {
  ENS_RESULTS(L, 3, 4);
  sampler_box *box = check_sampler(L);
  const ens_model *model = box->model;
  ens_step step;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_run_state(box->run, &step, &error);
  if (status == ENS_STOPPED) ens_error_set(&error, ENS_IO, "stopped before the start was evaluated");
  if (status) return ens_fail(L, &error);
  push_matrix(L, step.coords, box->nwalkers, model->ndim);
  push_matrix(L, step.log_prob, box->nwalkers, 0);
  ens_blob_push_all(L, &model->blobs, step.blobs, box->nwalkers);
  lua_pushnumber(L, (lua_Number)step.index);
  return 4;
}

static int sampler_accepted(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  const uint64_t *accepted;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_accepted(box->run, &accepted, &error)) return ens_fail(L, &error);
  lua_createtable(L, (int)box->nwalkers, 0);
  for (size_t k = 0; k < box->nwalkers; k++) {
    lua_pushnumber(L, (lua_Number)accepted[k]);
    lua_rawseti(L, -2, (int)k + 1);
  }
  return 1;
}

/* ---- reading the chain ---- */

static int sampler_read(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  ens_chain *chain;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_chain(box->run, &chain, &error)) return ens_fail(L, &error);
  return ens_selection_push(L, chain, &box->model->blobs);
}

static int sampler_autocorr(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  const ens_domain *domain = box->model->domain;
  uint64_t discard = (uint64_t)luaL_optnumber(L, 2, 0), thin = (uint64_t)luaL_optnumber(L, 3, 1);
  double c = luaL_optnumber(L, 4, 5);
  ens_chain *chain, *told;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_chain(box->run, &chain, &error)) return ens_fail(L, &error);
  double *tau = lua_newuserdata(L, ens_angles_width(domain, chain->ndim) * sizeof *tau);
  if (ens_angles_open(chain, domain, &told, &error)) return ens_fail(L, &error);
  ens_status status = ens_autocorr_chain(told, discard, thin, c, tau, &error);
  told->ops->destroy(told);
  if (status) return ens_fail(L, &error);
  ens_angles_largest(domain, chain->ndim, tau, tau);
  ens_push_numbers(L, tau, chain->ndim);
  return 1;
}

/* nil or "auto": the summary chooses. */
static uint64_t discard_argument(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return lua_type(L, index) == LUA_TNUMBER ? (uint64_t)lua_tonumber(L, index) : ENS_DISCARD_AUTO;
}

/* A periodic parameter is summarized on a line: its circle is cut where the fewest numbers are. */
static int push_summary_of(lua_State *L, ens_chain *chain, const ens_domain *domain,
                           const ens_summary_acceptance *judged, char *const *names) {
  ENS_STACK_RANGE(L, -0, +1, +3);
  ens_summary summary;
  ens_error error = ENS_ERROR_NONE;
  uint64_t discard = discard_argument(L, 2), thin = (uint64_t)luaL_optnumber(L, 3, 1);
  ens_chain *open;
  if (ens_circle_open(chain, domain, &open, &error)) return ens_fail(L, &error);
  ens_status status = ens_summary_compute(open, &(ens_summary_request){names, discard, thin, judged}, &summary, &error);
  open->ops->destroy(open);
  if (status) return ens_fail(L, &error);
  ens_results_push_summary(L, &summary, names);
  ens_summary_free(&summary);
  return 1;
}

static int sampler_summary(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  ens_chain *chain;
  ens_run_info info;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_chain(box->run, &chain, &error)) return ens_fail(L, &error);
  if (ens_run_describe(box->run, &info, &error)) return ens_fail(L, &error);
  ens_summary_acceptance judged = info.judged;
  ens_run_info_free(&info);
  return push_summary_of(L, chain, box->model->domain, &judged, box->model->parameters);
}

static int sampler_info(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_run_info info;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_describe(check_sampler(L)->run, &info, &error)) return ens_fail(L, &error);
  ens_results_push_info(L, &info);
  ens_run_info_free(&info);
  return 1;
}

/* ---- acting on it ---- */

static int sampler_compute(lua_State *L) {
  ENS_RESULTS(L, 2, 3);
  sampler_box *box = check_sampler(L);
  const ens_model *model = box->model;
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = (size_t)luaL_checknumber(L, 3), width = model->ndim + 1 + model->blobs.ncells;
  double *position = lua_newuserdata(L, (n * width + 1) * sizeof *position);
  double *log_prob = position + n * model->ndim, *blobs = log_prob + n;
  for (size_t i = 0; i < n * model->ndim; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    position[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_run_compute(box->run, n, position, log_prob, blobs, &error);
  if (status == ENS_STOPPED) ens_error_set(&error, ENS_IO, "compute_log_prob: stopped by a signal");
  if (status) return ens_fail(L, &error);
  push_matrix(L, log_prob, n, 0);
  ens_blob_push_all(L, &model->blobs, blobs, n);
  return 2;
}

static int sampler_look(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, box->model_ref);
  return ens_look_push(L, box->run, check_model(L, -1), luaL_checknumber(L, 2));
}

static int sampler_test_moves(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  return ens_look_push_moves(L, box->run, box->model->ndim, lua_toboolean(L, 2), (size_t)luaL_checknumber(L, 3),
                             (size_t)luaL_checknumber(L, 4));
}

static int answer(lua_State *L, ens_status status, ens_error *error) {
  ENS_STACK_RANGE(L, -0, +1, +3);
  if (status < 0) return ens_fail(L, error);
  ens_error_clear(error);
  lua_pushboolean(L, 1);
  return 1;
}

static int sampler_reset(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_error error = ENS_ERROR_NONE;
  return answer(L, ens_run_reset(check_sampler(L)->run, &error), &error);
}

static int sampler_thin(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_error error = ENS_ERROR_NONE;
  return answer(L, ens_run_thin(check_sampler(L)->run, (uint64_t)luaL_checknumber(L, 2), &error), &error);
}

static int sampler_record(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_error error = ENS_ERROR_NONE;
  return answer(L, ens_run_record(check_sampler(L)->run, lua_toboolean(L, 2), &error), &error);
}

static int sampler_restart(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  sampler_box *box = check_sampler(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  ens_run_config_start start;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_config_read_start(L, 2, &start, &error);
  if (!status) status = ens_run_restart(box->run, &start, &error);
  return answer(L, status, &error);
}

static int sampler_finish(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_error error = ENS_ERROR_NONE;
  return answer(L, ens_run_finish(check_sampler(L)->run, &error), &error);
}

/* ---- stores ---- */

static int store_info(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_run_info info;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_info_read(luaL_checkstring(L, 1), &info, &error)) return ens_fail(L, &error);
  ens_results_push_info(L, &info);
  ens_run_info_free(&info);
  return 1;
}

/* store_origin(path): the script, arguments and state of a stored run, whose texts replace files from now on. */
static int store_origin(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_run_origin origin;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_origin_read(luaL_checkstring(L, 1), &origin, &error)) return ens_fail(L, &error);
  lua_newtable(L);
  ens_push_text_field(L, "script_name", origin.script_name);
  ens_push_text_field(L, "script", origin.script);
  ens_push_text_field(L, "argv", origin.argv);
  ens_push_text_field(L, "folder", origin.folder);
  ens_push_text_field(L, "output", origin.output);
  ens_push_text_field(L, "engine", origin.engine);
  ens_push_text_field(L, "status", origin.status);
  ens_push_number_field(L, "steps", (double)origin.steps);
  ens_push_number_field(L, "base", (double)origin.base);
  ens_push_number_field(L, "target", (double)origin.target);
  ens_run_origin_free(&origin);
  return 1;
}

/* The names of the parameters and the positions [walker][parameter] of the last stored step. */
static int store_last(lua_State *L) {
  ENS_RESULTS(L, 2, 3);
  ens_chain *chain;
  ens_run_info info;
  ens_error error = ENS_ERROR_NONE;
  const char *path = luaL_checkstring(L, 1);
  if (ens_run_info_read_chain(path, &chain, &info, &error)) return ens_fail(L, &error);
  size_t size = chain->nwalkers * chain->ndim;
  ens_status status = ENS_OK;
  double *coords = malloc((size + 1) * sizeof *coords);
  if (!coords) status = ens_error_memory(&error);
  if (!status && chain->nsteps == 0) status = ens_error_set(&error, ENS_CONFIG, "'%s' has no steps yet", path);
  if (!status)
    status =
        ens_chain_read(chain, &(ens_chain_steps){.start = chain->nsteps - 1, .count = 1, .coords = coords}, &error);
  if (!status) {
    ens_push_names(L, info.parameters, info.ndim);
    push_matrix(L, coords, chain->nwalkers, chain->ndim);
  }
  chain->ops->destroy(chain);
  ens_run_info_free(&info);
  free(coords);
  return status ? ens_fail(L, &error) : 2;
}

static int store_summary(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_chain *chain;
  ens_run_info info;
  ens_error error = ENS_ERROR_NONE;
  if (ens_run_info_read_chain(luaL_checkstring(L, 1), &chain, &info, &error)) return ens_fail(L, &error);
  int n = push_summary_of(L, chain, info.domain, &info.judged, info.parameters);
  chain->ops->destroy(chain);
  ens_run_info_free(&info);
  return n;
}

static void make_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction collect) {
  ENS_STACK(L, -0, +0);
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, collect);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void ens_sampler_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {{"model", model_new},
                                       {"fingerprint", fingerprint},
                                       {"sampler", sampler_new},
                                       {"native_parameters", ens_native_lib_parameters},
                                       {"store_info", store_info},
                                       {"store_origin", store_origin},
                                       {"store_last", store_last},
                                       {"store_summary", store_summary},
                                       {NULL, NULL}};
  static const luaL_Reg model_methods[] = {{"parameters", model_parameters},
                                           {"blobs", model_blobs},
                                           {"has_priors", model_has_priors},
                                           {"name", model_name},
                                           {NULL, NULL}};
  static const luaL_Reg sampler_methods[] = {{"advance", sampler_advance},       {"steps", sampler_steps},
                                             {"tuned", sampler_tuned},           {"last", sampler_last},
                                             {"saved", sampler_saved},           {"read", sampler_read},
                                             {"accepted", sampler_accepted},     {"autocorr", sampler_autocorr},
                                             {"summary", sampler_summary},       {"info", sampler_info},
                                             {"compute", sampler_compute},       {"reset", sampler_reset},
                                             {"restart", sampler_restart},       {"thin", sampler_thin},
                                             {"record", sampler_record},         {"finish", sampler_finish},
                                             {"verdict", sampler_verdict},       {"look", sampler_look},
                                             {"test_moves", sampler_test_moves}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  make_type(L, model_type, model_methods, model_collect);
  make_type(L, sampler_type, sampler_methods, sampler_collect);
}
