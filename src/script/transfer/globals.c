/* Finds the globals that functions name, leaves out those that every state has, and cuts off those that cannot
 * travel. */
#include "script/transfer/globals.h"

#include <string.h>

#include "script/state/bytecode.h"
#include "script/transfer/keys.h"
#include "script/transfer/known.h"

/* ---- encoding ---- */

/* Whether the global with the name at `key` and the value at `value` is the user's: other states do not have it under
 * that name. A library's function under another name is the user's. */
static bool is_users(lua_State *L, int key, int value) {
  ENS_STACK(L, -0, +0);
  if (lua_type(L, key) != LUA_TSTRING) return false;
  const char *name = lua_tostring(L, key);
  if (strcmp(name, "arg") == 0 || strcmp(name, "_VERSION") == 0 || strcmp(name, "_G") == 0) return false;
  name = lua_pushfstring(L, "_G.%s", name);
  ens_known_push_value(L, name, strlen(name));
  bool known = lua_rawequal(L, -1, value);
  lua_pop(L, 2);
  return !known;
}

/* Whether a function in the parcel names the global at `key`, which is not in the set at `done` yet. */
static bool is_named(const ens_encoder *e, int key, int done) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  size_t length;
  const char *name = lua_tolstring(L, key, &length);
  lua_pushvalue(L, key);
  lua_rawget(L, done);
  bool is_in = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return !is_in && ens_bytecode_has_name(e->out->bytes, e->out->size, name, length);
}

/* The name at `key`, then the value at `value`, or the reason why it cannot be copied. */
static ens_status put_global(ens_encoder *e, int key, int value) {
  ENS_STACK(e->L, -0, +0);
  size_t size = e->out->size, narrays = e->out->narrays;
  uint32_t nobjects = e->nobjects;
  ens_error reason = ENS_ERROR_NONE, *outer = e->error;
  ens_encoder_set_path(e, "the script's global '%s'", lua_tostring(e->L, key));
  ens_status status = ens_encoder_put(e, key);
  e->error = &reason;
  if (!status) status = ens_encoder_put(e, value);
  e->error = outer;
  if (status == ENS_CONFIG) {
    const char *text = ens_error_text(&reason);
    ens_parcel_cut(e->out, size, narrays);
    ens_encoder_forget(e, nobjects);
    status = ens_encoder_put(e, key);
    if (!status) status = ens_encoder_put_text(e, ENS_TAG_MISSING, text, strlen(text));
  } else if (reason.status) {
    ens_error_move(outer, &reason);
  }
  ens_error_clear(&reason);
  return status;
}

static void add_to_set(lua_State *L, int set, int key) {
  ENS_STACK(L, -0, +0);
  lua_pushvalue(L, key);
  lua_pushboolean(L, 1);
  lua_rawset(L, set);
}

/* One round over the globals at `globals`. Puts all of the user's if `done` is 0, else only those that is_named picks,
 * and adds them to the set at `done`. *added: whether it put one. */
static ens_status put_round(ens_encoder *e, int globals, int done, bool *added) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  size_t n = ens_keys_push(L, globals);
  int keys = lua_gettop(L), key = keys + 1, value = keys + 2;
  ens_status status = ENS_OK;
  *added = false;
  for (size_t i = 1; !status && i <= n; i++) {
    lua_rawgeti(L, keys, (int)i);
    lua_pushvalue(L, -1);
    lua_rawget(L, globals);
    if (is_users(L, key, value) && (!done || is_named(e, key, done))) {
      status = put_global(e, key, value);
      if (done) add_to_set(L, done, key);
      *added = true;
    }
    lua_settop(L, keys);
  }
  lua_pop(L, 1);
  return status;
}

ens_status ens_globals_put(ens_encoder *e) {
  ENS_STACK(e->L, -0, +0);
  bool added;
  ens_push_globals(e->L);
  ens_status status = put_round(e, lua_gettop(e->L), 0, &added);
  lua_pop(e->L, 1);
  return status ? status : ens_encoder_put_tag(e, ENS_TAG_NIL);
}

ens_status ens_globals_put_named(ens_encoder *e) {
  ENS_STACK(e->L, -0, +0);
  ens_status status = ENS_OK;
  bool added = true;
  ens_push_globals(e->L);
  lua_newtable(e->L);
  int done = lua_gettop(e->L), globals = done - 1;
  while (!status && added) status = put_round(e, globals, done, &added);
  lua_pop(e->L, 2);
  return status;
}

/* ---- decoding ---- */

/* __index of the globals. Upvalue: name -> reason. */
static int missing_global(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return luaL_error(L, "%s", lua_tostring(L, -1));
  return 1;
}

void ens_globals_take(ens_decoder *d) {
  lua_State *L = d->L;
  ENS_STACK(L, -0, +0);
  ens_push_globals(L);
  lua_newtable(L); /* of the globals */
  lua_newtable(L); /* name -> reason */
  int reasons = lua_gettop(L), metatable = reasons - 1, globals = reasons - 2;
  for (ens_decoder_push(d); !lua_isnil(L, -1); ens_decoder_push(d)) {
    bool missing = ens_decoder_is_next(d, ENS_TAG_MISSING);
    ens_decoder_push(d);
    lua_rawset(L, missing ? reasons : globals);
  }
  lua_settop(L, reasons);
  lua_pushcclosure(L, missing_global, 1);
  lua_setfield(L, metatable, "__index");
  lua_setmetatable(L, globals);
  lua_settop(L, globals - 1);
}
