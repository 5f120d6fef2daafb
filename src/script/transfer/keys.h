/* The keys of a table in an order that depends on the keys alone, so that equal tables give equal bytes. */
#ifndef ENS_SCRIPT_TRANSFER_KEYS_H
#define ENS_SCRIPT_TRANSFER_KEYS_H

#include "script/state/compat.h"

/* Pushes the list of the keys of the table at `index` (absolute): numbers, then strings by their bytes, then other keys
 * in no order. Returns their number. */
size_t ens_keys_push(lua_State *L, int index);

#endif
