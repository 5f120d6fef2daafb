/* The program with the other engine, which lies beside this one. */
#ifndef ENS_SCRIPT_STATE_ENGINE_H
#define ENS_SCRIPT_STATE_ENGINE_H

#include "script/state/compat.h"

/* enter_program(name, words): replaces this process by the program `name` in this program's folder; words[1] is its
 * name. Returns only if that fails: a message. */
int ens_engine_enter(lua_State *L);

#endif
