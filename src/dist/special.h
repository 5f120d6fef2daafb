/* Special functions that densities need, each stable where the textbook's form cancels or overflows. */
#ifndef ENS_DIST_SPECIAL_H
#define ENS_DIST_SPECIAL_H

#define ENS_LOG_2PI 1.8378770664093454836
#define ENS_PI 3.14159265358979323846

/* log |Gamma(x)|, as lgamma but without its global sign, so that threads may call it. */
double ens_lgamma(double x);
/* lgamma(x) less Stirling's (x - 1/2) log x - x + log(2 pi) / 2, for x > 0. Loader's stirlerr(n) at x = n. */
double ens_stirling_rest(double x);
/* x log(x / m) + m - x for x, m > 0: Loader 2000, "Fast and accurate computation of binomial probabilities". */
double ens_deviance(double x, double m);
/* log of the Beta function; a, b > 0. */
double ens_lbeta(double a, double b);
/* x log m - m - lgamma(x + 1): the log of a Poisson probability, x >= 0 of any kind, m >= 0; `rest` is
 * ens_poisson_rest(x). */
double ens_poisson_log(double x, double m, double rest);
double ens_poisson_rest(double x);
/* log(1 + z^2), also where z^2 overflows. */
double ens_log1p_square(double z);
/* exp(x^2) erfc(x) for x >= 0. */
double ens_erfcx(double x);
/* log(exp(-x) I0(x)), I0 the modified Bessel function, x >= 0. */
double ens_log_i0e(double x);

#endif
