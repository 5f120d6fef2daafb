/* Ready updates are in lists by step and set, first in, first out. An update that waits is in the list of the partner
 * for which it waits. */
#include "core/schedule.h"

#include <stdlib.h>
#include <string.h>

bool ens_schedule_init(ens_schedule *schedule, size_t nwalkers, size_t nsets, size_t nslots, size_t max_partners) {
  *schedule = (ens_schedule){.nwalkers = nwalkers, .nsets = nsets, .nslots = nslots, .max_partners = max_partners};
  size_t links = nwalkers * max_partners + 1, buckets = nslots * nsets;
  schedule->version = calloc(nwalkers, sizeof *schedule->version);
  schedule->partner = calloc(links, sizeof *schedule->partner);
  schedule->fresh = calloc(links, sizeof *schedule->fresh);
  schedule->npartners = calloc(nwalkers, sizeof *schedule->npartners);
  schedule->cursor = calloc(nwalkers, sizeof *schedule->cursor);
  schedule->next = calloc(nwalkers, sizeof *schedule->next);
  schedule->waiter = calloc(nwalkers, sizeof *schedule->waiter);
  schedule->head = calloc(buckets, sizeof *schedule->head);
  schedule->tail = calloc(buckets, sizeof *schedule->tail);
  if (!schedule->version || !schedule->partner || !schedule->fresh || !schedule->npartners || !schedule->cursor ||
      !schedule->next || !schedule->waiter || !schedule->head || !schedule->tail)
    return false;
  ens_schedule_reset(schedule, 0);
  return true;
}

void ens_schedule_free(ens_schedule *schedule) {
  free(schedule->version);
  free(schedule->partner);
  free(schedule->fresh);
  free(schedule->npartners);
  free(schedule->cursor);
  free(schedule->next);
  free(schedule->waiter);
  free(schedule->head);
  free(schedule->tail);
  *schedule = (ens_schedule){0};
}

void ens_schedule_reset(ens_schedule *schedule, uint64_t version) {
  for (size_t k = 0; k < schedule->nwalkers; k++) schedule->version[k] = version;
  /* ENS_NO_WALKER is all ones. */
  memset(schedule->waiter, 0xff, schedule->nwalkers * sizeof *schedule->waiter);
  memset(schedule->head, 0xff, schedule->nslots * schedule->nsets * sizeof *schedule->head);
  memset(schedule->cursor, 0, schedule->nwalkers * sizeof *schedule->cursor);
  schedule->parked = ENS_NO_WALKER;
  schedule->lowest = version + 1;
  schedule->nready = 0;
}

static size_t bucket(const ens_schedule *schedule, uint64_t step, size_t set) {
  return (size_t)(step & (schedule->nslots - 1)) * schedule->nsets + set;
}

static void push_ready(ens_schedule *schedule, uint32_t walker, uint64_t step, size_t set) {
  size_t b = bucket(schedule, step, set);
  schedule->next[walker] = ENS_NO_WALKER;
  if (schedule->head[b] == ENS_NO_WALKER)
    schedule->head[b] = walker;
  else
    schedule->next[schedule->tail[b]] = walker;
  schedule->tail[b] = walker;
  schedule->nready++;
  if (step < schedule->lowest) schedule->lowest = step;
}

void ens_schedule_offer(ens_schedule *schedule, uint32_t walker, const uint32_t *set_of) {
  uint64_t step = schedule->version[walker] + 1;
  const uint32_t *partner = schedule->partner + walker * schedule->max_partners;
  const uint8_t *fresh = schedule->fresh + walker * schedule->max_partners;
  for (uint32_t *i = &schedule->cursor[walker]; *i < schedule->npartners[walker]; ++*i) {
    uint32_t other = partner[*i];
    if (schedule->version[other] + !fresh[*i] >= step) continue;
    schedule->next[walker] = schedule->waiter[other];
    schedule->waiter[other] = walker;
    return;
  }
  push_ready(schedule, walker, step, set_of[walker]);
}

void ens_schedule_park(ens_schedule *schedule, uint32_t walker) {
  schedule->next[walker] = schedule->parked;
  schedule->parked = walker;
}

uint32_t ens_schedule_unpark(ens_schedule *schedule) {
  uint32_t list = schedule->parked;
  schedule->parked = ENS_NO_WALKER;
  return list;
}

bool ens_schedule_pop(ens_schedule *schedule, uint64_t limit, uint32_t *walker) {
  if (schedule->nready == 0) return false;
  for (;; schedule->lowest++) {
    if (schedule->lowest > limit) return false;
    for (size_t set = 0; set < schedule->nsets; set++) {
      size_t b = bucket(schedule, schedule->lowest, set);
      if (schedule->head[b] == ENS_NO_WALKER) continue;
      *walker = schedule->head[b];
      schedule->head[b] = schedule->next[*walker];
      schedule->nready--;
      return true;
    }
  }
}

void ens_schedule_again(ens_schedule *schedule, uint32_t walker, const uint32_t *set_of) {
  push_ready(schedule, walker, schedule->version[walker] + 1, set_of[walker]);
}

uint32_t ens_schedule_finish(ens_schedule *schedule, uint32_t walker) {
  uint32_t list = schedule->waiter[walker];
  schedule->waiter[walker] = ENS_NO_WALKER;
  schedule->version[walker]++;
  schedule->cursor[walker] = 0;
  return list;
}
