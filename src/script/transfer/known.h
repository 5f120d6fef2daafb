/* Values that every state has before any code of the user runs (libraries, ensemble's modules): they travel by name. */
#ifndef ENS_SCRIPT_TRANSFER_KNOWN_H
#define ENS_SCRIPT_TRANSFER_KNOWN_H

#include "script/state/compat.h"

/* Marks the modules of the state and their fields. Call it once in each state, before any code of the user runs. */
void ens_known_mark(lua_State *L);

/* Pushes the table from value to name, or nil in a state without marks. */
void ens_known_push_names(lua_State *L);
/* Pushes the value of that name, or nil. A value has several names if modules share it. */
void ens_known_push_value(lua_State *L, const char *name, size_t length);

#endif
