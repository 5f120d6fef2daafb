/* Densities and priors as Lua sees them: what ensemble.dist, ensemble.prior and form.lua are made of. */
#ifndef ENS_SCRIPT_LIB_DIST_LIB_H
#define ENS_SCRIPT_LIB_DIST_LIB_H

#include "dist/prior.h"
#include "script/state/compat.h"

/* Adds to the module table on top: distributions (a list of rows), prior_sum, multi_normal, dirichlet_lpdf and
 * dirichlet_draw. */
void ens_dist_lib_open(lua_State *L);
/* The prior of a list of prior objects ({ name =, parameters ... }, checked when they were made) at `index`; the caller
 * frees it. NULL: no memory. */
ens_prior *ens_dist_lib_read_prior(lua_State *L, int index);

#endif
