/* Which coroutine of a worker's state runs: Lua 5.4 has hooks by coroutine, and an interrupt must reach the one that
 * runs. LuaJIT has one hook for all of a state. */
#ifndef ENS_SCRIPT_STATE_STRAND_H
#define ENS_SCRIPT_STATE_STRAND_H

#include "script/state/compat.h"

typedef struct ens_strand {
  lua_State *main;
  lua_State *volatile innermost; /* read by a signal handler of this thread */
} ens_strand;

/* Replaces the state's coroutine.resume and coroutine.wrap; L: the main one. Before its functions are marked. */
void ens_strand_open(lua_State *L);
/* Lives as long as the state. */
ens_strand *ens_strand_of(lua_State *L);
/* From now on `hook` is called at each instruction, in whatever coroutine: until it is taken off the main one, by which
 * time it must have ended those in which it was. In a signal handler. */
void ens_strand_hook(ens_strand *strand, lua_Hook hook);

#endif
