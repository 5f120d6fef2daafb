/* The MPI plugin REAL, with a fault that the environment variable FAULT names:
 *   join      the last rank never joins
 *   send      after a while, rank 0 cannot send any more
 *   abort     like send, and ending the job never returns
 *   receive   after a while, a message that rank 0 begins to receive never completes
 *   signal    the last rank introduces itself late; before that, another one gets SIGUSR1 */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/ranks/wire.h"

enum { A_WHILE = 300 };
static const ens_wire *real;
static int rank, size, nsent, nreceived;
static char never;

static bool is(const char *fault) {
  const char *text = getenv("FAULT");
  return text && strcmp(text, fault) == 0;
}

static void wait_for_ever(void) {
  for (;;) pause();
}

static const char *join(int *own, int *count, int *node) {
  const char *number = getenv("OMPI_COMM_WORLD_RANK"), *all = getenv("OMPI_COMM_WORLD_SIZE");
  rank = number ? atoi(number) : 0;
  size = all ? atoi(all) : 1;
  if (is("join") && rank == size - 1) wait_for_ever();
  void *library = dlopen(REAL, RTLD_NOW | RTLD_GLOBAL);
  real = library ? dlsym(library, ENS_WIRE_SYMBOL) : NULL;
  if (!real) return dlerror();
  const char *why = real->open(own, count, node);
  if (is("signal") && rank == size - 1) sleep(1);
  return why;
}

static bool begin_send(int to, int tag, const void *bytes, size_t n, void **pending) {
  if (rank == 0 && ++nsent > A_WHILE && (is("send") || is("abort"))) return false;
  bool fine = real->send(to, tag, bytes, n, pending);
  if (is("signal") && rank == 1 && nsent++ == 0) raise(SIGUSR1);
  return fine;
}

static bool probe(int *from, int *tag, size_t *n) {
  return real->probe(from, tag, n);
}

static bool begin_receive(void *bytes, size_t n, void **pending) {
  if (rank || ++nreceived <= A_WHILE || !is("receive")) return real->receive(bytes, n, pending);
  *pending = &never;
  return true;
}

static bool is_done(void *pending) {
  return pending != &never && real->done(pending);
}

static void leave(void) {
  real->close();
}

static void end_all(int status) {
  if (is("abort")) wait_for_ever();
  real->abort(status);
}

extern const ens_wire ens_wire_v1;
const ens_wire ens_wire_v1 = {.version = ENS_WIRE_VERSION,
                              .open = join,
                              .send = begin_send,
                              .probe = probe,
                              .receive = begin_receive,
                              .done = is_done,
                              .close = leave,
                              .abort = end_all};
