#include "eval/ranks.h"

#include <ctype.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/clock.h"

static const double hello_limit = 60, bye_limit = 60; /* seconds */
static const double absence = 2;                      /* so long without a look means that nobody here listened */

/* ---- introductions ---- */

static void describe_host(char *host) {
  if (gethostname(host, ENS_HOST_BYTES) != 0) strcpy(host, "unknown");
  host[ENS_HOST_BYTES - 1] = '\0';
  for (char *c = host; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
}

void ens_rank_describe(ens_rank *rank, int node, unsigned cpus) {
  cpu_set_t set;
  *rank = (ens_rank){.node = node, .cpus = cpus, .online = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), .here = true};
  describe_host(rank->host);
  if (sched_getaffinity(0, sizeof set, &set)) return;
  rank->affinity = (unsigned)CPU_COUNT(&set);
  for (size_t i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &set)) rank->mask = (rank->mask ^ (i + 1)) * 0x100000001b3u;
}

void ens_rank_pack(const ens_rank *rank, const char *program, ens_bundle *out) {
  ens_bundle_put_text(out, program);
  ens_bundle_put(out, rank, sizeof *rank);
}

static void take_hello(ens_ranks *ranks, ens_letter *letter, const char *program, ens_error *error) {
  ens_rank *rank = &ranks->rank[letter->from];
  char *other = ens_bundle_take_text(&letter->body);
  if (!other || strcmp(other, program) != 0) {
    ens_error_set(error, ENS_CONFIG, "rank %d runs another program (%s) than rank 0 (%s)", letter->from,
                  other ? other : "unknown", program);
  } else {
    ens_bundle_take(&letter->body, rank, sizeof *rank);
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

static ens_status wait_for_hello(ens_ranks *ranks, const char *program, ens_error *error) {
  double until = ens_clock_now() + hello_limit;
  while (first_missing(ranks) >= 0) {
    ens_letter letter;
    if (ens_link_next(ranks->link, &letter))
      take_hello(ranks, &letter, program, error);
    else if (ens_clock_now() > until)
      return ens_error_set(error, ENS_IO, "rank %d of %d has not introduced itself for %.0f s", first_missing(ranks),
                           ranks->size, hello_limit);
    else
      ens_clock_sleep(ens_link_pause(ranks->link, 1e-3));
  }
  return error->status;
}

ens_status ens_ranks_create(ens_link *link, unsigned cpus, const char *program, void (*signalled)(int number),
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
  ranks->signalled = signalled;
  ens_rank_describe(&ranks->rank[0], ens_link_node(link), cpus);
  *out = ranks;
  return wait_for_hello(ranks, program, error);
}

/* Leaving waits by polling for whoever comes last, so all are waited for before. */
static void wait_for_bye(ens_ranks *ranks) {
  double until = ens_clock_now() + bye_limit;
  for (int left = ranks->size - 1; left > 0;) {
    ens_letter letter;
    if (ens_link_next(ranks->link, &letter))
      left -= letter.kind == ENS_LETTER_BYE;
    else if (ens_clock_now() > until)
      ens_link_abort(ranks->link, 1);
    else
      ens_clock_sleep(ens_link_pause(ranks->link, 1e-3));
  }
}

void ens_ranks_destroy(ens_ranks *ranks, int status) {
  if (!ranks) return;
  uint64_t body = (uint64_t)status;
  for (int r = 1; r < ranks->size; r++) ens_link_post(ranks->link, r, ENS_LETTER_QUIT, 0, &body, sizeof body);
  wait_for_bye(ranks);
  ens_link_close(ranks->link);
  free(ranks->rank);
  free(ranks);
}

/* ---- letters ---- */

static void hand_out(ens_ranks *ranks, ens_letter *letter) {
  ranks->rank[letter->from].heard = ranks->turned;
  if (letter->kind == ENS_LETTER_SIGNAL) {
    ranks->signalled((int)ens_bundle_take_count(&letter->body));
    return;
  }
  for (ens_correspondent *c = ranks->first; c; c = c->next)
    if (c->job == letter->job) {
      c->letter(c, letter);
      return;
    }
}

void ens_ranks_turn(ens_ranks *ranks) {
  ens_letter letter;
  double now = ens_clock_now();
  if (now - ranks->turned > absence)
    for (int r = 0; r < ranks->size; r++) ranks->rank[r].heard = now;
  ranks->turned = now;
  while (ens_link_next(ranks->link, &letter)) hand_out(ranks, &letter);
}

void ens_ranks_enter(ens_ranks *ranks, ens_correspondent *correspondent) {
  correspondent->job = 1 + ranks->njobs++ % (ENS_LINK_JOBS - 1);
  correspondent->next = ranks->first;
  ranks->first = correspondent;
}

void ens_ranks_leave(ens_ranks *ranks, ens_correspondent *correspondent) {
  ens_correspondent **at = &ranks->first;
  while (*at && *at != correspondent) at = &(*at)->next;
  if (*at) *at = correspondent->next;
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
