/* One worker's Lua state with the model in it. Used by one thread at a time. */
#ifndef ENS_SCRIPT_MODEL_INSTANCE_H
#define ENS_SCRIPT_MODEL_INSTANCE_H

#include <signal.h>

#include "base/stream.h"
#include "eval/bare.h"
#include "script/model/model.h"
#include "script/state/output.h"

typedef struct ens_instance {
  lua_State *L;
  const ens_lua_model *model;
  ens_stream random; /* math.random's, set anew for each evaluation */
  ens_output output;
  ens_block *block;                   /* being evaluated */
  size_t at;                          /* item of it */
  int log_prob, theta, data, targets; /* references in the registry; see named.theta */
  int *group_place;                   /* [ndim] a parameter's place in its group's list; 0: it is in none */
  bool is_batch;                      /* log_prob is that of batch.lua */
  ens_bare bare;                      /* log_prob is a C function: evaluations run no Lua; else its function is NULL */
  char *place;                        /* "model.lua:5", where log_prob is defined */
  struct ens_strand *strand;          /* the state's */
  volatile sig_atomic_t interrupted;
} ens_instance;

/* Makes the state and loads the model; with `setup` calls the model's setup(data) too. Then the model's description is
 * at 2 of the state's stack, as lua/ensemble/api/form.lua makes it, unless `setup`. */
ens_status ens_instance_create(const ens_lua_model *model, unsigned worker, bool setup, ens_instance **out,
                               ens_error *error);
void ens_instance_evaluate(void *instance, ens_block *block);
/* The evaluation that is going on ends with an error at its next step in Lua; also where the model catches errors. */
void ens_instance_interrupt(void *instance);
void ens_instance_destroy(void *instance); /* NULL is fine */

#endif
