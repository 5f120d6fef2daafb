/* The side move (Chen 2025, arXiv:2505.02987): a normal step along the difference of two walkers of the complement.
 *
 * y = x + sigma n (x_j - x_k), n ~ N(0, 1). A step is as likely as its opposite and its direction does not depend on x,
 * so the move is symmetric and the factor is 0. sigma is 1.687 / sqrt(ndim) by default, the paper's optimum for
 * Gaussians. An update reads two walkers. Compared with `de`, the normal step costs about twice as many evaluations per
 * independent sample on Gaussians, but it proposes any distance, so that no jitter is needed.
 *
 * With `delayed` = sigma2, a rejected y1 = x + sigma n1 (x_j - x_k) is followed by a second try along the same line
 * (delayed rejection: Tierney and Mira 1999, Stat. Med. 18, 2507): y2 = x + sigma2 n2 (x_j - x_k). From y2, the first
 * try y1 has nr = n1 - (sigma2 / sigma) n2, and the second try x has -n2. The densities of the steps leave the ratio
 * exp((n1^2 - nr^2) / 2), so
 *   ln alpha2 = ln pi(y2) - ln pi(x) + (n1^2 - nr^2) / 2 + ln(1 - alpha1(y2, y1)) - ln(1 - alpha1(x, y1)). */
#include <math.h>
#include <stdlib.h>

#include "move/move.h"

typedef struct side {
  ens_move base;
  double sigma, delayed; /* < 0: auto, and no second try */
} side;

enum { SIGMA, DELAYED };
/* The layout of a delayed update's memory; x_j - x_k [ndim] comes last. */
enum { SECOND, N1, N2, LOG_PROB_1, DIFFERENCE };

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 2;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self;
  ens_move_choose(stream, ncomplement, 2, index);
}

static double standard(size_t ndim) {
  return 1.687 / sqrt((double)ndim);
}

static double sigma_of(const side *self, size_t ndim) {
  return self->sigma < 0 ? standard(ndim) : self->sigma;
}

static double propose(const ens_move *base, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  size_t ndim = context->ndim;
  double n = ens_stream_normal(stream), length = context->scale * sigma_of((const side *)base, ndim) * n;
  for (size_t d = 0; d < ndim; d++) q[d] = x[d] + length * (partner[0][d] - partner[1][d]);
  if (base->ops->judge) {
    context->memory[SECOND] = 0;
    context->memory[N1] = n;
    for (size_t d = 0; d < ndim; d++) context->memory[DIFFERENCE + d] = partner[0][d] - partner[1][d];
  }
  return 0;
}

static ens_verdict try_again(const side *self, const ens_move_context *context, ens_stream *stream,
                             const ens_move_answer *answer, double *next) {
  double *memory = context->memory, n2 = ens_stream_normal(stream);
  memory[SECOND] = 1;
  memory[N2] = n2;
  memory[LOG_PROB_1] = answer->log_prob_q;
  for (size_t d = 0; d < context->ndim; d++)
    next[d] = answer->x[d] + context->scale * self->delayed * n2 * memory[DIFFERENCE + d];
  return ENS_MOVE_ASKS;
}

static ens_verdict judge(const ens_move *base, const ens_move_context *context, ens_stream *stream,
                         const ens_move_answer *answer, double *next) {
  const side *self = (const side *)base;
  const double *memory = context->memory;
  double log_u = log(ens_stream_uniform(stream)), up = answer->log_prob_q - answer->log_prob_x;
  if (memory[SECOND] == 0) return up > log_u ? ENS_MOVE_ACCEPTS : try_again(self, context, stream, answer, next);
  if (answer->log_prob_q == -INFINITY) return ENS_MOVE_STAYS;
  double n1 = memory[N1], nr = n1 - self->delayed / sigma_of(self, context->ndim) * memory[N2];
  double ratio = up + (n1 * n1 - nr * nr) / 2 + ens_move_log_rejection(memory[LOG_PROB_1] - answer->log_prob_q) -
                 ens_move_log_rejection(memory[LOG_PROB_1] - answer->log_prob_x);
  return ratio > log_u ? ENS_MOVE_ACCEPTS : ENS_MOVE_STAYS;
}

static size_t memory_size(const ens_move *self, size_t ndim) {
  (void)self;
  return DIFFERENCE + ndim;
}

static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  double sigma = context->scale * sigma_of((const side *)self, context->ndim);
  return ens_move_acceptance_lesson(ENS_MOVE_BEST_LINE, sigma / standard(context->ndim), accepted);
}

static void destroy(ens_move *self) {
  free(self);
}

static const ens_move_ops once = {.npartners = npartners,
                                  .partners = partners,
                                  .propose = propose,
                                  .lesson = lesson,
                                  .destroy = destroy},
                          twice = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .judge = judge,
                                   .memory = memory_size,
                                   .lesson = lesson,
                                   .destroy = destroy};

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  side *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (side){{.ops = value[DELAYED] < 0 ? &once : &twice}, value[SIGMA], value[DELAYED]};
  *out = &self->base;
  return ENS_OK;
}

static const char *const automatic[] = {"auto", NULL}, *const none[] = {"none", NULL};
static const ens_move_parameter parameter[] = {{.name = "sigma",
                                                .text = "the step in differences; 'auto' is 1.687 / sqrt(ndim)",
                                                .fallback = ENS_MOVE_WORD(0),
                                                .max = 1e6,
                                                .exclusive = true,
                                                .word = automatic},
                                               {.name = "delayed",
                                                .text = "the step of a second try after a rejection",
                                                .fallback = ENS_MOVE_WORD(0),
                                                .max = 1e6,
                                                .exclusive = true,
                                                .word = none}};

const ens_move_kind ens_move_side = {.name = "side",
                                     .text = "along the difference of two walkers, by a normal step",
                                     .nparameters = 2,
                                     .parameter = parameter,
                                     .create = create};
