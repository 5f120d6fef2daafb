/* The recorder: the sampler's one sink. It decides which steps are kept, counts them, and passes recorded steps to the
 * chain, in memory or in a store. It must not know where a run's other parts are: it calls them through hooks. */
#ifndef ENS_RUN_PARTS_RECORDER_H
#define ENS_RUN_PARTS_RECORDER_H

#include <stdatomic.h>

#include "core/chain.h"
#include "core/memory_chain.h"
#include "core/model/domain.h"
#include "core/sink.h"
#include "run/parts/convergence.h"
#include "run/parts/moves.h"

/* Calls on the sampling thread. Steps have the index that the chain gives them, from 1. */
typedef struct ens_recorder_hooks {
  void *context;
  /* A step of the tuning, whose index is the sampler's; last: no other follows. An error ends the sampling. */
  ens_status (*tuned)(void *context, const ens_step *step, bool last, ens_error *error);
  /* A step that is recorded, before the chain takes it. The counts include it. */
  void (*recorded)(void *context, const ens_step *step);
  /* A step that is kept, recorded or not, at the end. */
  void (*kept)(void *context, const ens_step *step);
} ens_recorder_hooks;

typedef struct ens_recorder_options {
  size_t nwalkers, ndim, ncells;
  uint64_t thin_by, tune;
  size_t nmoves;            /* the caller names them with ens_moves_set */
  const ens_until *until;   /* copied */
  const ens_domain *domain; /* borrowed; NULL: nothing is periodic */
  bool in_memory;           /* the chain is the recorder's own; otherwise `chain` is set before the first step */
  ens_recorder_hooks hooks;
  const atomic_bool *halted; /* borrowed; true: steps block for good, since another thread ends the process */
} ens_recorder_options;

typedef struct ens_recorder {
  ens_sink sink; /* for the sampler; the first member */
  size_t nwalkers;
  uint64_t tune;
  ens_recorder_hooks hooks;
  const atomic_bool *halted;
  ens_sink *chain;          /* takes recorded steps; borrowed */
  ens_memory_chain *memory; /* NULL: the chain is stored */
  uint64_t thin_by;
  uint64_t kept_at;    /* the sampler's step that was kept last, or after which thinning begins */
  uint64_t kept;       /* kept steps, including hidden ones */
  uint64_t hidden;     /* kept steps that the chain lacks: forgotten by a reset, or not recorded */
  uint64_t recorded;   /* steps of the chain when recording was switched off; UINT64_MAX: it is on */
  uint64_t *naccepted; /* [nwalkers] accepted flags of the chain, summed */
  ens_moves moves;
  ens_convergence convergence;
  bool heeds; /* sampling ends when all rules hold */
} ens_recorder;

/* On failure ens_recorder_free still has to be called. */
ens_status ens_recorder_create(ens_recorder *recorder, const ens_recorder_options *options, ens_error *error);
void ens_recorder_free(ens_recorder *recorder);

/* Continues after `kept` steps of a stored chain; naccepted[nwalkers] are its counts, or NULL: they stay. */
void ens_recorder_restore(ens_recorder *recorder, uint64_t kept, const uint64_t *naccepted);
void ens_recorder_reset(ens_recorder *recorder);           /* forgets the chain in memory and its counts */
void ens_recorder_record(ens_recorder *recorder, bool on); /* on: forgets the steps that were not recorded */
bool ens_recorder_is_on(const ens_recorder *recorder);     /* steps are recorded */
uint64_t ens_recorder_steps(const ens_recorder *recorder); /* kept steps as the user counts them */
/* The sampler's step at which the user counts `kept` steps. */
uint64_t ens_recorder_sampler_step(const ens_recorder *recorder, uint64_t kept);
bool ens_recorder_has_ended(const ens_recorder *recorder);   /* it heeds the rules, and all have held */
bool ens_recorder_falls_short(const ens_recorder *recorder); /* it heeds the rules, and they have not held */

double ens_recorder_acceptance(const ens_recorder *recorder); /* fraction; NaN: no steps */
ens_summary_acceptance ens_recorder_judge(const ens_recorder *recorder, uint64_t steps);
/* Counts the accepted flags of a chain into `naccepted`. */
ens_status ens_recorder_count_chain(ens_recorder *recorder, ens_chain *chain, ens_error *error);

#endif
