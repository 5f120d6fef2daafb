/* A move makes proposals for an update. It names the walkers that it reads and proposes from their positions; the
 * sampler never sees its formula. Most moves need one evaluation and never see a log_prob. A move that needs several in
 * a row (slice, delayed rejection) gets each answer and proposes again, or ends the update. A move is a value: it keeps
 * nothing between updates, so that a proposal is a function of (seed, step, walker) and of the positions that it reads.
 * Each move has a file of its own; move.c lists them. */
#ifndef ENS_MOVE_MOVE_H
#define ENS_MOVE_MOVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/stream.h"

typedef struct ens_move ens_move;
typedef struct ens_move_kind ens_move_kind;

/* The circumstances of an update. */
typedef struct ens_move_context {
  size_t ndim, ncomplement;
  size_t npartners; /* walkers in propose's `partner`; only valid in propose */
  uint64_t seed, step;
  double scale;    /* tuning's factor for the move's own scale; 1 without tuning */
  double *scratch; /* [ops->scratch] does not survive an evaluation */
  double *memory;  /* [ops->memory] kept from propose to the last judge of an update */
  /* A move that runs a user's code reports its errors here, and sets q to x. */
  ens_error *error;
} ens_move_context;

/* A proposal and its evaluation. log_prob is never NaN, and -inf for points that the model does not allow. */
typedef struct ens_move_answer {
  const double *x, *q; /* [ndim] the walker's position, and the last proposal */
  double log_prob_x, log_prob_q;
} ens_move_answer;

typedef enum ens_verdict {
  ENS_MOVE_STAYS,   /* the update ends; the walker stays */
  ENS_MOVE_ACCEPTS, /* the update ends; the walker moves to the last proposal */
  ENS_MOVE_ASKS     /* the move has made another proposal */
} ens_verdict;

typedef struct ens_move_ops {
  /* The number of walkers of the complement that an update reads. */
  size_t (*npartners)(const ens_move *self, size_t ncomplement);
  /* Draws those walkers: index[npartners], each below ncomplement. */
  void (*partners)(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index);
  /* Fills q[ndim] from the walker's position x[ndim] and the partners' positions partner[npartners][ndim].
   * Returns the log of the Hastings factor. -inf, with q = x, rejects: there is nothing to propose. */
  double (*propose)(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                    const double *const *partner, double *q);
  /* The move scales positions about its first partner, or draws from a density on the line. Such moves are confined to
   * a cell around that partner if a parameter is periodic (core/model/domain.h). */
  bool anchored;
  size_t (*scratch)(const ens_move *self, size_t ncomplement, size_t ndim); /* doubles; NULL: none */
  /* Decides what follows an evaluation, and fills next[ndim] for ENS_MOVE_ASKS. NULL: the sampler accepts or rejects by
   * the Hastings factor. */
  ens_verdict (*judge)(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                       const ens_move_answer *answer, double *next);
  size_t (*memory)(const ens_move *self, size_t ndim); /* doubles; NULL: none */
  /* For tuning: the change of log(scale) that a finished update suggests. Its mean is 0 at the best scale. NULL: the
   * move has no scale to tune. */
  double (*lesson)(const ens_move *self, const ens_move_context *context, bool accepted);
  void (*destroy)(ens_move *self);
} ens_move_ops;

struct ens_move {
  const ens_move_ops *ops;
  const ens_move_kind *kind; /* NULL: the move was not made by ens_move_create */
};

/* A parameter of a move as users know it. The row drives the check of a value and its message. A value is one double: a
 * number in the range, or ENS_MOVE_WORD(i) for word[i]. The value of a covariance is the index in the list of values
 * at which its shape and its numbers begin (ens_move_matrix_at). */
typedef struct ens_move_parameter {
  const char *name, *text;
  double fallback, min, max;
  bool exclusive;          /* min itself is not allowed */
  bool whole;              /* whole numbers only */
  bool only_words;         /* no numbers */
  bool covariance;         /* a variance, a list of variances, or a matrix; has no default */
  const char *const *word; /* the words that are allowed; ends with NULL; NULL: none */
} ens_move_parameter;

/* The value of the i-th word of a row. Rows with words have min >= 0. */
#define ENS_MOVE_WORD(i) (-1.0 - (double)(i))

/* A covariance: one variance (nrows 0, ncols 1), a list (nrows 1), or a square matrix, row by row. */
typedef struct ens_move_matrix {
  size_t nrows, ncols;
  const double *element; /* borrowed from the values */
} ens_move_matrix;

struct ens_move_kind {
  const char *name, *text;
  size_t nparameters;
  const ens_move_parameter *parameter;
  bool always_accepts; /* it cannot reject, so its acceptance fraction says nothing */
  /* value[nparameters] are in their ranges; the covariances follow them. ENS_CONFIG or ENS_MEMORY on an error. */
  ens_status (*create)(const double *value, ens_move **out, ens_error *error);
  /* The smallest complement that the move can work with. NULL: as many walkers as an update reads. */
  size_t (*min_complement)(const ens_move *self, size_t ndim);
  /* ENS_CONFIG if the move does not fit ndim parameters. NULL: it always fits. */
  ens_status (*check)(const ens_move *self, size_t ndim, ens_error *error);
};

extern const ens_move_kind ens_move_stretch, ens_move_walk, ens_move_de, ens_move_snooker, ens_move_side, ens_move_kde,
    ens_move_gaussian, ens_move_slice;

/* All kinds, in the order of the help; ends with NULL. */
extern const ens_move_kind *const ens_move_kinds[];
const ens_move_kind *ens_move_find(const char *name); /* NULL: there is no such move */

/* The word that a value stands for. NULL: it is a number. */
const char *ens_move_word(const ens_move_parameter *parameter, double value);
/* The covariance that is the p-th parameter: value[value[p]] is nrows, followed by ncols and the elements. */
ens_move_matrix ens_move_matrix_at(const double *value, size_t p);

/* Checks the values against the kind's rows and makes the move, which the caller destroys by ops->destroy. ENS_CONFIG
 * names the parameter, its value and the allowed range. */
ens_status ens_move_create(const ens_move_kind *kind, const double *value, ens_move **out, ens_error *error);
/* Checks that the move can move an ensemble of this shape. ENS_CONFIG names the missing walkers or the mismatch. */
ens_status ens_move_check(const ens_move *move, size_t nwalkers, size_t nsplits, size_t ndim, ens_error *error);

/* The lesson of moves that accept or reject: acceptance minus the best acceptance fraction. `best` is the best fraction
 * for Gaussians; `length` is the step in units of the best step for Gaussians, or INFINITY if that is not known. */
double ens_move_acceptance_lesson(double best, double length, bool accepted);
#define ENS_MOVE_BEST_BALL 0.25 /* for steps whose length is scaled with the number of dimensions */
#define ENS_MOVE_BEST_LINE 0.44 /* for steps of any length along a line */
/* For delayed rejection: ln(1 - min(1, e^r)) of a first try with the log acceptance ratio r. NaN (both ends at -inf)
 * counts as never accepted: 0. */
double ens_move_log_rejection(double r);
/* Draws index[count], distinct and below n; every ordered choice is equally likely. */
void ens_move_choose(ens_stream *stream, size_t n, size_t count, size_t *index);
/* The stream of the numbers that a move draws once per step, the same for every walker. */
static inline ens_stream ens_move_step_stream(const ens_move_context *context) {
  return ens_stream_at(context->seed, context->step, 0, ENS_RNG_STEP);
}

#endif
