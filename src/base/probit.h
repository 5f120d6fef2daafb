/* Quantile of the standard normal distribution. */
#ifndef ENS_BASE_PROBIT_H
#define ENS_BASE_PROBIT_H

/* z with Phi(z) = p, to about 1e-15 relative; -inf at 0, inf at 1, NaN outside [0, 1]. */
double ens_probit(double p);

#endif
