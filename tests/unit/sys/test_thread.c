/* Threads, clocks and the host's name. */
#include <signal.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/host.h"
#include "sys/thread.h"
#include "unit.h"

typedef struct record {
  sigset_t mask;
} record;

static void *look(void *context) {
  record *seen = context;
  pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
  return NULL;
}

TEST(blocks_signals) {
  static const int own[] = {SIGUSR1, SIGSEGV};
  record seen;
  ens_thread thread;
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, NULL, &before);
  CHECK(ens_thread_start(&thread, &(ens_thread_options){"look", (size_t)1 << 20, own, 2}, look, &seen) == 0);
  ens_thread_join(&thread);
  pthread_sigmask(SIG_SETMASK, NULL, &after);
  CHECK(sigismember(&seen.mask, SIGINT) == 1 && sigismember(&seen.mask, SIGTERM) == 1);
  CHECK(sigismember(&seen.mask, SIGUSR1) == 0 && sigismember(&seen.mask, SIGSEGV) == 0);
  CHECK(sigismember(&after, SIGINT) == sigismember(&before, SIGINT));
}

TEST(takes_the_default) {
  record seen;
  ens_thread thread;
  CHECK(ens_thread_start(&thread, &(ens_thread_options){0}, look, &seen) == 0);
  ens_thread_join(&thread);
  CHECK(sigismember(&seen.mask, SIGUSR1) == 1);
}

TEST(counts_seconds) {
  double begun = ens_clock_now();
  struct timespec deadline = ens_clock_deadline(0.02);
  CHECK_NEAR((double)deadline.tv_sec + 1e-9 * (double)deadline.tv_nsec, begun + 0.02, 0.5);
  ens_clock_sleep(0.02);
  CHECK(ens_clock_now() >= begun + 0.02);
  ens_clock_sleep(-1);
  ens_clock_sleep(NAN);
  CHECK(ens_clock_wall() > 1.5e9);
}

TEST(names_the_host) {
  char host[ENS_HOST_NAME_BYTES], start[4];
  ens_host_name(host, sizeof host);
  CHECK(strlen(host) > 0);
  ens_host_name(start, sizeof start);
  CHECK(strlen(start) <= 3);
  CHECK(ens_host_process() == (long)getpid());
}

int main(void) {
  RUN(blocks_signals);
  RUN(takes_the_default);
  RUN(counts_seconds);
  RUN(names_the_host);
  return unit_report();
}
