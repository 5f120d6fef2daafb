/* Draws from standard forms that have no simple inverse. A draw takes as many numbers of the stream as it needs, so
 * that it is a pure function of the stream's position. */
#ifndef ENS_DIST_DRAW_H
#define ENS_DIST_DRAW_H

#include "base/stream.h"

double ens_draw_gamma(ens_stream *stream, double shape); /* rate 1; shape > 0 */
double ens_draw_log_gamma(ens_stream *stream,
                          double shape); /* the log of the draw, which does not underflow for tiny shapes */
double ens_draw_beta(ens_stream *stream, double a, double b);
double ens_draw_student_t(ens_stream *stream, double nu);
double ens_draw_von_mises(ens_stream *stream, double kappa);            /* around 0, within -pi .. pi */
double ens_draw_normal_between(ens_stream *stream, double a, double b); /* N(0, 1) given a <= z <= b */
double ens_draw_poisson(ens_stream *stream, double rate);
double ens_draw_binomial(ens_stream *stream, double n, double p);

#endif
