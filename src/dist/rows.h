/* The rows of the distributions, with the files that define them; dist.c lists them. */
#ifndef ENS_DIST_ROWS_H
#define ENS_DIST_ROWS_H

#include "dist/dist.h"

extern const ens_dist ens_dist_normal, ens_dist_student_t, ens_dist_cauchy, ens_dist_laplace, ens_dist_logistic,
    ens_dist_gumbel, ens_dist_von_mises; /* line.c */
extern const ens_dist ens_dist_half_normal, ens_dist_half_cauchy, ens_dist_half_student_t, ens_dist_lognormal,
    ens_dist_exponential, ens_dist_gamma, ens_dist_inv_gamma, ens_dist_chi2, ens_dist_weibull, ens_dist_pareto,
    ens_dist_rayleigh;                                                                                 /* half_line.c */
extern const ens_dist ens_dist_uniform, ens_dist_loguniform, ens_dist_beta, ens_dist_truncated_normal; /* interval.c */
extern const ens_dist ens_dist_poisson, ens_dist_binomial, ens_dist_neg_binomial, ens_dist_bernoulli,
    ens_dist_geometric; /* discrete.c */

#endif
