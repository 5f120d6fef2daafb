/* What chain, log_prob and blobs of a sampler give: those of the chain's steps that discard and thin leave. */
#ifndef ENS_SCRIPT_LIB_SELECTION_H
#define ENS_SCRIPT_LIB_SELECTION_H

#include "core/chain.h"
#include "core/model/blob.h"
#include "script/state/compat.h"

/* Pushes the answer to read(what, discard, thin, flat, blob), whose arguments are at 2 .. 6: what is "coords",
 * "log_prob" or "blobs", where `blob` says which, from 1. An array [step][walker] of numbers or vectors, for a text
 * blob nested lists of strings; flat: the first two axes are one. Or nil, a message and its kind. Returns how many. */
int ens_selection_push(lua_State *L, ens_chain *chain, const ens_blobs *blobs);

#endif
