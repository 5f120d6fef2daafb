/* A model in Lua, from a file or an inline table: checked in a scratch state, kept as bytes, and rebuilt in each
 * worker's state. It implements core's ens_model. */
#ifndef ENS_SCRIPT_MODEL_LUA_MODEL_H
#define ENS_SCRIPT_MODEL_LUA_MODEL_H

#include "core/model/evaluator.h"
#include "dist/prior.h"
#include "script/transfer/transfer.h"

/* An observer is called while a worker's state is made: when its libraries are open, when the model is loaded, and when
 * setup has run. */
typedef enum ens_lua_model_phase { ENS_LUA_EMPTY, ENS_LUA_LOADED, ENS_LUA_READY } ens_lua_model_phase;
typedef struct ens_lua_model_observer {
  void (*on_phase)(struct ens_lua_model_observer *self, lua_State *L, ens_lua_model_phase phase);
} ens_lua_model_observer;

typedef struct ens_lua_model {
  ens_model base;
  char *name; /* the file, or "inline model at run.lua:12" */
  char *text; /* the file's source, read once; NULL for an inline table */
  size_t text_size;
  char *search_path; /* package.path of the control state */
  ens_parcel table;  /* an inline table, with the script's globals */
  ens_parcel data;
  ens_prior *prior;                 /* NULL without priors */
  ens_lua_model_observer *observer; /* borrowed, may be NULL */
} ens_lua_model;

/* Reads the description at `spec` ({ kind = "file", path, text } or { kind = "table", table, name }) and the data at
 * `data` (nil: none), loads the model in a scratch state and checks it. Raises a Lua error without memory only. */
ens_status ens_lua_model_create(lua_State *L, int spec, int data, ens_lua_model **out, ens_error *error);
ens_lua_model *ens_lua_model_test(ens_model *model); /* the same model; NULL if it is not in Lua */

/* A model with its ops and nothing else. NULL: no memory. */
ens_lua_model *ens_lua_model_empty(void);

#endif
