/* The store and other processes: killed writers, second writers, and programs that hold the file. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "store/info.h"
#include "store/resume.h"
#include "store_fixture.h"

static void sleep_ms(long ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&t, NULL);
}

/* ---- killed writers ---- */

/* In a child: writes until it is killed, and reports the number of steps that the store calls committed. */
static void write_until_killed(const char *path, fixture_shape shape, const char *journal,
                               volatile uint64_t *committed) {
  ens_store_options options = quick_options();
  options.commit_every = 0.001;
  options.journal = journal;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) _exit(1);
  for (uint64_t i = 1;; i++) {
    if (fixture_feed(store, shape, i, i, &error) != ENS_OK) _exit(1);
    if (i % 50 == 0) ens_store_flush(store, &error);
    *committed = ens_store_committed(store);
  }
}

static void resume_and_end(const char *path, fixture_shape shape, uint64_t least) {
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  CHECK(ens_store_resume(path, &options, &store, &record, &checkpoint, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  if (!store) {
    ens_error_clear(&error);
    return;
  }
  CHECK(checkpoint.step >= least);
  CHECK(fixture_feed(store, shape, checkpoint.step + 1, checkpoint.step + 50, &error) == ENS_OK);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  CHECK(check_chain(path, shape, checkpoint.step + 50, 77) == checkpoint.step + 50);
  check_whole(path);
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  ens_error_clear(&error);
}

static void check_kill(const char *journal, long ms) {
  const char *path = at("killed.db");
  fixture_shape shape = {8, 3, 1, 1};
  volatile uint64_t *committed =
      mmap(NULL, sizeof *committed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) write_until_killed(path, shape, journal, committed);
  while (file_size(path) < 0) sleep_ms(1);
  sleep_ms(ms);
  kill(child, SIGKILL);
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFSIGNALED(how));
  uint64_t least = *committed;
  ens_store_info info;
  CHECK(ens_store_info_read(path, &info, NULL) == ENS_OK);
  CHECK(!info.live && info.status == ENS_RUN_RUNNING && info.steps >= least);
  ens_store_info_free(&info);
  CHECK(check_chain(path, shape, least, 100) >= least);
  resume_and_end(path, shape, least);
  remove(path);
  munmap((void *)(uintptr_t)committed, sizeof *committed);
}

TEST(killed_writers) {
  static const long moments[] = {0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144};
  for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
    check_kill("wal", moments[i]);
    check_kill("delete", moments[i]);
  }
}

/* ---- second writers ---- */

static ens_status try_resume(const char *path, ens_error *error) {
  ens_store_options options = quick_options();
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_status status = ens_store_resume(path, &options, &store, &record, &checkpoint, error);
  if (status == ENS_OK) ens_store_close(store, ENS_RUN_STOPPED, 75, NULL);
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  return status;
}

TEST(a_second_writer_gets_an_error) {
  const char *path = at("held.db");
  fixture_shape shape = {4, 2, 0, 0};
  ens_store_options options = quick_options();
  int ready[2], go[2];
  char byte = 0;
  CHECK(pipe(ready) == 0 && pipe(go) == 0);
  pid_t child = fork();
  if (child == 0) {
    ens_store *store = fixture_create(path, shape, &options, NULL);
    fixture_feed(store, shape, 1, 10, NULL);
    ens_store_flush(store, NULL);
    if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(1);
    ens_status status = fixture_feed(store, shape, 11, 20, NULL);
    _exit(status != ENS_OK || ens_store_close(store, ENS_RUN_STOPPED, 75, NULL) != ENS_OK);
  }
  CHECK(read(ready[0], &byte, 1) == 1);
  ens_error error = ENS_ERROR_NONE;
  char host[256], want[512];
  gethostname(host, sizeof host);
  for (int i = 0; i < 3; i++) {
    CHECK(try_resume(path, &error) == ENS_CONFIG);
    snprintf(want, sizeof want, "'%s' is being written by process %ld on host '%s' (last heard of ", path, (long)child,
             host);
    CHECK(!strncmp(ens_error_text(&error), want, strlen(want)));
    CHECK(strstr(ens_error_text(&error), "s ago): wait for it, stop it, or give another output") != NULL);
    ens_error_clear(&error);
  }
  CHECK(fixture_create(path, shape, &options, &error) == NULL && error.status == ENS_CONFIG);
  ens_error_clear(&error);
  CHECK(write(go[1], &byte, 1) == 1);
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
  CHECK(try_resume(path, &error) == ENS_OK);
  CHECK(check_chain(path, shape, 20, 8) == 20);
  check_whole(path);
  remove(path);
  ens_error_clear(&error);
  for (int i = 0; i < 2; i++) close(ready[i]), close(go[i]);
}

