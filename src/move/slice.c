/* Ensemble slice sampling (Karamanis and Beutler 2021, Stat. Comput. 31, 61), with the stepping out and shrinking of
 * Neal 2003 (Ann. Stat. 31, 705, figures 3 and 5).
 *
 * The update moves along the line x + w eta. It draws a level ln y0 = ln pi(x) - Exp(1), then an interval of length 1
 * at random around w = 0. It steps each end out while the end is above the level, `max_steps` times in all, divided
 * between the ends beforehand. Then it draws w from the interval until one is above the level; each w below the level
 * becomes an end of the interval. The walker always moves. eta depends on the complement only, so the update leaves pi
 * invariant like any slice sampling along a line. This holds for any max_steps, which is needed because a slice may
 * have no end around a circle.
 *
 * differential: eta = 2 mu (x_a - x_b). An update reads two walkers.
 *
 * gaussian: eta = 2 mu N(0, covariance of the complement). An update reads the whole complement.
 *
 * An update takes about five evaluations, one after the other. There is no factor, and once mu is tuned, so that
 * intervals are stepped out as often as they shrink, no scale: it suits targets whose widths differ from place to
 * place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "move/move.h"

typedef struct slice {
  ens_move base;
  double mu, max_steps;
  bool gaussian;
} slice;

enum { MU, DIRECTION, MAX_STEPS };
/* The layout of an update's memory. LEFT_STEPS and RIGHT_STEPS count the steps that are left; eta[ndim] comes last. */
enum { STAGE, LEVEL, LEFT, RIGHT, LEFT_STEPS, RIGHT_STEPS, W, EXPANSIONS, CONTRACTIONS, ETA };
enum { LEFT_END, RIGHT_END, INSIDE };

/* Below this length the interval has shrunk to a point: the walker stays, as it would in the limit. */
static const double narrow = 0x1p-100;

static size_t npartners(const ens_move *self, size_t ncomplement) {
  return ((const slice *)self)->gaussian ? ncomplement : 2;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  if (!((const slice *)self)->gaussian) {
    ens_move_choose(stream, ncomplement, 2, index);
    return;
  }
  for (size_t i = 0; i < ncomplement; i++) index[i] = i;
}

static size_t min_complement(const ens_move *self, size_t ndim) {
  (void)self, (void)ndim;
  return 2;
}

/* Draws a normal vector with the walkers' covariance: the sum of their deviations from the mean m, weighted by normal
 * numbers. */
static void draw_normal(const double *const *partner, size_t n, ens_stream *stream, size_t ndim, double *m,
                        double *eta) {
  memset(m, 0, ndim * sizeof *m);
  memset(eta, 0, ndim * sizeof *eta);
  for (size_t j = 0; j < n; j++)
    for (size_t d = 0; d < ndim; d++) m[d] += partner[j][d] / (double)n;
  for (size_t j = 0; j < n; j++) {
    double xi = ens_stream_normal(stream) / sqrt((double)n - 1);
    for (size_t d = 0; d < ndim; d++) eta[d] += xi * (partner[j][d] - m[d]);
  }
}

/* Proposes the next point: an end of the interval while it may be stepped out, then points inside. */
static void ask(const ens_move_context *context, ens_stream *stream, const double *x, double *q) {
  double *memory = context->memory;
  if (memory[STAGE] == LEFT_END && memory[LEFT_STEPS] == 0) memory[STAGE] = RIGHT_END;
  if (memory[STAGE] == RIGHT_END && memory[RIGHT_STEPS] == 0) memory[STAGE] = INSIDE;
  double share = memory[STAGE] == LEFT_END ? 0 : memory[STAGE] == RIGHT_END ? 1 : ens_stream_uniform(stream);
  double w = memory[W] = memory[LEFT] + share * (memory[RIGHT] - memory[LEFT]);
  for (size_t d = 0; d < context->ndim; d++) q[d] = x[d] + w * memory[ETA + d];
}

