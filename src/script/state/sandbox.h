/* A Lua state of its own for code that a run calls: a worker's model, a move's proposal. Its libraries are those of any
 * script, but that random numbers and the order of pairs are the run's, and that it cannot end the process. */
#ifndef ENS_SCRIPT_STATE_SANDBOX_H
#define ENS_SCRIPT_STATE_SANDBOX_H

#include <stdbool.h>

#include "base/stream.h"
#include "script/state/compat.h"
#include "script/state/output.h"

/* Opens the libraries and marks them (ens_transfer_mark). random and output must live as long as the state; search_path
 * is the control state's package.path. Raises Lua errors: call protected. */
void ens_sandbox_open(lua_State *L, ens_stream *random, ens_output *output, const char *search_path);
/* The message handler of every call: ens_traceback, and whatever was raised, the message says where. */
int ens_sandbox_handle(lua_State *L);
/* Whether "FILE:LINE: " begins the message. */
bool ens_sandbox_has_place(const char *message);

#endif