/* In one process, the error must come without opening the file again, which would drop the first writer's locks. */
TEST(own_writer_is_seen) {
  const char *path = at("own.db");
  fixture_shape shape = {4, 2, 0, 0};
  ens_store_options options = quick_options();
  options.journal = "delete";
  options.commit_every = 1000;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 5, &error) == ENS_OK);
  CHECK(try_resume(path, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "is being written by this very process") != NULL);
  ens_error_clear(&error);
  CHECK(ens_store_flush(store, &error) == ENS_OK); /* an idle writer holds no lock of malloc, which the child needs */
  pid_t child = fork();
  if (child == 0) _exit(try_resume(path, NULL) != ENS_CONFIG);
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  CHECK(try_resume(path, &error) == ENS_OK);
  CHECK(check_chain(path, shape, 5, 5) == 5);
  ens_error_clear(&error);
  remove(path);
}

TEST(writers_on_other_hosts) {
  const char *path = at("remote.db");
  fixture_shape shape = {4, 2, 0, 0};
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, &error) == ENS_OK);
  const char *fresh =
      "UPDATE session SET host = 'elsewhere', pid = 77, ended = NULL, heartbeat = "
      "(julianday('now') - 2440587.5) * 86400 - ";
  char sql[256];
  snprintf(sql, sizeof sql, "%s%d", fresh, 20);
  CHECK(tell(path, sql) == SQLITE_OK);
  CHECK(try_resume(path, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "by process 77 on host 'elsewhere' (last heard of 2") != NULL);
  CHECK(strstr(ens_error_text(&error), "if it is gone, the file is free in ") != NULL);
  ens_error_clear(&error);
  ens_store_info info;
  CHECK(ens_store_info_read(path, &info, &error) == ENS_OK && info.live);
  ens_store_info_free(&info);
  snprintf(sql, sizeof sql, "%s%d", fresh, 61);
  CHECK(tell(path, sql) == SQLITE_OK);
  CHECK(ens_store_info_read(path, &info, &error) == ENS_OK && !info.live);
  ens_store_info_free(&info);
  CHECK(try_resume(path, &error) == ENS_OK);
  ens_error_clear(&error);
  remove(path);
}

/* A writer that slept while another one took over must not overwrite the steps of the other one. */
TEST(a_writer_that_was_replaced) {
  const char *path = at("replaced.db");
  fixture_shape shape = {4, 2, 0, 0};
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 5, &error) == ENS_OK && ens_store_flush(store, &error) == ENS_OK);
  CHECK(tell(path,
             "INSERT INTO session(run_id, host, pid, workers, ranks, started, heartbeat, first_step, last_step)"
             " VALUES(1, 'elsewhere', 7, 1, 1, 0, 0, 5, 5)") == SQLITE_OK);
  fixture_feed(store, shape, 6, 9, &error);
  ens_error_clear(&error);
  CHECK(ens_store_flush(store, &error) == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "another process has taken this run over") != NULL);
  ens_error_clear(&error);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_IO);
  CHECK(ask(path, "SELECT nstored = 5 AND status = 'running' FROM run") == 1);
  CHECK(ask(path, "SELECT count(*) FROM session WHERE ended IS NOT NULL") == 0);
  ens_error_clear(&error);
  remove(path);
}

/* ---- other programs that hold the file ---- */

typedef struct holder {
  sqlite3 *db;
  long ms;
} holder;

