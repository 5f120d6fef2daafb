/* The numbers behind a sampler's chain, log_prob and blobs: those of the steps that discard and thin leave. */
#ifndef ENS_SCRIPT_CONTROL_SELECTION_H
#define ENS_SCRIPT_CONTROL_SELECTION_H

#include "core/chain.h"
#include "core/model/blob.h"
#include "script/state/compat.h"

/* Reads the arguments at 2 .. 6 of read(what, discard, thin, flat, blob): `what` is "coords", "log_prob" or "blobs";
 * `blob` is the blob's number, from 1. Pushes an array [step][walker] of numbers or vectors, or nested lists of the
 * strings of a text blob, with the first two axes joined if `flat`; or nil, message and kind. Returns the number of
 * results. */
int ens_selection_push(lua_State *L, ens_chain *chain, const ens_blobs *blobs);

#endif
