/* A move: how an update proposes. It names the walkers that it reads and proposes from them; it never sees a log_prob,
 * and the sampler never sees its formula. One file a move; move.c lists them. */
#ifndef ENS_CORE_MOVE_H
#define ENS_CORE_MOVE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rng.h"
#include "core/status.h"

typedef struct ens_move ens_move;
typedef struct ens_move_ops {
  /* How many walkers of the complement an update reads. */
  size_t (*npartners)(const ens_move *self, size_t ncomplement);
  /* Names them: index[npartners], each below ncomplement. */
  void (*partners)(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index);
  /* Fills q[ndim] from the walker's position x[ndim] and the partners' positions partner[npartners][ndim].
   * Returns the log of the Hastings factor. */
  double (*propose)(const ens_move *self, ens_stream *stream, const double *x, const double *const *partner,
                    size_t npartners, size_t ndim, double *q);
  void (*destroy)(ens_move *self);
} ens_move_ops;

struct ens_move {
  const ens_move_ops *ops;
};

/* A parameter of a move, as users meet it: the row drives its check and the message. */
typedef struct ens_move_parameter {
  const char *name, *text;
  double fallback, min, max;
  bool exclusive; /* min itself is refused */
} ens_move_parameter;

typedef struct ens_move_kind {
  const char *name, *text;
  size_t min_complement; /* walkers that the complement must have */
  size_t nparameters;
  const ens_move_parameter *parameter;
  /* value[nparameters], already within their ranges. NULL: no memory. */
  ens_move *(*create)(const double *value);
} ens_move_kind;

extern const ens_move_kind ens_move_stretch;

/* All kinds, in the order in which they are listed to users; ends with NULL. */
extern const ens_move_kind *const ens_move_kinds[];
const ens_move_kind *ens_move_find(const char *name); /* NULL: no such move */

/* Checks the values against the kind's rows (ENS_CONFIG names the parameter, its value and what is allowed) and makes
 * the move. The caller destroys it by ops->destroy. */
ens_status ens_move_create(const ens_move_kind *kind, const double *value, ens_move **out, ens_error *error);

#endif
