/* The function that a message names. */
#ifndef ENS_SCRIPT_VALUE_CALLER_H
#define ENS_SCRIPT_VALUE_CALLER_H

#include "script/state/compat.h"

/* The caller's name is `form` (as "%s" or "%s_lpdf") with `name` in it; it is built for error messages only. */
typedef struct ens_caller {
  const char *form, *name;
} ens_caller;

/* Pushes the caller's name. */
const char *ens_caller_push(lua_State *L, const ens_caller *caller);

#endif
