/* Waits for the greeting of each rank, hands letters to the handlers of their kind, and waits for the farewells at
 * the end. */
#include "eval/ranks/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/clock.h"

static const double bye_limit = 30; /* seconds that ranks may take to end */
static const double absence = 2;    /* seconds without a look for letters after which silences are not counted */

/* ---- introductions ---- */

static void take_hello(ens_ranks *ranks, ens_letter *letter, const char *program, ens_error *error) {
  ens_rank *rank = &ranks->rank[letter->from];
  char *other = ens_letter_take_hello(&letter->body, rank);
  if (!other || strcmp(other, program) != 0) {
    *rank = (ens_rank){0}; /* another version may describe itself differently */
    ens_error_set(error, ENS_CONFIG, "rank %d runs another program (%s) than rank 0 (%s)", letter->from,
                  other ? other : "unknown", program);
  }
  rank->here = true;
  rank->heard = ens_clock_now();
  free(other);
}

static int first_missing(const ens_ranks *ranks) {
  for (int r = 0; r < ranks->size; r++)
    if (!ranks->rank[r].here) return r;
  return -1;
}

static void hand_out(ens_ranks *ranks, ens_letter *letter);

static ens_status wait_for_hello(ens_ranks *ranks, const char *program, ens_error *error) {
  double limit = ens_link_patience(ranks->link), until = ens_clock_now() + limit;
  while (first_missing(ranks) >= 0) {
    ens_letter letter;
    if (ens_link_next(ranks->link, &letter)) {
      if (letter.kind == ENS_LETTER_HELLO)
        take_hello(ranks, &letter, program, error);
      else
        hand_out(ranks, &letter); /* a rank may report a signal while others still start */
    } else if (ens_clock_now() > until) {
      return ens_error_set(error, ENS_IO, "rank %d of %d has not introduced itself within %.0f s", first_missing(ranks),
                           ranks->size, limit);
    } else {
      ens_clock_sleep(ens_link_pause(ranks->link, 1e-3));
    }
  }
  return error->status;
}

ens_status ens_ranks_create(ens_link *link, unsigned cpus, const char *program, const ens_ranks_hooks *hooks,
                            ens_ranks **out, ens_error *error) {
  ens_ranks *ranks = calloc(1, sizeof *ranks);
  size_t size = (size_t)ens_link_size(link);
  if (ranks) ranks->rank = calloc(size, sizeof *ranks->rank);
  if (!ranks || !ranks->rank) {
    free(ranks);
    return ens_error_memory(error);
  }
  ranks->link = link;
  ranks->size = (int)size;
  ranks->hooks = *hooks;
  ens_rank_describe(&ranks->rank[0], ens_link_node(link), cpus);
  *out = ranks;
  return wait_for_hello(ranks, program, error);
}

/* A rank may hang for ever, in a model's setup or in a thread that does not end. */
static void give_up(ens_ranks *ranks, int status) {
  int r = first_missing(ranks);
  fprintf(stderr, "ensemble-lua: rank %d (host %s) has not ended within %.0f s: this rank ends the job\n", r,
          *ranks->rank[r].host ? ranks->rank[r].host : "unknown", bye_limit);
  ens_link_abort(ranks->link, status ? status : 1);
}

/* Leaving MPI polls until the last rank leaves, which takes a core. So wait for all ranks here first, with sleeps. */
static void wait_for_bye(ens_ranks *ranks, int status) {
  double until = ens_clock_now() + bye_limit;
  for (int r = 1; r < ranks->size; r++) ranks->rank[r].here = false;
  while (first_missing(ranks) >= 0) {
    ens_letter letter;
    if (ens_link_next(ranks->link, &letter)) {
      hand_out(ranks, &letter);
      if (letter.kind == ENS_LETTER_BYE) ranks->rank[letter.from].here = true;
    } else if (ens_clock_now() > until) {
      give_up(ranks, status);
    } else {
      ens_clock_sleep(ens_link_pause(ranks->link, 1e-3));
    }
  }
}

