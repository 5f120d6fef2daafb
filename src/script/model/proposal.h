/* The move `mh`: Metropolis and Hastings with a proposal function of the script's own. The function runs in a Lua state
 * of the move, on the sampler's thread; its math.random is the update's stream. */
#ifndef ENS_SCRIPT_MODEL_PROPOSAL_H
#define ENS_SCRIPT_MODEL_PROPOSAL_H

#include "move/move.h"
#include "script/state/compat.h"

extern const ens_move_kind ens_move_mh;

/* Makes the move from { proposal = function, names = list } at `index` of the control state. The function is copied
 * with what it captures, as a model's are. fingerprint: of its code and of what it captures. */
ens_status ens_proposal_create(lua_State *L, int index, void (*libraries)(lua_State *L), ens_move **out,
                               char fingerprint[64], ens_error *error);

#endif
