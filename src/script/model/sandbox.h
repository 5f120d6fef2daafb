/* The Lua state of code that a run calls: a worker's model, a move's proposal. It has a script's libraries, except that
 * random numbers come from the run, pairs has a fixed order, output names the worker, and os.exit is an error. */
#ifndef ENS_SCRIPT_MODEL_SANDBOX_H
#define ENS_SCRIPT_MODEL_SANDBOX_H

#include <stdbool.h>

#include "base/stream.h"
#include "script/state/compat.h"
#include "script/state/output.h"

/* Opens the libraries and marks them (ens_known_mark). random and output must live as long as the state; search_path is
 * the control state's package.path; `more` (may be NULL) opens further libraries. Raises Lua errors: call protected. */
void ens_sandbox_open(lua_State *L, ens_stream *random, ens_output *output, const char *search_path,
                      void (*more)(lua_State *L));
/* The message handler of every call: ens_traceback, with a place before a message that has none. */
int ens_sandbox_handle(lua_State *L);
/* Whether the message begins with "FILE:LINE: ". */
bool ens_sandbox_has_place(const char *message);

#endif
