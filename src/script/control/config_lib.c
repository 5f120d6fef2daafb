/* The fields of one value are read by the rows of field.h; this file reads the nested ones: moves, rules, start,
 * script. */
#include "script/control/config_lib.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/control/control_lib.h"
#include "script/control/field.h"
#include "script/model/proposal.h"

/* Reads integers and floats alike, because the engines differ in the type of whole numbers. */
static double number_field(lua_State *L, int index, const char *field, double fallback) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, field);
  double value = lua_isnil(L, -1) ? fallback : lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

/* A copy of the field's text; NULL if it is missing. Sets *failed without memory. */
static char *text_field(lua_State *L, int index, const char *field, bool *failed) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, field);
  const char *text = lua_tostring(L, -1);
  char *copy = text ? strdup(text) : NULL;
  if (text && !copy) *failed = true;
  lua_pop(L, 1);
  return copy;
}

/* A copy of a list of numbers; NULL if the field is missing. Sets *failed without memory. */
static double *numbers_field(lua_State *L, int index, const char *field, bool *failed) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, field);
  double *out = NULL;
  if (lua_istable(L, -1)) {
    size_t n = ens_rawlen(L, -1);
    out = malloc((n + 1) * sizeof *out);
    if (!out) *failed = true;
    for (size_t i = 0; out && i < n; i++) {
      lua_rawgeti(L, -1, (int)i + 1);
      out[i] = lua_tonumber(L, -1);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  return out;
}

ens_status ens_config_read_start(lua_State *L, int index, ens_run_config_start *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  bool failed = false;
  *out = (ens_run_config_start){.center = numbers_field(L, index, "center", &failed),
                                .spread = numbers_field(L, index, "spread", &failed),
                                .positions = numbers_field(L, index, "coords", &failed)};
  lua_getfield(L, index, "prior");
  out->prior = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return failed ? ens_error_memory(error) : ENS_OK;
}

/* The number of parameters of all moves; the table of moves is on top. */
static size_t count_values(lua_State *L, size_t nmoves) {
  ENS_STACK(L, -0, +0);
  size_t count = 0;
  for (size_t i = 0; i < nmoves; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    lua_getfield(L, -1, "parameters");
    count += ens_rawlen(L, -1);
    lua_pop(L, 2);
  }
  return count;
}

/* Reads the parameters as the numbers that ens_move_create takes. Returns the place for the next move's. */
static double *read_values(lua_State *L, int index, double *value) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, "parameters");
  size_t n = ens_rawlen(L, -1);
  for (size_t p = 0; p < n; p++) {
    lua_rawgeti(L, -1, (int)p + 1);
    *value++ = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return value;
}

static ens_status read_move(lua_State *L, int index, ens_run_config_move *out, double **value, ens_error *error) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, "name");
  out->kind = ens_move_find(lua_tostring(L, -1));
  lua_pop(L, 1);
  out->weight = number_field(L, index, "weight", 1);
  out->value = *value;
  lua_getfield(L, index, "proposal");
  bool own = lua_isfunction(L, -1);
  lua_pop(L, 1);
  if (own) {
    out->kind = &ens_move_mh;
    return ens_proposal_create(L, index, ens_control_lib_open, &out->made, out->fingerprint, error);
  }
  *value = read_values(L, index, *value);
  if (!out->kind || (size_t)(*value - out->value) < out->kind->nparameters)
    return ens_error_set(error, ENS_CONFIG, "moves: there is no such move");
  return ENS_OK;
}

static ens_status read_moves(lua_State *L, int index, ens_run_config_sampling *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, "moves");
  size_t n = ens_rawlen(L, -1);
  ens_status status = ENS_OK;
  out->move = calloc(1, (n + 1) * sizeof *out->move + count_values(L, n) * sizeof(double));
  double *value = (double *)(out->move + n + 1);
  if (!out->move) status = ens_error_memory(error);
  for (size_t i = 0; !status && i < n; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    status = read_move(L, lua_gettop(L), &out->move[i], &value, error);
    lua_pop(L, 1);
    out->nmoves++;
  }
  lua_pop(L, 1);
  return status;
}

/* The arguments as a JSON array, from the encoder of lua/ensemble/api/json.lua. */
static char *argv_field(lua_State *L, int script, bool *failed) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.json");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "encode");
  lua_getfield(L, script, "argv");
  if (lua_isnil(L, -1) || ens_rawlen(L, -1) == 0) {
    lua_pop(L, 3);
    char *empty = strdup("[]");
    if (!empty) *failed = true;
    return empty;
  }
  lua_call(L, 1, 1);
  char *copy = strdup(luaL_checkstring(L, -1));
  if (!copy) *failed = true;
  lua_pop(L, 2);
  return copy;
}

static void read_script(lua_State *L, int index, ens_run_config_origin *out, bool *failed) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, "script");
  if (lua_istable(L, -1)) {
    int script = lua_gettop(L);
    out->script_name = text_field(L, script, "name", failed);
    out->script = text_field(L, script, "text", failed);
    out->argv = argv_field(L, script, failed);
    out->folder = text_field(L, script, "folder", failed);
  }
  lua_pop(L, 1);
}

static void read_rules(lua_State *L, int index, ens_until *out) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, "rules");
  if (lua_istable(L, -1)) ens_field_read_rules(L, lua_gettop(L), out);
  lua_pop(L, 1);
}

/* The command `resume` gives the step from which its script counts. */
static void read_replay(lua_State *L, int index, ens_run_config_output *out) {
  ENS_STACK(L, -0, +0);
  double base = number_field(L, index, "replay", -1);
  out->replayed = base >= 0;
  out->base = base > 0 ? (uint64_t)base : 0;
}

ens_status ens_config_read(lua_State *L, int index, ens_run_config *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  index = lua_absindex(L, index);
  bool failed = false;
  *out = (ens_run_config){.sampling = {.max_errors = UINT64_MAX}, .origin = {.engine = ENS_ENGINE}};
  ens_status status = ens_field_read(L, index, out, error);
  if (status) return status;
  read_replay(L, index, &out->output);
  read_rules(L, index, &out->stopping.until);
  read_script(L, index, &out->origin, &failed);
  if (failed) return ens_error_memory(error);
  status = read_moves(L, index, &out->sampling, error);
  if (status) return status;
  lua_getfield(L, index, "start");
  status = lua_istable(L, -1) ? ens_config_read_start(L, lua_gettop(L), &out->start, error) : ENS_OK;
  lua_pop(L, 1);
  return status;
}
