#include "eval/link.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/clock.h"
#include "eval/wire.h"

/* A look for letters costs a microsecond or two, a sleep and a wake-up five. Where blocks are short: looks without a
 * sleep between them for as long as an answer that is on its way takes. Else, and then, sleeps that grow. */
static const double eager_seconds = 10e-6, eager_rest = 100e-6, first_pause = 5e-6, least_rest = 20e-6,
                    most_rest = 2e-3;

typedef struct envelope {
  struct envelope *next;
  void *pending;
  char bytes[];
} envelope;

struct ens_link {
  const ens_wire *wire;
  int rank, size, node;
  envelope *unsent;
  char *letter; /* memory of the last one */
  size_t capacity;
  double posted, heard, pause;
};

/* ---- opening ---- */

static const ens_wire *load(const char *path, ens_error *error) {
  if (access(path, R_OK) != 0) return NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL); /* MPI's own plugins look for its symbols there */
  if (!library) {
    ens_error_set(error, ENS_CONFIG, "%s cannot be loaded: %s", path, dlerror());
    return NULL;
  }
  const ens_wire *wire = dlsym(library, ENS_WIRE_SYMBOL);
  if (wire && wire->version == ENS_WIRE_VERSION) return wire;
  ens_error_set(error, ENS_CONFIG, "%s is of another version of the program", path);
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
        "there is no ensemble-mpi-%s.so beside the program or in its lib/ensemble-lua: 'make' builds it where "
        "mpicc is (scripts/install-deps optional)",
        launcher->mpi[0]);
  return NULL;
}

ens_status ens_link_open(const ens_launcher *launcher, const char *const *folders, ens_link **out, ens_error *error) {
  ens_link *link = calloc(1, sizeof *link);
  if (!link) return ens_error_memory(error);
  ens_status status = ENS_OK;
  link->wire = find(launcher, folders, error);
  const char *why = link->wire ? link->wire->open(&link->rank, &link->size, &link->node) : NULL;
  if (!link->wire) status = error->status;
  if (why) status = ens_error_set(error, ENS_CONFIG, "%s", why);
  if (!status && launcher->size > 1 && link->size != launcher->size) {
    status =
        ens_error_set(error, ENS_CONFIG,
                      "the plugin's MPI sees %d process%s where %s started %d: is the launcher that of the MPI which "
                      "the program was built with?",
                      link->size, link->size == 1 ? "" : "es", launcher->name, launcher->size);
    link->wire->close();
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
  while (ens_link_pending(link)) ens_clock_sleep(1e-4);
  link->wire->close();
  free(link->letter);
  free(link);
}

void ens_link_abort(ens_link *link, int status) {
  link->wire->abort(status);
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
double ens_link_posted(const ens_link *link) {
  return link->posted;
}

/* ---- letters ---- */

static void fail(ens_link *link, const char *what) {
  fprintf(stderr, "ensemble-lua: rank %d: %s: the job ends\n", link->rank, what);
  link->wire->abort(1);
  _exit(1);
}

void ens_link_post(ens_link *link, int to, ens_letter_kind kind, unsigned job, const void *bytes, size_t size) {
  envelope *letter = malloc(sizeof *letter + size);
  if (!letter) fail(link, "not enough memory for a message");
  if (size) memcpy(letter->bytes, bytes, size);
  int tag = (int)(job * ENS_NLETTERS) + (int)kind;
  if (!link->wire->send(to, tag, letter->bytes, size, &letter->pending)) fail(link, "MPI cannot send a message");
  link->posted = ens_clock_now();
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
    if (link->wire->sent(letter->pending)) {
      *at = letter->next;
      free(letter);
    } else {
      at = &letter->next;
      left++;
    }
  }
  return left;
}

bool ens_link_next(ens_link *link, ens_letter *out) {
  int tag;
  *out = (ens_letter){0};
  if (link->unsent) ens_link_pending(link);
  if (!link->wire->probe(&out->from, &tag, &out->body.size)) return false;
  if (out->body.size > link->capacity) {
    free(link->letter);
    link->capacity = 2 * out->body.size;
    link->letter = malloc(link->capacity);
    if (!link->letter) fail(link, "not enough memory for a message");
  }
  if (!link->wire->receive(link->letter, out->body.size)) fail(link, "MPI cannot receive a message");
  out->body.bytes = link->letter;
  out->kind = (ens_letter_kind)(tag % ENS_NLETTERS);
  out->job = (unsigned)(tag / ENS_NLETTERS);
  link->heard = ens_clock_now();
  link->pause = 0;
  return true;
}

double ens_link_pause(ens_link *link, double most) {
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
