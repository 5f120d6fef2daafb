/* math.random of a worker's state: a stream of (seed, step, walker), set again for each evaluation, so that a
 * stochastic model gives the same chain for any number of workers. */
#ifndef ENS_SCRIPT_STATE_RANDOM_LIB_H
#define ENS_SCRIPT_STATE_RANDOM_LIB_H

#include "base/stream.h"
#include "script/state/compat.h"

/* Replaces the state's math.random and math.randomseed. `stream` must live as long as the state. */
void ens_random_open(lua_State *L, ens_stream *stream);
/* From now on drawing is an error: a batch of points has no stream of its own. */
void ens_random_close(lua_State *L);
/* The stream given to ens_random_open; NULL in a state that has its own math.random. */
ens_stream *ens_random_stream(lua_State *L);

#endif
