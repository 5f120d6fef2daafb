/* The other engine's program, which stands beside this one. */
#ifndef ENS_SCRIPT_STATE_ENGINE_H
#define ENS_SCRIPT_STATE_ENGINE_H

#include "script/state/compat.h"

/* enter_program(name, words): becomes the program `name` that is beside this one; words[1] is its own name. Answers a
 * message where it cannot. */
int ens_engine_enter(lua_State *L);

#endif
