/* A model's bounds and periodic parameters, from the table of lua/ensemble/check/domain.lua to the core's struct. */
#ifndef ENS_SCRIPT_VALUE_DOMAIN_H
#define ENS_SCRIPT_VALUE_DOMAIN_H

#include "core/model/domain.h"
#include "script/state/compat.h"

/* Reads { low, high, periodic } of ndim parameters at `index` into a new domain, which the caller frees; NULL if the
 * value is nil. False: no memory. */
bool ens_domain_take(lua_State *L, int index, size_t ndim, ens_domain **out);

#endif
