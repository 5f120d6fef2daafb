/* Linear algebra of small dense matrices in Lua: methods of arrays, and the multivariate normal density. */
#ifndef ENS_SCRIPT_LIB_LINALG_LIB_H
#define ENS_SCRIPT_LIB_LINALG_LIB_H

#include "script/state/compat.h"

/* Adds the methods to the table on top. */
void ens_linalg_lib_add_methods(lua_State *L);
/* Adds multi_normal_lpdf and multi_normal_cholesky_lpdf to the module table on top. */
void ens_linalg_lib_open(lua_State *L);

#endif
