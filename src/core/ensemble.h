/* The walkers, and the parts of one update: draw the partners, propose, conclude (accept or reject). Internal to core.
 * sampler.c decides when an update runs; this file decides its result, as a function of the seed and the ring of
 * states. */
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

/* The numbers that are drawn once per step. */
typedef struct ens_ensemble_step {
  ens_split split;
  size_t imove; /* index of the move */
  const ens_move *move;
  double scale; /* tuning's factor for the move */
  size_t left;  /* updates of this step that are not concluded */
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
  ens_move **move;         /* [nmoves] the moves are borrowed */
  double *cumulative;      /* [nmoves] of the normalised weights; the last is 1 */
  size_t window;           /* steps that may be in progress at the same time */
  size_t nslots;           /* versions in the ring: a power of two above the window */
  ens_ensemble_step *plan; /* [nslots] the plan of each version's step, in the state's slots */
  ens_state state;
  ens_schedule schedule;    /* also holds each walker's partners */
  ens_stream *stream;       /* [nwalkers] of the pending update, after the draw of its partners */
  size_t *index;            /* [max_partners] scratch */
  const double **partner;   /* [max_partners] scratch */
  double *scratch;          /* for the moves */
  const ens_domain *domain; /* NULL: every real number */
  double *unwrapped;        /* [1 + max_partners][ndim] scratch; NULL if no parameter is periodic */
  ens_ensemble_queries queries;
  ens_error error; /* error of a move; empty between calls */
  ens_tuning tuning;
  double *lesson; /* [nslots][nwalkers] for tuning; NULL: the run does not tune */
} ens_ensemble;

ens_status ens_ensemble_init(ens_ensemble *ensemble, const ens_sampler_config *config, size_t ndim, size_t ncells,
                             ens_error *error);
void ens_ensemble_free(ens_ensemble *ensemble);

static inline ens_ensemble_step *ens_ensemble_plan(ens_ensemble *ensemble, uint64_t step) {
  return &ensemble->plan[ens_state_slot(&ensemble->state, step)];
}
/* Switches between step by step and the whole window. Every walker must be at step `base`, with no update in progress.
 */
void ens_ensemble_use(ens_ensemble *ensemble, bool window, uint64_t base);
/* Draws the sets and the move of `step`. */
void ens_ensemble_prepare(ens_ensemble *ensemble, uint64_t step);
/* Draws the partners of the update of `walker` at `step`, into the schedule. The step must be prepared. */
void ens_ensemble_draw_partners(ens_ensemble *ensemble, uint64_t step, uint32_t walker);
/* Appends the proposal to the block. The versions that it reads must be in the ring. False: the item needs no
 * evaluation. Either it is outside the domain and its log_prob is -inf, or the move failed and the item has the error,
 * as if its evaluation had failed. */
bool ens_ensemble_propose(ens_ensemble *ensemble, uint64_t step, uint32_t walker, ens_block *block);
/* Draws the partners of walkers *at .. last - 1 in the split's order, all of one set, and appends their proposals.
 * False: the last appended item needs no evaluation, as above, and *at is the walker after it. */
bool ens_ensemble_propose_set(ens_ensemble *ensemble, uint64_t step, size_t *at, size_t last, ens_block *block);
/* Takes item i, an evaluated proposal. True: the update is finished and the walker's next version is written. False:
 * the move has another proposal, for ens_ensemble_propose. */
bool ens_ensemble_conclude(ens_ensemble *ensemble, const ens_block *block, size_t i);
/* Takes a whole block of one step. Walkers whose moves have another proposal come to the front of block->walker.
 * Returns their number. */
size_t ens_ensemble_conclude_block(ens_ensemble *ensemble, ens_block *block);
/* Updates the scales by the lessons of `step`, which every walker has reached. */
void ens_ensemble_learn(ens_ensemble *ensemble, uint64_t step);

#endif