void ens_ranks_destroy(ens_ranks *ranks, int status) {
  if (!ranks) return;
  ens_letter_put_number(&ranks->paper, status);
  for (int r = 1; r < ranks->size; r++) ens_link_post(ranks->link, r, ENS_LETTER_QUIT, 0, &ranks->paper);
  wait_for_bye(ranks, status);
  ens_link_close(ranks->link);
  ens_bundle_free(&ranks->paper);
  free(ranks->rank);
  free(ranks);
}

/* ---- letters ---- */

static void take_signal(void *receiver, ens_letter *letter) {
  ens_ranks *ranks = receiver;
  ranks->hooks.signalled((int)ens_letter_take_number(&letter->body));
}

/* Answers even if the job is over: the worker that asks waits for the answer. */
static void take_ask(void *receiver, ens_letter *letter) {
  ens_ranks *ranks = receiver;
  ens_letter_text answer = {0};
  char *path = ens_letter_take_ask(&letter->body, &answer.question);
  answer.status = path ? ranks->hooks.read_text(path, &answer.text, &answer.size, &answer.number, NULL) : ENS_MEMORY;
  ens_letter_put_text(&ranks->paper, &answer);
  ens_link_post(ranks->link, letter->from, ENS_LETTER_TEXT, 0, &ranks->paper);
  free(answer.text);
  free(path);
}

static void hand_out(ens_ranks *ranks, ens_letter *letter) {
  static ens_letter_handler *const handlers[ENS_LETTER_KINDS] = {
      [ENS_LETTER_SIGNAL] = take_signal, [ENS_LETTER_ASK] = take_ask};
  ranks->rank[letter->from].heard = ranks->turned;
  if (ens_letter_dispatch(handlers, ranks, letter)) return;
  ens_ranks_member *member = ranks->first;
  while (member && member->job != letter->job) member = member->next;
  if (member) ens_letter_dispatch(member->handlers, member, letter);
}

void ens_ranks_turn(ens_ranks *ranks) {
  ens_letter letter;
  double now = ens_clock_now();
  if (now - ranks->turned > absence)
    for (int r = 0; r < ranks->size; r++) ranks->rank[r].heard = now;
  ranks->turned = now;
  while (ens_link_next(ranks->link, &letter)) hand_out(ranks, &letter);
}

void ens_ranks_enter(ens_ranks *ranks, ens_ranks_member *member) {
  member->job = 1 + ranks->njobs++ % (ENS_LINK_JOBS - 1);
  member->next = ranks->first;
  ranks->first = member;
}

void ens_ranks_leave(ens_ranks *ranks, ens_ranks_member *member) {
  ens_ranks_member **at = &ranks->first;
  while (*at && *at != member) at = &(*at)->next;
  if (*at) *at = member->next;
}

double ens_ranks_silence(const ens_ranks *ranks, int rank) {
  return ranks->turned - ranks->rank[rank].heard;
}

unsigned ens_ranks_workers(const ens_ranks *ranks, int rank) {
  const ens_rank *own = &ranks->rank[rank];
  unsigned sharers = 0;
  for (int r = 0; r < ranks->size; r++) sharers += ranks->rank[r].node == own->node && ranks->rank[r].mask == own->mask;
  unsigned workers = own->cpus / (sharers ? sharers : 1);
  return workers ? workers : 1;
}

unsigned ens_ranks_cpus_used(const ens_ranks *ranks, int rank) {
  unsigned used = 0;
  for (int r = 0; r < ranks->size; r++) {
    const ens_rank *one = &ranks->rank[r];
    bool counted = one->node != ranks->rank[rank].node;
    for (int k = 0; !counted && k < r; k++)
      counted = ranks->rank[k].node == one->node && ranks->rank[k].mask == one->mask;
    if (!counted) used += one->affinity;
  }
  return used;
}
