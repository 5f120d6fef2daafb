/* The walkers and what one update does to one of them: plan (which walkers it reads), propose, conclude (accept or
 * not). Internal to core: sampler.c decides when; here is only what, as a function of the seed and the ring of states.
 */
#ifndef ENS_CORE_ENSEMBLE_H
#define ENS_CORE_ENSEMBLE_H

#include <stdbool.h>

#include "base/stream.h"
#include "core/model/evaluator.h"
#include "core/sampler.h"
#include "core/schedule.h"
#include "core/split.h"
#include "core/state.h"
#include "core/tuning.h"

/* What is drawn once a step. */
typedef struct ens_ensemble_step {
  ens_split split;
  size_t imove; /* which of the ensemble's moves */
  const ens_move *move;
  double scale; /* of the move, tuned */
  size_t left;  /* updates of this step not yet concluded */
} ens_ensemble_step;

/* The state of updates that evaluate more than one proposal. All NULL and 0 if no move has such updates. */
typedef struct ens_ensemble_queries {
  size_t nmemory;
  double *memory;  /* [nwalkers][nmemory] of the moves */
  double *pending; /* [nwalkers][ndim] the next proposal */
  uint8_t *asked;  /* [nwalkers] 1: the pending proposal is the next one to evaluate */
} ens_ensemble_queries;

typedef struct ens_ensemble {
  size_t nwalkers, ndim, ncells;
  uint64_t seed;
  bool randomize_split;
  size_t nmoves;
  ens_move **move;         /* [nmoves], the moves themselves borrowed */
  double *cumulative;      /* [nmoves] of the normalised weights; the last is 1 */
  size_t window;           /* steps under way at a time */
  size_t nslots;           /* versions in the ring, a power of two: more than the window */
  ens_ensemble_step *plan; /* [nslots] of each version's step, where the state has it */
  ens_state state;
  ens_schedule schedule;    /* holds each walker's partners */
  ens_stream *stream;       /* [nwalkers] of the pending update, after its partners were drawn */
  size_t *index;            /* [max_partners] scratch */
  const double **partner;   /* [max_partners] scratch */
  double *scratch;          /* of the moves */
  const ens_domain *domain; /* NULL: all numbers */
  double *unwrapped;        /* [1 + max_partners][ndim] scratch, where a parameter is periodic; else NULL */
  ens_ensemble_queries queries;
  ens_error error; /* of a move; empty between calls */
  ens_tuning tuning;
  double *lesson; /* [nslots][nwalkers] while there is something to tune; NULL: never */
} ens_ensemble;

ens_status ens_ensemble_init(ens_ensemble *ensemble, const ens_sampler_config *config, size_t ndim, size_t ncells,
                             ens_error *error);
void ens_ensemble_free(ens_ensemble *ensemble);

static inline ens_ensemble_step *ens_ensemble_plan(ens_ensemble *ensemble, uint64_t step) {
  return &ensemble->plan[ens_state_slot(&ensemble->state, step)];
}
/* Every walker is at step `base` and nothing is under way: from here on step by step, or in the whole window. */
void ens_ensemble_use(ens_ensemble *ensemble, bool window, uint64_t base);
/* Draws the sets and the move of `step`. */
void ens_ensemble_prepare(ens_ensemble *ensemble, uint64_t step);
/* Draws which walkers the update of `walker` at `step` reads, into the schedule. The step must be prepared. */
void ens_ensemble_draw_partners(ens_ensemble *ensemble, uint64_t step, uint32_t walker);
/* Appends the proposal to the block. Everything that it reads must be in the ring. False: there is nothing to evaluate.
 * The item is outside the domain, its log_prob is -inf; or the move failed, and the item says how, as if its evaluation
 * had. */
bool ens_ensemble_propose(ens_ensemble *ensemble, uint64_t step, uint32_t walker, ens_block *block);
/* Draws the partners of walkers *at .. last - 1 of the split's order, all in one set, and appends their proposals.
 * False: there is nothing to evaluate in the last one that was appended, as above; *at is the one behind it. */
bool ens_ensemble_propose_set(ens_ensemble *ensemble, uint64_t step, size_t *at, size_t last, ens_block *block);
/* Takes item i, an evaluated proposal. True: the update is over, the walker's next version is written. False: its move
 * asks again, ens_ensemble_propose has another proposal. */
bool ens_ensemble_conclude(ens_ensemble *ensemble, const ens_block *block, size_t i);
/* Takes a whole block of one step. The walkers whose moves ask again come to the front of block->walker; returns how
 * many. */
size_t ens_ensemble_conclude_block(ens_ensemble *ensemble, ens_block *block);
/* Every walker has reached `step`: what there is to learn from it for the scales. */
void ens_ensemble_learn(ens_ensemble *ensemble, uint64_t step);

#endif
