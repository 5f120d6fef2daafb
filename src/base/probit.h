/* The quantile function of the standard normal distribution. */
#ifndef ENS_BASE_PROBIT_H
#define ENS_BASE_PROBIT_H

/* z with Phi(z) = p, with a relative error of about 1e-15. -inf for 0, inf for 1, NaN outside [0, 1]. */
double ens_probit(double p);

#endif
