/* The move `mh`: Metropolis-Hastings with a proposal function from the script. The function runs in a Lua state of its
 * own, on the sampler's thread; its math.random draws from the update's stream. */
#ifndef ENS_SCRIPT_MODEL_PROPOSAL_H
#define ENS_SCRIPT_MODEL_PROPOSAL_H

#include "move/move.h"
#include "script/state/compat.h"

extern const ens_move_kind ens_move_mh;

/* Makes the move from { proposal = function, names = list } at `index` of the control state. The function is copied
 * with its captured variables and the script's globals, as a model's functions are; the fingerprint covers them.
 * `libraries` opens the control state's libraries in the function's state (ens_sandbox_open). */
ens_status ens_proposal_create(lua_State *L, int index, void (*libraries)(lua_State *L), ens_move **out,
                               char fingerprint[64], ens_error *error);

#endif