static double propose(const ens_move *base, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  const slice *self = (const slice *)base;
  size_t ndim = context->ndim;
  double *memory = context->memory, *eta = memory + ETA;
  if (self->gaussian)
    draw_normal(partner, context->npartners, stream, ndim, context->scratch, eta);
  else
    for (size_t d = 0; d < ndim; d++) eta[d] = partner[0][d] - partner[1][d];
  for (size_t d = 0; d < ndim; d++) eta[d] *= 2 * self->mu * context->scale;
  memory[STAGE] = LEFT_END;
  memory[EXPANSIONS] = memory[CONTRACTIONS] = 0;
  memory[LEVEL] = log(ens_stream_uniform(stream)); /* below ln pi(x) */
  memory[LEFT] = -ens_stream_uniform(stream);
  memory[RIGHT] = memory[LEFT] + 1;
  memory[LEFT_STEPS] = floor(self->max_steps * ens_stream_uniform(stream));
  memory[RIGHT_STEPS] = self->max_steps - 1 - memory[LEFT_STEPS];
  ask(context, stream, x, q);
  return 0;
}

/* The evaluated end is above the level: moves it out by one step. */
static void expand(double *memory) {
  bool left = memory[STAGE] == LEFT_END;
  memory[left ? LEFT : RIGHT] += left ? -1 : 1;
  memory[left ? LEFT_STEPS : RIGHT_STEPS]--;
  memory[EXPANSIONS]++;
}

static ens_verdict judge(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                         const ens_move_answer *answer, double *next) {
  (void)self;
  double *memory = context->memory;
  bool above = answer->log_prob_q > answer->log_prob_x + memory[LEVEL];
  if (memory[STAGE] == INSIDE) {
    if (above) return ENS_MOVE_ACCEPTS;
    memory[memory[W] < 0 ? LEFT : RIGHT] = memory[W];
    memory[CONTRACTIONS]++;
    if (memory[RIGHT] - memory[LEFT] < narrow) return ENS_MOVE_STAYS;
  } else if (above) {
    expand(memory);
  } else {
    memory[STAGE]++;
  }
  ask(context, stream, answer->x, next);
  return ENS_MOVE_ASKS;
}

/* If expansions and contractions are equally many, the interval is about as long as the slice (Tibbits et al. 2014,
 * J. Comput. Graph. Stat. 23, 543). */
static double lesson(const ens_move *self, const ens_move_context *context, bool accepted) {
  (void)self, (void)accepted;
  const double *memory = context->memory;
  double both = memory[EXPANSIONS] + memory[CONTRACTIONS];
  return both > 0 ? (memory[EXPANSIONS] - memory[CONTRACTIONS]) / both : 0;
}

static size_t scratch(const ens_move *self, size_t ncomplement, size_t ndim) {
  (void)self, (void)ncomplement;
  return ndim;
}

static size_t memory_size(const ens_move *self, size_t ndim) {
  (void)self;
  return ETA + ndim;
}

static void destroy(ens_move *self) {
  free(self);
}

static ens_status create(const double *value, ens_move **out, ens_error *error) {
  static const ens_move_ops ops = {.npartners = npartners,
                                   .partners = partners,
                                   .propose = propose,
                                   .scratch = scratch,
                                   .judge = judge,
                                   .memory = memory_size,
                                   .lesson = lesson,
                                   .destroy = destroy};
  slice *self = malloc(sizeof *self);
  if (!self) return ens_error_memory(error);
  *self = (slice){{.ops = &ops}, value[MU], value[MAX_STEPS], value[DIRECTION] == ENS_MOVE_WORD(1)};
  *out = &self->base;
  return ENS_OK;
}

static const char *const directions[] = {"differential", "gaussian", NULL};
static const ens_move_parameter parameter[] = {
    {.name = "mu", .text = "half the length of the first interval", .fallback = 1, .max = 1e6, .exclusive = true},
    {.name = "direction",
     .text = "along a difference of two walkers, or a normal step with the covariance of all",
     .fallback = ENS_MOVE_WORD(0),
     .only_words = true,
     .word = directions},
    {.name = "max_steps",
     .text = "how often the interval may be stepped out",
     .fallback = 100,
     .min = 1,
     .max = 1e9,
     .whole = true}};

const ens_move_kind ens_move_slice = {.name = "slice",
                                      .text = "ensemble slice sampling: several evaluations, always accepted",
                                      .nparameters = 3,
                                      .parameter = parameter,
                                      .always_accepts = true,
                                      .create = create,
                                      .min_complement = min_complement};
