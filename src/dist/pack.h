/* Priors as bytes, for other processes of a job; see base/bundle.h. */
#ifndef ENS_DIST_PACK_H
#define ENS_DIST_PACK_H

#include "base/bundle.h"
#include "dist/prior.h"

void ens_prior_pack(const ens_prior *prior, ens_bundle *out); /* NULL stays NULL */
ens_prior *ens_prior_unpack(ens_bundle *bundle); /* likewise; without memory too, then the bundle has failed */

#endif
