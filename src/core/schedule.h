/* Which updates may run: the dependency graph of the ensemble, known ahead because each update's stream names the
 * walkers that it reads. Knows walkers, versions and partners; nothing of positions, evaluators or time.
 *
 * Each walker has one pending update at a time, the one after its version. An update is parked (beyond the window),
 * waiting (on one walker that is not there yet), ready, or running. Waiting on one walker at a time suffices: when it
 * arrives, the next missing one is looked for. Memory is O(walkers x partners) whatever the window. */
#ifndef ENS_CORE_SCHEDULE_H
#define ENS_CORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENS_NO_WALKER UINT32_MAX

typedef struct ens_schedule {
  size_t nwalkers, nsets, nslots, max_partners;
  uint64_t *version;   /* [walker] last finished version */
  uint32_t *partner;   /* [walker][max_partners] read by the pending update */
  uint8_t *fresh;      /* [walker][max_partners] 1: partner is read at the update's own step, 0: at the one before */
  uint32_t *npartners; /* [walker] */
  uint32_t *cursor;    /* [walker] partners known to be there */
  uint32_t *next;      /* [walker] link in whatever list the walker is in */
  uint32_t *waiter;    /* [walker] head of the list of those that wait on it */
  uint32_t *head;      /* [slot][set] ready updates, first in first out */
  uint32_t *tail;      /* [slot][set] */
  uint64_t lowest;     /* no ready update is of an earlier step */
  size_t nready;
  uint32_t parked; /* head of the parked list */
} ens_schedule;

/* nslots: a power of two, more than the number of steps between the oldest and the newest pending update. */
bool ens_schedule_init(ens_schedule *schedule, size_t nwalkers, size_t nsets, size_t nslots, size_t max_partners);
void ens_schedule_free(ens_schedule *schedule);
/* Every walker at `version`, nothing pending. */
void ens_schedule_reset(ens_schedule *schedule, uint64_t version);

/* The update of `walker` after its version becomes pending: its partners are set by the caller before. `set` is the
 * walker's set at that step. It becomes ready at once if all partners are there. */
void ens_schedule_offer(ens_schedule *schedule, uint32_t walker, const uint32_t *set_of);
void ens_schedule_park(ens_schedule *schedule, uint32_t walker);
/* Takes the parked walkers off: a list linked by `next`, ENS_NO_WALKER at its end. */
uint32_t ens_schedule_unpark(ens_schedule *schedule);

/* Takes the ready update of the oldest step, earliest set, up to step `limit`; false: none. */
bool ens_schedule_pop(ens_schedule *schedule, uint64_t limit, uint32_t *walker);
/* The running update of `walker` is ready again: it wants another evaluation. */
void ens_schedule_again(ens_schedule *schedule, uint32_t walker, const uint32_t *set_of);
/* The running update of `walker` is done: its version counts up. Returns those that waited for it: a list linked by
 * `next`; each is to be offered again. */
uint32_t ens_schedule_finish(ens_schedule *schedule, uint32_t walker);

#endif
