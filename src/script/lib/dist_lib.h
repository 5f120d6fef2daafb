/* Densities and priors in Lua: the functions under ensemble.dist, ensemble.prior and form.lua. */
#ifndef ENS_SCRIPT_LIB_DIST_LIB_H
#define ENS_SCRIPT_LIB_DIST_LIB_H

#include "dist/prior.h"
#include "script/state/compat.h"

/* Adds distributions (a list of rows), prior_sum, multi_normal, dirichlet_lpdf and dirichlet_draw to the module table
 * on top. */
void ens_dist_lib_open(lua_State *L);
/* The prior of the list at `index`, whose prior objects ({ name =, parameters ... }) were checked when they were made.
 * The caller frees it. NULL: no memory. */
ens_prior *ens_dist_lib_read_prior(lua_State *L, int index);

#endif
