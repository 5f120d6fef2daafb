/* The stretch move (Goodman and Weare 2010, Comm. App. Math. Comp. Sci. 5, 65, section 2; emcee's default).
 *
 * y = x_j + z (x - x_j) with z from g(z) ~ 1/sqrt(z) on [1/a, a], drawn by inversion: z = ((a - 1) u + 1)^2 / a.
 * g(1/z) = z g(z) makes the move symmetric in ln z. In ndim dimensions a move along a ray from x_j also changes volume,
 * by z^(ndim - 1), hence the factor (ndim - 1) ln z. An update reads one walker of the complement.
 *
 * With `delayed` = a2 < a, a rejected y1, at z1, is followed by a second try nearer to x on the same ray (delayed
 * rejection: Tierney and Mira 1999, Stat. Med. 18, 2507): y2 at z2, from g with a2. From y2, the first try y1 has
 * zr = z1 / z2, which must be in [1/a, a], and the second try x has 1 / z2. The map (x, z1, z2) -> (y2, zr, 1 / z2) has
 * the Jacobian z2^(ndim - 3). The densities add g(zr) / g(z1) = z2^(1/2) and g2(1 / z2) / g2(z2) = z2. So
 *   ln alpha2 = (ndim - 3/2) ln z2 + ln pi(y2) - ln pi(x) + ln(1 - alpha1(y2, y1)) - ln(1 - alpha1(x, y1)).
 * It pays if stretch is often rejected: in many dimensions, or with a large a. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "move/move.h"

typedef struct stretch {
  ens_move base;
  double a, delayed; /* delayed < 0: no second try */
} stretch;

enum { A, DELAYED };
/* The layout of a delayed update's memory; the partner's position[ndim] comes last. */
enum { SECOND, Z1, Z2, LOG_PROB_1, CENTER };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 1;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self;
  index[0] = (size_t)ens_stream_below(stream, ncomplement);
}

static double scaled(double a, const ens_move_context *context) {
  return 1 + context->scale * (a - 1);
}

static double draw_z(double a, ens_stream *stream) {
  double root = (a - 1) * ens_stream_uniform(stream) + 1;
  return root * root / a;
}

static void stretch_to(const double *center, const double *x, double z, size_t ndim, double *q) {
  for (size_t d = 0; d < ndim; d++) q[d] = center[d] - (center[d] - x[d]) * z;
}

static double propose(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  size_t ndim = context->ndim;
  double z = draw_z(scaled(((const stretch *)self)->a, context), stream);
  stretch_to(partner[0], x, z, ndim, q);
  if (self->ops->judge) {
    context->memory[SECOND] = 0;
    context->memory[Z1] = z;
    memcpy(context->memory + CENTER, partner[0], ndim * sizeof *q);
  }
  return ((double)ndim - 1) * log(z);
}

/* After a rejected first try: proposes the second one, if the reverse path is possible. */
static ens_verdict try_again(const stretch *self, const ens_move_context *context, ens_stream *stream,
                             const ens_move_answer *answer, double *next) {
  double *memory = context->memory, a = scaled(self->a, context);
  double z2 = draw_z(scaled(self->delayed, context), stream), back = memory[Z1] / z2;
  if (back < 1 / a || back > a) return ENS_MOVE_STAYS;
  memory[SECOND] = 1;
  memory[Z2] = z2;
  memory[LOG_PROB_1] = answer->log_prob_q;
  stretch_to(memory + CENTER, answer->x, z2, context->ndim, next);
  return ENS_MOVE_ASKS;
}

static ens_verdict judge(const ens_move *base, const ens_move_context *context, ens_stream *stream,
                         const ens_move_answer *answer, double *next) {
  const double *memory = context->memory, power = (double)context->ndim - 1;
  double log_u = log(ens_stream_uniform(stream)), first = power * log(memory[Z1]) - answer->log_prob_x;
  if (memory[SECOND] == 0) {
    if (first + answer->log_prob_q > log_u) return ENS_MOVE_ACCEPTS;
    return try_again((const stretch *)base, context, stream, answer, next);
  }
  if (answer->log_prob_q == -INFINITY) return ENS_MOVE_STAYS;
  double z2 = memory[Z2], log_prob_1 = memory[LOG_PROB_1];
  double back = power * log(memory[Z1] / z2) + log_prob_1 - answer->log_prob_q;
  double ratio = (power - 0.5) * log(z2) + answer->log_prob_q - answer->log_prob_x + ens_move_log_rejection(back) -
                 ens_move_log_rejection(first + log_prob_1);
  return ratio > log_u ? ENS_MOVE_ACCEPTS : ENS_MOVE_STAYS;
}

static size_t memory_size(const ens_move *self, size_t ndim) {
  (void)self;
  return CENTER + ndim;
}

/* On Gaussians the best a - 1 is 2.151 / sqrt(ndim). */
static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  double step = scaled(((const stretch *)self)->a, context) - 1;
  return ens_move_acceptance_lesson(ENS_MOVE_BEST_LINE, step * sqrt((double)context->ndim) / 2.151, accepted);
}

static void destroy(ens_move *self) {
  free(self);
}

static const ens_move_ops once = {.npartners = npartners,
                                  .partners = partners,
                                  .propose = propose,
                                  .anchored = true,
                                  .lesson = lesson,
                                  .destroy = destroy},
                          twice = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .anchored = true,
                                   .judge = judge,
                                   .memory = memory_size,
                                   .lesson = lesson,
                                   .destroy = destroy};

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  if (value[DELAYED] >= value[A])
    return ens_error_set(error, ENS_CONFIG, "move 'stretch': delayed is %g: it must be below a, which is %g",
                         value[DELAYED], value[A]);
  stretch *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (stretch){{.ops = value[DELAYED] < 0 ? &once : &twice}, value[A], value[DELAYED]};
  *out = &self->base;
  return ENS_OK;
}

static const char *const none[] = {"none", NULL};
static const ens_move_parameter parameter[] = {
    {.name = "a", .text = "the scale of the stretch", .fallback = 2, .min = 1, .max = 1e6, .exclusive = true},
    {.name = "delayed",
     .text = "the scale of a second try after a rejection",
     .fallback = ENS_MOVE_WORD(0),
     .min = 1,
     .max = 1e6,
     .exclusive = true,
     .word = none}};

const ens_move_kind ens_move_stretch = {.name = "stretch",
                                        .text = "Goodman and Weare's stretch move, emcee's default",
                                        .nparameters = 2,
                                        .parameter = parameter,
                                        .create = create};
