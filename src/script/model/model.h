/* A model written in Lua: a file or an inline table, checked in a scratch state, carried as bytes, rebuilt in each
 * worker's state. Implements core's ens_model. */
#ifndef ENS_SCRIPT_MODEL_MODEL_H
#define ENS_SCRIPT_MODEL_MODEL_H

#include "core/model/evaluator.h"
#include "dist/prior.h"
#include "script/value/transfer.h"

/* Told, where there is one, how far the making of a state is: with its libraries, with the model loaded, set up. */
typedef enum ens_lua_model_phase { ENS_LUA_EMPTY, ENS_LUA_LOADED, ENS_LUA_READY } ens_lua_model_phase;
typedef struct ens_lua_model_observer {
  void (*on_phase)(struct ens_lua_model_observer *self, lua_State *L, ens_lua_model_phase phase);
} ens_lua_model_observer;

typedef struct ens_lua_model {
  ens_model base;
  char *name; /* the file, or "inline model at run.lua:12" */
  char *text; /* source of a file, as read once; NULL: an inline table */
  size_t text_size;
  char *search_path; /* package.path of the control state */
  ens_parcel table;  /* an inline one's, with the script's globals */
  ens_parcel data;
  ens_prior *prior;                 /* NULL: it gives none */
  ens_lua_model_observer *observer; /* borrowed; NULL: nobody */
} ens_lua_model;

/* Reads the description at `spec` ({ kind = "file", path, text } or { kind = "table", table, name }) and the data at
 * `data` (nil: none), loads the model in a scratch state and checks it. No Lua error is raised but of memory. */
ens_status ens_lua_model_create(lua_State *L, int spec, int data, ens_lua_model **out, ens_error *error);
ens_lua_model *ens_lua_model_test(ens_model *model); /* NULL: it is not written in Lua */

/* One with nothing in it but its ops; NULL: no memory. */
ens_lua_model *ens_lua_model_empty(void);

#endif