static void hold(holder *self, const char *path, const char *sql) {
  CHECK(sqlite3_open_v2(path, &self->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
  sqlite3_busy_timeout(self->db, 10000);
  CHECK(sqlite3_exec(self->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void *release_later(void *argument) {
  holder *self = argument;
  sleep_ms(self->ms);
  sqlite3_exec(self->db, "COMMIT", NULL, NULL, NULL);
  sqlite3_close(self->db);
  return NULL;
}

/* Steps and a flush while the file is held for a time: they are late, but none is lost. */
static void check_held(const char *journal, const char *sql) {
  const char *path = at("locked.db");
  fixture_shape shape = {4, 2, 1, 0};
  ens_store_options options = quick_options();
  options.journal = journal;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 100, &error) == ENS_OK && ens_store_flush(store, &error) == ENS_OK);
  holder stranger = {NULL, 1000};
  hold(&stranger, path, sql);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, release_later, &stranger) == 0);
  CHECK(fixture_feed(store, shape, 101, 20000, &error) == ENS_OK);
  CHECK(ens_store_flush(store, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  CHECK(ens_store_committed(store) == 20000);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  pthread_join(thread, NULL);
  CHECK(check_chain(path, shape, 20000, 500) == 20000);
  check_whole(path);
  CHECK(file_size(at("locked.db-wal")) == -1);
  ens_error_clear(&error);
  remove(path);
}

TEST(a_held_file_delays) {
  check_held("wal", "BEGIN IMMEDIATE");
  check_held("delete", "BEGIN EXCLUSIVE");
  check_held("wal", "BEGIN; SELECT count(*) FROM chunk");
  check_held("delete", "BEGIN; SELECT count(*) FROM chunk");
}

TEST(a_file_held_forever_is_an_error) {
  const char *path = at("forever.db");
  fixture_shape shape = {4, 2, 1, 0};
  ens_store_options options = quick_options();
  options.busy_limit = 0.3;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 100, &error) == ENS_OK && ens_store_flush(store, &error) == ENS_OK);
  holder stranger = {NULL, 0};
  hold(&stranger, path, "BEGIN IMMEDIATE");
  fixture_feed(store, shape, 101, 110, &error);
  ens_error_clear(&error);
  CHECK(ens_store_flush(store, &error) == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "cannot save steps: database is locked (waited ") != NULL);
  ens_error_clear(&error);
  CHECK(fixture_feed(store, shape, 111, 111, &error) == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "database is locked") != NULL);
  release_later(&stranger);
  ens_error_clear(&error);
  CHECK(ens_store_close(store, ENS_RUN_FAILED, 1, &error) == ENS_IO);
  CHECK(ask(path, "SELECT nstored = 100 AND status = 'failed' FROM run") == 1);
  ens_error_clear(&error);
  resume_and_end(path, shape, 100);
  remove(path);
}

/* A reader that stays keeps the journal beside the file; no step is missing. */
TEST(a_reader_that_stays) {
  const char *path = at("stays.db");
  fixture_shape shape = {4, 2, 1, 0};
  ens_store_options options = quick_options();
  options.journal = "wal";
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 100, &error) == ENS_OK && ens_store_flush(store, &error) == ENS_OK);
  holder stranger = {NULL, 0};
  hold(&stranger, path, "BEGIN; SELECT count(*) FROM chunk");
  CHECK(fixture_feed(store, shape, 101, 200, &error) == ENS_OK);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  CHECK(check_chain(path, shape, 200, 30) == 200);
  release_later(&stranger);
  CHECK(check_chain(path, shape, 200, 30) == 200);
  resume_and_end(path, shape, 200);
  CHECK(file_size(at("stays.db-wal")) == -1);
  remove(path);
}

int main(void) {
  fixture_begin();
  RUN(killed_writers);
  RUN(a_second_writer_gets_an_error);
  RUN(own_writer_is_seen);
  RUN(writers_on_other_hosts);
  RUN(a_writer_that_was_replaced);
  RUN(a_held_file_delays);
  RUN(a_file_held_forever_is_an_error);
  RUN(a_reader_that_stays);
  fixture_end();
  return unit_report();
}
