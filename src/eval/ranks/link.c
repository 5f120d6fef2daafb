/* Loads the plugin for the launcher's MPI, joins and leaves with a time limit, and hands letters to the plugin's
 * table of functions. */
#include "eval/ranks/link.h"

#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/ranks/wire.h"
#include "sys/clock.h"

/* A look for letters costs one or two microseconds; a sleep with its wake-up costs five. With short blocks, the link
 * first looks without sleeping, for as long as an answer takes. After that, and with longer blocks, it sleeps longer
 * and longer. */
static const double eager_seconds = 10e-6, eager_rest = 100e-6, first_pause = 5e-6, least_rest = 20e-6,
                    most_rest = 2e-3, going_rest = 50e-6;

static const unsigned leave_seconds = 60, abort_seconds = 5; /* limits for MPI */

typedef struct envelope {
  struct envelope *next;
  void *pending;
  char bytes[];
} envelope;

/* A letter that is arriving. */
typedef struct incoming {
  struct incoming *next;
  void *pending;
  int from, tag;
  size_t size, capacity;
  char bytes[];
} incoming;
enum { MOST_INCOMING = 64 };

struct ens_link {
  const ens_wire *wire;
  int rank, size, node, broken;
  envelope *unsent;
  incoming *arriving; /* in the order in which they began to arrive */
  size_t narriving;
  incoming *letter; /* the last letter that was handed out; its memory serves again */
  double posted, heard, pause, patience;
  char late[240]; /* the message if joining takes too long */
  ens_link_count sent[ENS_LETTER_KINDS], received[ENS_LETTER_KINDS];
};

/* ---- limits to the waits of MPI itself ---- */

static const char *volatile late_word;

static void on_late(int number) {
  (void)number;
  const char *word = late_word;
  if (write(STDERR_FILENO, word, strlen(word)) < 0) _exit(1);
  _exit(1);
}

/* Prints `word` and ends the process after so many seconds, unless limit(0) comes first. */
static void limit(unsigned seconds, const char *word) {
  struct sigaction action = {.sa_handler = seconds ? on_late : SIG_DFL};
  sigemptyset(&action.sa_mask);
  late_word = word;
  alarm(0);
  sigaction(SIGALRM, &action, NULL);
  alarm(seconds);
}

/* ---- opening ---- */

static const ens_wire *load(const char *path, ens_error *error) {
  if (access(path, R_OK) != 0) return NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL); /* global: MPI's own plugins need its symbols */
  if (!library) {
    ens_error_set(error, ENS_CONFIG, "%s cannot be loaded: %s", path, dlerror());
    return NULL;
  }
  const ens_wire *wire = dlsym(library, ENS_WIRE_SYMBOL);
  if (wire && wire->version == ENS_WIRE_VERSION) return wire;
  ens_error_set(error, ENS_CONFIG, "%s belongs to another version of the program: build or install both together",
                path);
  return NULL;
}

static const ens_wire *find(const ens_launcher *launcher, const char *const *folders, ens_error *error) {
  char path[PATH_MAX];
  for (int i = 0; i < 2; i++)
    for (int k = 0; folders[k]; k++) {
      snprintf(path, sizeof path, "%s/ensemble-mpi-%s.so", folders[k], launcher->mpi[i]);
      const ens_wire *wire = load(path, error);
      if (wire) return wire;
    }
  if (!error->status)
    ens_error_set(
        error, ENS_CONFIG,
        "there is no ensemble-mpi-%s.so beside the program or in its lib/ensemble-lua: 'make' builds it if mpicc is "
        "installed (scripts/install-deps optional)",
        launcher->mpi[0]);
  return NULL;
}

static const char *join(ens_link *link, const ens_launcher *launcher) {
  snprintf(link->late, sizeof link->late,
           "ensemble-lua: rank %d of %d has waited %u s for the other ranks (ENSEMBLE_JOIN_TIMEOUT): check that each "
           "of them can start the program and reach this host; the job ends\n",
           launcher->rank, launcher->size, launcher->patience);
  limit(launcher->patience, link->late);
  const char *why = link->wire->open(&link->rank, &link->size, &link->node);
  limit(0, NULL);
  link->patience = launcher->patience;
  return why;
}

static void leave(ens_link *link) {
  limit(leave_seconds, "ensemble-lua: MPI has not left the job within 60 s: the process ends\n");
  link->wire->close();
  limit(0, NULL);
}

ens_status ens_link_open(const ens_launcher *launcher, const char *const *folders, ens_link **out, ens_error *error) {
  ens_link *link = calloc(1, sizeof *link);
  if (!link) return ens_error_memory(error);
  ens_status status = ENS_OK;
  link->wire = find(launcher, folders, error);
  const char *why = link->wire ? join(link, launcher) : NULL;
  if (!link->wire) status = error->status;
  if (why) status = ens_error_set(error, ENS_CONFIG, "%s", why);
  if (!status && launcher->size > 1 && link->size != launcher->size) {
    status = ens_error_set(
        error, ENS_CONFIG,
        "the plugin's MPI sees %d process%s, but %s started %d: use the launcher of the MPI that the program "
        "was built with",
        link->size, link->size == 1 ? "" : "es", launcher->name, launcher->size);
    leave(link);
  }
  if (status) {
    free(link);
    return status;
  }
  link->heard = ens_clock_now();
  *out = link;
  return ENS_OK;
}

void ens_link_close(ens_link *link) {
  if (!link) return;
  double until = ens_clock_now() + leave_seconds;
  while (ens_link_pending(link) && ens_clock_now() < until) ens_clock_sleep(1e-4);
  leave(link);
  free(link->letter);
  free(link);
}

