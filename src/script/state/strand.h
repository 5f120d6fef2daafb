/* The coroutine of a worker's state that runs now: Lua 5.4 has a hook per coroutine, and an interrupt must reach the
 * running one. LuaJIT has one hook per state. */
#ifndef ENS_SCRIPT_STATE_STRAND_H
#define ENS_SCRIPT_STATE_STRAND_H

#include "script/state/compat.h"

typedef struct ens_strand {
  lua_State *main;
  lua_State *volatile innermost; /* read by a signal handler of this thread */
} ens_strand;

/* Replaces the state's coroutine.resume and coroutine.wrap. L is the main coroutine. Call it before ens_known_mark. */
void ens_strand_open(lua_State *L);
/* The state's; lives as long as the state. */
ens_strand *ens_strand_of(lua_State *L);
/* From now on Lua calls `hook` at each instruction, in whichever coroutine runs, until the caller takes the hook off
 * the main one. By then the hook must have ended the others with an error. For a signal handler. */
void ens_strand_hook(ens_strand *strand, lua_Hook hook);

#endif
