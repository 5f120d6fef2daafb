/* A move: how an update proposes. It names the walkers that it reads and proposes from them, and the sampler never sees
 * its formula. Most moves ask for one evaluation and never see a log_prob; an update that needs several in a row
 * (slice, delayed rejection) is fed each answer and asks again or is done. A move is a value: it keeps nothing from one
 * update to the next, so that a proposal is a function of (seed, step, walker) and of what it reads. One file a move;
 * move.c lists them. */
#ifndef ENS_MOVE_MOVE_H
#define ENS_MOVE_MOVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/stream.h"

typedef struct ens_move ens_move;
typedef struct ens_move_kind ens_move_kind;

/* Where an update stands. */
typedef struct ens_move_context {
  size_t ndim, ncomplement;
  size_t npartners; /* of the partners that propose gets; for propose only */
  uint64_t seed, step;
  double scale;    /* what tuning multiplies the move's own scale with; 1 without */
  double *scratch; /* [ops->scratch]; what is in it is lost between evaluations */
  double *memory;  /* [ops->memory]; kept from propose to the last judge of an update */
  /* Where a move that runs a user's code says that it failed; q is x then. */
  ens_error *error;
} ens_move_context;

/* What is known when a proposal has been evaluated. Never NaN; -inf where the model refuses. */
typedef struct ens_move_answer {
  const double *x, *q; /* [ndim] where the walker is, and what was proposed last */
  double log_prob_x, log_prob_q;
} ens_move_answer;

typedef enum ens_verdict {
  ENS_MOVE_STAYS,   /* the update is over, the walker is where it was */
  ENS_MOVE_ACCEPTS, /* the update is over, the walker is at the proposal that was evaluated last */
  ENS_MOVE_ASKS     /* another proposal is to be evaluated */
} ens_verdict;

typedef struct ens_move_ops {
  /* How many walkers of the complement an update reads. */
  size_t (*npartners)(const ens_move *self, size_t ncomplement);
  /* Names them: index[npartners], each below ncomplement. */
  void (*partners)(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index);
  /* Fills q[ndim] from the walker's position x[ndim] and the partners' positions partner[npartners][ndim].
   * Returns the log of the Hastings factor; -inf, with q = x, where nothing can be proposed: a refused proposal. */
  double (*propose)(const ens_move *self, const ens_move_context *context, ens_stream *stream, const double *x,
                    const double *const *partner, double *q);
  /* Whether it scales positions about its first partner, or has a density on the line: see core/model/domain.h. */
  bool anchored;
  size_t (*scratch)(const ens_move *self, size_t ncomplement, size_t ndim); /* doubles; NULL: none */
  /* NULL: the proposal is accepted by its factor. Else it decides, and fills next[ndim] where it asks again. */
  ens_verdict (*judge)(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                       const ens_move_answer *answer, double *next);
  size_t (*memory)(const ens_move *self, size_t ndim); /* doubles; NULL: none */
  /* For moves with a scale to tune: which way an update, now over, would have it change; 0 in the mean where it is
   * best. NULL: nothing to tune. */
  double (*lesson)(const ens_move *self, const ens_move_context *context, bool accepted);
  void (*destroy)(ens_move *self);
} ens_move_ops;

struct ens_move {
  const ens_move_ops *ops;
  const ens_move_kind *kind; /* NULL: not made by ens_move_create */
};

/* A parameter of a move, as users meet it: the row drives its check and the message. Its value is one double: a number
 * in the range, or ENS_MOVE_WORD(i) for word[i]. For a covariance it is the place in the list of values where its
 * shape and numbers stand, see ens_move_matrix. */
typedef struct ens_move_parameter {
  const char *name, *text;
  double fallback, min, max;
  bool exclusive;          /* min itself is refused */
  bool whole;              /* whole numbers only */
  bool only_words;         /* no numbers */
  bool covariance;         /* a variance, a list of them, or a matrix; must be given */
  const char *const *word; /* ends with NULL; NULL: none */
} ens_move_parameter;

#define ENS_MOVE_WORD(i) (-1.0 - (double)(i)) /* no row with words has numbers below 0 */

/* Numbers of a covariance: one number (nrows 0, ncols 1), a list (nrows 1) or a square matrix, row by row. */
typedef struct ens_move_matrix {
  size_t nrows, ncols;
  const double *element; /* borrowed from the values */
} ens_move_matrix;

struct ens_move_kind {
  const char *name, *text;
  size_t nparameters;
  const ens_move_parameter *parameter;
  bool always_accepts; /* by what it is, so that its acceptance fraction says nothing */
  /* value[nparameters], already within their ranges, and behind them the covariances. ENS_CONFIG, ENS_MEMORY. */
  ens_status (*create)(const double *value, ens_move **out, ens_error *error);
  /* Walkers that the complement must have. NULL: as many as partners are read. */
  size_t (*min_complement)(const ens_move *self, size_t ndim);
  /* ENS_CONFIG where the move does not fit the dimensions. NULL: it always does. */
  ens_status (*check)(const ens_move *self, size_t ndim, ens_error *error);
};

extern const ens_move_kind ens_move_stretch, ens_move_walk, ens_move_de, ens_move_snooker, ens_move_side, ens_move_kde,
    ens_move_gaussian, ens_move_slice;

/* All kinds, in the order in which they are listed to users; ends with NULL. */
extern const ens_move_kind *const ens_move_kinds[];
const ens_move_kind *ens_move_find(const char *name); /* NULL: no such move */

/* The word that the value stands for; NULL: it is a number. */
const char *ens_move_word(const ens_move_parameter *parameter, double value);
/* The numbers of the covariance that is the p-th parameter: value[value[p]] is nrows, then come ncols and the elements.
 */
ens_move_matrix ens_move_matrix_at(const double *value, size_t p);

/* Checks the values against the kind's rows (ENS_CONFIG names the parameter, its value and what is allowed) and makes
 * the move. The caller destroys it by ops->destroy. */
ens_status ens_move_create(const ens_move_kind *kind, const double *value, ens_move **out, ens_error *error);
/* Whether an ensemble can be moved by it: ENS_CONFIG says what it lacks. */
ens_status ens_move_check(const ens_move *move, size_t nwalkers, size_t nsplits, size_t ndim, ens_error *error);

/* A lesson for moves that are refused or not: the acceptance fraction less the best one. `best` is what a Gaussian
 * wants; `length` is the step in units of the best one on Gaussians, INFINITY where no such is known. */
double ens_move_acceptance_lesson(double best, double length, bool accepted);
#define ENS_MOVE_BEST_BALL 0.25 /* steps with the length that the number of dimensions asks for */
#define ENS_MOVE_BEST_LINE 0.44 /* steps of all lengths along a line */
/* For delayed rejection: ln(1 - min(1, e^r)), of a first try with the log acceptance ratio r; NaN, where both ends are
 * at -inf, counts as never accepted. */
double ens_move_log_refusal(double r);
/* For moves: index[count], distinct, each below n, every ordered choice as likely as any other. */
void ens_move_choose(ens_stream *stream, size_t n, size_t count, size_t *index);
/* For moves: what is drawn once a step, the same for every walker. */
static inline ens_stream ens_move_step_stream(const ens_move_context *context) {
  return ens_stream_at(context->seed, context->step, 0, ENS_RNG_STEP);
}

#endif