void ens_link_abort(ens_link *link, int status) {
  limit(abort_seconds, "ensemble-lua: MPI does not end the job: the process ends\n");
  link->wire->abort(status);
  _exit(status);
}

int ens_link_rank(const ens_link *link) {
  return link->rank;
}
int ens_link_size(const ens_link *link) {
  return link->size;
}
int ens_link_node(const ens_link *link) {
  return link->node;
}
double ens_link_patience(const ens_link *link) {
  return link->patience;
}
int ens_link_broken(const ens_link *link) {
  return link->broken;
}
double ens_link_posted(const ens_link *link) {
  return link->posted;
}

/* ---- letters ---- */

static void __attribute__((noreturn)) fail(ens_link *link, const char *what) {
  fprintf(stderr, "ensemble-lua: rank %d: %s: the job ends\n", link->rank, what);
  ens_link_abort(link, 1);
}

static void count(ens_link_count *count_of, size_t size) {
  count_of->letters++;
  count_of->bytes += size;
}

ens_link_count ens_link_sent(const ens_link *link, ens_letter_kind kind) {
  return link->sent[kind];
}
ens_link_count ens_link_received(const ens_link *link, ens_letter_kind kind) {
  return link->received[kind];
}

void ens_link_post(ens_link *link, int to, ens_letter_kind kind, unsigned job, const ens_bundle *paper) {
  size_t size = paper ? paper->size : 0;
  envelope *letter = paper && paper->failed ? NULL : malloc(sizeof *letter + size);
  if (!letter) fail(link, "not enough memory for a message");
  if (size) memcpy(letter->bytes, paper->bytes, size);
  int tag = (int)(job * ENS_LETTER_KINDS) + (int)kind;
  if (!link->wire->send(to, tag, letter->bytes, size, &letter->pending)) {
    if (link->rank) fail(link, "MPI cannot send a message");
    link->broken = to;
    free(letter);
    return;
  }
  link->posted = ens_clock_now();
  count(&link->sent[kind], size);
  if (!letter->pending) {
    free(letter);
    return;
  }
  letter->next = link->unsent;
  link->unsent = letter;
}

size_t ens_link_pending(ens_link *link) {
  size_t left = 0;
  for (envelope **at = &link->unsent, *letter; (letter = *at);) {
    if (link->wire->done(letter->pending)) {
      *at = letter->next;
      free(letter);
    } else {
      at = &letter->next;
      left++;
    }
  }
  return left;
}

/* Uses the memory of the last letter again if it is large enough. */
static incoming *make_incoming(ens_link *link, size_t size) {
  incoming *in = link->letter;
  link->letter = NULL;
  if (in && in->capacity >= size) return in;
  free(in);
  in = malloc(sizeof *in + 2 * size);
  if (!in) fail(link, "not enough memory for a message");
  in->capacity = 2 * size;
  return in;
}

/* False: no further letter has begun to arrive, or MOST_INCOMING are arriving already. */
static bool begin_receive(ens_link *link) {
  int from, tag;
  size_t size;
  if (link->narriving == MOST_INCOMING || !link->wire->probe(&from, &tag, &size)) return false;
  incoming *in = make_incoming(link, size), **last = &link->arriving;
  in->next = NULL;
  in->from = from;
  in->tag = tag;
  in->size = size;
  if (!link->wire->receive(in->bytes, size, &in->pending)) fail(link, "MPI cannot receive a message");
  while (*last) last = &(*last)->next;
  *last = in;
  link->narriving++;
  return true;
}

static bool is_behind_another(const ens_link *link, const incoming *in) {
  for (const incoming *before = link->arriving; before != in; before = before->next)
    if (before->from == in->from) return true;
  return false;
}

/* Takes letters of one rank in their order; a long letter does not hold up those of other ranks. NULL: none has
 * arrived. */
static incoming *take_arrived(ens_link *link) {
  for (incoming **at = &link->arriving, *in; (in = *at); at = &in->next) {
    if (in->pending && link->wire->done(in->pending)) in->pending = NULL;
    if (in->pending || is_behind_another(link, in)) continue;
    *at = in->next;
    link->narriving--;
    return in;
  }
  return NULL;
}

bool ens_link_next(ens_link *link, ens_letter *out) {
  if (link->unsent) ens_link_pending(link);
  incoming *letter = take_arrived(link);
  while (!letter && begin_receive(link)) letter = take_arrived(link);
  if (!letter) return false;
  free(link->letter);
  link->letter = letter;
  *out = (ens_letter){.from = letter->from,
                      .kind = (ens_letter_kind)(letter->tag % ENS_LETTER_KINDS),
                      .job = (unsigned)(letter->tag / ENS_LETTER_KINDS),
                      .body = {.bytes = letter->bytes, .size = letter->size}};
  count(&link->received[out->kind], out->body.size);
  link->heard = ens_clock_now();
  link->pause = 0;
  return true;
}

double ens_link_pause(ens_link *link, double most) {
  if (link->arriving && most > going_rest) most = going_rest; /* MPI receives only while we look */
  bool eager = most < eager_rest;
  if (link->pause == 0) {
    if (eager && ens_clock_now() - link->heard < eager_seconds) return 0;
    link->pause = eager ? first_pause : most / 8;
  } else {
    link->pause *= 2;
  }
  if (link->pause > most) link->pause = most;
  return link->pause;
}

double ens_link_rest(double block_seconds) {
  double rest = block_seconds / 4;
  return rest < least_rest ? least_rest : rest > most_rest ? most_rest : rest;
}
