/* The order of updates: which may run now. This is the dependency graph of the ensemble, known ahead because each
 * update's stream names the walkers that it reads. It knows walkers, versions and partners, but no positions,
 * evaluators or times.
 *
 * Each walker has one pending update at a time, the one after its version. An update is parked (beyond the window),
 * waiting (for one partner that is behind), ready, or running. Waiting for one partner at a time is enough: when it
 * arrives, the schedule looks for the next missing one. Memory is O(walkers x partners) for any window. */
#ifndef ENS_CORE_SCHEDULE_H
#define ENS_CORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENS_NO_WALKER UINT32_MAX

typedef struct ens_schedule {
  size_t nwalkers, nsets, nslots, max_partners;
  uint64_t *version; /* [walker] its last finished version */
  uint32_t *partner; /* [walker][max_partners] walkers that the pending update reads */
  uint8_t *fresh; /* [walker][max_partners] 1: reads the partner's version after this step, 0: after the step before */
  uint32_t *npartners; /* [walker] */
  uint32_t *cursor;    /* [walker] number of partners known to have arrived */
  uint32_t *next;      /* [walker] link of the list that the walker is in */
  uint32_t *waiter;    /* [walker] head of the list of walkers that wait for it */
  uint32_t *head;      /* [slot][set] ready updates, first in first out */
  uint32_t *tail;      /* [slot][set] */
  uint64_t lowest;     /* no ready update has an earlier step */
  size_t nready;
  uint32_t parked; /* head of the parked list */
} ens_schedule;

/* nslots: a power of two, greater than the number of steps from the oldest to the newest pending update. False: no
 * memory (free it all the same). */
bool ens_schedule_init(ens_schedule *schedule, size_t nwalkers, size_t nsets, size_t nslots, size_t max_partners);
void ens_schedule_free(ens_schedule *schedule);
/* Sets every walker to `version`, with no pending update. */
void ens_schedule_reset(ens_schedule *schedule, uint64_t version);

/* Makes the update of `walker` after its version pending; the caller has set its partners. set_of[walker] are the sets
 * of that step. The update is ready at once if all partners have arrived. */
void ens_schedule_offer(ens_schedule *schedule, uint32_t walker, const uint32_t *set_of);
void ens_schedule_park(ens_schedule *schedule, uint32_t walker);
/* Removes the parked walkers and returns them as a list linked by `next`, with ENS_NO_WALKER at its end. */
uint32_t ens_schedule_unpark(ens_schedule *schedule);

/* Takes the ready update of the earliest step and set, up to step `limit`. False: there is none. */
bool ens_schedule_pop(ens_schedule *schedule, uint64_t limit, uint32_t *walker);
/* Makes the running update of `walker` ready again, for another evaluation. */
void ens_schedule_again(ens_schedule *schedule, uint32_t walker, const uint32_t *set_of);
/* Finishes the running update of `walker`: its version increases by 1. Returns the walkers that waited for it, a list
 * linked by `next`; the caller offers each of them again. */
uint32_t ens_schedule_finish(ens_schedule *schedule, uint32_t walker);

#endif
