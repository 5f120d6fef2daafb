/* Special functions for densities. Each is stable where the usual formula cancels or overflows. */
#ifndef ENS_DIST_SPECIAL_H
#define ENS_DIST_SPECIAL_H

#define ENS_LOG_2PI 1.8378770664093454836
#define ENS_PI 3.14159265358979323846

/* log |Gamma(x)|, like lgamma, but threads may call it because it sets no global sign. */
double ens_special_lgamma(double x);
/* lgamma(x) minus Stirling's (x - 1/2) log x - x + log(2 pi) / 2, for x > 0; Loader's stirlerr(n) at x = n. */
double ens_special_stirling_rest(double x);
/* x log(x / m) + m - x for x, m > 0: Loader 2000, "Fast and accurate computation of binomial probabilities". */
double ens_special_deviance(double x, double m);
/* log of the Beta function; a, b > 0. */
double ens_special_lbeta(double a, double b);
/* x log m - m - lgamma(x + 1), the log of a Poisson probability. x >= 0 need not be whole; m >= 0; `rest` is
 * ens_special_poisson_rest(x). */
double ens_special_poisson_log(double x, double m, double rest);
double ens_special_poisson_rest(double x);
/* log(1 + z^2), even if z^2 overflows. */
double ens_special_log1p_square(double z);
/* exp(x^2) erfc(x) for x >= 0. */
double ens_special_erfcx(double x);
/* log(exp(-x) I0(x)) for x >= 0; I0 is the modified Bessel function. */
double ens_special_log_i0e(double x);

#endif
