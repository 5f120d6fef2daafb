/* The moves for tests of distributions, and moves with a planted mistake that such a test must find. */
#ifndef ENS_TEST_MOVE_CASES_H
#define ENS_TEST_MOVE_CASES_H

#include "move/move.h"
#include "unit.h"

static inline ens_move *make(const ens_move_kind *kind, const double *value) {
  ens_move *move = NULL;
  CHECK(ens_move_create(kind, value, &move, NULL) == ENS_OK);
  return move;
}

typedef struct move_case {
  const char *name;
  const ens_move_kind *kind;
  double value[16];
  size_t nwalkers; /* the fewest possible in one and two dimensions; kde needs two more in three */
} move_case;

#define WORD ENS_MOVE_WORD

static const move_case cases[] = {
    {"stretch", &ens_move_stretch, {2, WORD(0)}, 4},
    {"stretch, delayed", &ens_move_stretch, {4, 1.5}, 4},
    {"side", &ens_move_side, {WORD(0), WORD(0)}, 4},
    {"side, delayed", &ens_move_side, {2.5, 0.7}, 4},
    {"slice", &ens_move_slice, {1, WORD(0), 100}, 4},
    {"slice, few steps", &ens_move_slice, {0.2, WORD(0), 3}, 4},
    {"slice, gaussian", &ens_move_slice, {0.7, WORD(1), 100}, 6},
    {"de", &ens_move_de, {WORD(0), 1e-5, 0.1}, 4},
    {"de, jumps and jitter", &ens_move_de, {0.7, 0.5, 0.5}, 5},
    {"snooker", &ens_move_snooker, {1.7}, 6},
    {"walk", &ens_move_walk, {WORD(0), WORD(0)}, 4},
    {"walk, s = 2", &ens_move_walk, {2, 1}, 6},
    {"kde", &ens_move_kde, {WORD(0)}, 6},
    {"kde, bw = 0.7", &ens_move_kde, {0.7}, 7},
    {"gaussian", &ens_move_gaussian, {3, WORD(0), 1, 0, 1, 0.5}, 4},
    {"gaussian, factor", &ens_move_gaussian, {3, WORD(0), 4, 0, 1, 0.5}, 4},
    {"gaussian, random", &ens_move_gaussian, {3, WORD(1), 2, 0, 1, 1}, 4},
    {"gaussian, sequential", &ens_move_gaussian, {3, WORD(2), 2, 0, 1, 1}, 4},
};

/* The second try is often accepted, so that a mistake in it shows. */
static const move_case delayed_cases[] = {{"stretch, delayed", &ens_move_stretch, {6, 4}, 4},
                                          {"side, delayed", &ens_move_side, {2, 0.7}, 4}};

static inline const move_case *find_case(const char *name) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (strcmp(cases[i].name, name) == 0) return &cases[i];
  return NULL;
}

/* ---- mistakes ---- */

/* A move that does the same as `inner` except for its mistake. */
typedef struct wrong {
  ens_move base;
  const ens_move *inner;
} wrong;

static inline size_t wrong_npartners(const ens_move *self, size_t ncomplement) {
  const ens_move *inner = ((const wrong *)self)->inner;
  return inner->ops->npartners(inner, ncomplement);
}
static inline void wrong_partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  const ens_move *inner = ((const wrong *)self)->inner;
  inner->ops->partners(inner, stream, ncomplement, index);
}
static inline size_t wrong_scratch(const ens_move *self, size_t ncomplement, size_t ndim) {
  const ens_move *inner = ((const wrong *)self)->inner;
  return inner->ops->scratch ? inner->ops->scratch(inner, ncomplement, ndim) : 0;
}
static inline size_t wrong_memory(const ens_move *self, size_t ndim) {
  const ens_move *inner = ((const wrong *)self)->inner;
  return inner->ops->memory(inner, ndim);
}
/* ndim instead of ndim - 1 in the factor. */
static inline double power_propose(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                                   const double *x, const double *const *partner, double *q) {
  const ens_move *inner = ((const wrong *)self)->inner;
  double ndim = (double)context->ndim;
  return inner->ops->propose(inner, context, stream, x, partner, q) * ndim / (ndim - 1);
}
static inline double no_factor_propose(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                                       const double *x, const double *const *partner, double *q) {
  const ens_move *inner = ((const wrong *)self)->inner;
  inner->ops->propose(inner, context, stream, x, partner, q);
  return 0;
}
static inline double right_propose(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                                   const double *x, const double *const *partner, double *q) {
  const ens_move *inner = ((const wrong *)self)->inner;
  return inner->ops->propose(inner, context, stream, x, partner, q);
}
/* Accepts the second try like a first one, by the ratio of the densities alone. */
static inline ens_verdict no_ratio_judge(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                                         const ens_move_answer *answer, double *next) {
  const ens_move *inner = ((const wrong *)self)->inner;
  if (context->memory[0] == 0) return inner->ops->judge(inner, context, stream, answer, next);
  return answer->log_prob_q - answer->log_prob_x > log(ens_stream_uniform(stream)) ? ENS_MOVE_ACCEPTS : ENS_MOVE_STAYS;
}

typedef double propose_function(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                                const double *x, const double *const *partner, double *q);

/* Replaces the inner move's propose; NULL: plants the mistake in the second try instead. */
static inline void plant(ens_move_ops *ops, propose_function *propose) {
  ops->npartners = wrong_npartners;
  ops->partners = wrong_partners;
  if (ops->scratch) ops->scratch = wrong_scratch;
  if (ops->memory) ops->memory = wrong_memory;
  ops->propose = propose ? propose : right_propose;
  if (!propose) ops->judge = no_ratio_judge;
  ops->lesson = NULL;
  ops->destroy = NULL;
}

#endif
