/* A model's bounds and periodic parameters, as lua/ensemble/check/domain.lua gives them, for the core. */
#ifndef ENS_SCRIPT_VALUE_DOMAIN_H
#define ENS_SCRIPT_VALUE_DOMAIN_H

#include "core/model/domain.h"
#include "script/state/compat.h"

/* { low, high, periodic } of ndim parameters at `index`; nil: none. False: no memory. */
bool ens_domain_take(lua_State *L, int index, size_t ndim, ens_domain **out);

#endif
