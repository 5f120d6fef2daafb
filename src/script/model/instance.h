/* One worker's Lua state with the model in it. One thread at a time may use it. */
#ifndef ENS_SCRIPT_MODEL_INSTANCE_H
#define ENS_SCRIPT_MODEL_INSTANCE_H

#include <signal.h>

#include "base/stream.h"
#include "eval/bare.h"
#include "script/model/lua_model.h"
#include "script/state/output.h"

typedef struct ens_instance {
  lua_State *L;
  const ens_lua_model *model;
  ens_stream random; /* math.random's, set again for each evaluation */
  ens_output output;
  ens_block *block;                   /* the block that is being evaluated */
  size_t at;                          /* the item of it */
  int log_prob, theta, data, targets; /* references in the registry; see lua/ensemble/check/named.lua */
  int *group_place;                   /* [ndim] a parameter's place in its group's list; 0: it is in no group */
  bool is_batch;                      /* log_prob is the function that batch.lua makes of log_prob_batch */
  ens_bare bare;                      /* if log_prob is a C function, which needs no Lua; else bare.function is NULL */
  char *place;                        /* "model.lua:5", the line of log_prob */
  struct ens_strand *strand;          /* the state's */
  volatile sig_atomic_t interrupted;
} ens_instance;

/* Makes the state and loads the model. With `setup` it calls the model's setup(data), too; without, the description
 * that lua/ensemble/api/form.lua makes of the model stays at 2 of the state's stack. */
ens_status ens_instance_create(const ens_lua_model *model, unsigned worker, bool setup, ens_instance **out,
                               ens_error *error);
void ens_instance_evaluate(void *instance, ens_block *block);
/* Ends the present evaluation with an error at its next instruction in Lua, even if the model catches errors. For a
 * signal handler. */
void ens_instance_interrupt(void *instance);
void ens_instance_destroy(void *instance); /* NULL is fine */

#endif
