#include "eval/ranks/ranks.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/clock.h"

static const double bye_limit = 30; /* seconds */
static const double absence = 2;    /* so long without a look means that nobody here listened */

/* ---- introductions ---- */

void ens_rank_host(char host[ENS_HOST_BYTES]) {
  if (gethostname(host, ENS_HOST_BYTES) != 0) strcpy(host, "unknown");
  host[ENS_HOST_BYTES - 1] = '\0';
  for (char *c = host; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
}

/* What the job may have of this host is what remains of all CPUs when nobody binds: batch systems set a limit to it by
 * cgroups. For a moment this thread is bound to all of them. */
static unsigned count_allowed(const cpu_set_t *own) {
  cpu_set_t all;
  memset(&all, 0xff, sizeof all);
  unsigned count = (unsigned)CPU_COUNT(own);
  if (sched_setaffinity(0, sizeof all, &all)) return count;
  if (!sched_getaffinity(0, sizeof all, &all)) count = (unsigned)CPU_COUNT(&all);
  sched_setaffinity(0, sizeof *own, own);
  return count;
}

/* "0-1" or "0,32": the CPUs of a core. */
static unsigned count_of_core(size_t cpu) {
  char path[96];
  unsigned first, last, count = 0;
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
  FILE *file = fopen(path, "r");
  while (file && fscanf(file, "%u", &first) == 1) {
    last = first;
    if (fscanf(file, "-%u", &last) == 1 && last < first) last = first;
    count += last - first + 1;
    if (fgetc(file) != ',') break;
  }
  if (file) fclose(file);
  return count ? count : 1;
}

static void describe_binding(ens_rank *rank, const cpu_set_t *set) {
  size_t first = 0;
  while (first < CPU_SETSIZE && !CPU_ISSET(first, set)) first++;
  rank->affinity = (unsigned)CPU_COUNT(set);
  rank->allowed = count_allowed(set);
  rank->one_core = rank->affinity <= count_of_core(first);
}

void ens_rank_describe(ens_rank *rank, int node, unsigned cpus) {
  cpu_set_t set;
  *rank = (ens_rank){.node = node, .cpus = cpus, .here = true};
  ens_rank_host(rank->host);
  if (sched_getaffinity(0, sizeof set, &set)) return;
  describe_binding(rank, &set);
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

static void hand_out(ens_ranks *ranks, ens_letter *letter);

static ens_status wait_for_hello(ens_ranks *ranks, const char *program, ens_error *error) {
  double limit = ens_link_patience(ranks->link), until = ens_clock_now() + limit;
  while (first_missing(ranks) >= 0) {
    ens_letter letter;
    if (ens_link_next(ranks->link, &letter)) {
      if (letter.kind == ENS_LETTER_HELLO)
        take_hello(ranks, &letter, program, error);
      else
        hand_out(ranks, &letter); /* a signal may come to one before another has introduced itself */
    } else if (ens_clock_now() > until) {
      return ens_error_set(error, ENS_IO, "rank %d of %d has not introduced itself for %.0f s", first_missing(ranks),
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

/* What a rank is at, a model's setup or a thread that does not end, may last for ever. */
static void give_up(ens_ranks *ranks, int status) {
  int r = first_missing(ranks);
  fprintf(stderr, "ensemble-lua: rank %d (host %s) has not ended %.0f s after it was told to: the job is ended\n", r,
          *ranks->rank[r].host ? ranks->rank[r].host : "unknown", bye_limit);
  ens_link_abort(ranks->link, status ? status : 1);
}

/* Leaving waits by polling for whoever comes last, so all are waited for before. */
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
  uint64_t body = (uint64_t)status;
  for (int r = 1; r < ranks->size; r++) ens_link_post(ranks->link, r, ENS_LETTER_QUIT, 0, &body, sizeof body);
  wait_for_bye(ranks, status);
  ens_link_close(ranks->link);
  ens_bundle_free(&ranks->paper);
  free(ranks->rank);
  free(ranks);
}

/* ---- letters ---- */

static void take_signal(ens_ranks *ranks, ens_letter *letter) {
  ranks->hooks.signalled((int)ens_bundle_take_count(&letter->body));
}

/* Whatever job asks, and also when it is over: the worker that asks waits for the answer. */
static void answer_text(ens_ranks *ranks, ens_letter *letter) {
  uint64_t question = ens_bundle_take_count(&letter->body);
  char *path = ens_bundle_take_text(&letter->body), *text = NULL;
  size_t size = 0;
  int number = 0;
  ens_status status = path ? ranks->hooks.read_text(path, &text, &size, &number, NULL) : ENS_MEMORY;
  ens_bundle *paper = &ranks->paper;
  ens_bundle_clear(paper);
  ens_bundle_put_count(paper, question);
  ens_bundle_put_count(paper, (uint64_t)(int64_t)status);
  ens_bundle_put_count(paper, (uint64_t)number);
  ens_bundle_put_count(paper, text ? size : UINT64_MAX);
  if (text) ens_bundle_put(paper, text, size);
  if (paper->failed) ens_link_abort(ranks->link, 1);
  ens_link_post(ranks->link, letter->from, ENS_LETTER_TEXT, 0, paper->bytes, paper->size);
  free(text);
  free(path);
}

static void hand_out(ens_ranks *ranks, ens_letter *letter) {
  static void (*const takes[ENS_NLETTERS])(ens_ranks *, ens_letter *) = {
      [ENS_LETTER_SIGNAL] = take_signal, [ENS_LETTER_ASK] = answer_text};
  ranks->rank[letter->from].heard = ranks->turned;
  if (takes[letter->kind]) {
    takes[letter->kind](ranks, letter);
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
