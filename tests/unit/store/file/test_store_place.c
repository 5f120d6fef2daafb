/* The place of a store and its obstacles: paths, permissions, read-only directories, full devices. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "store/create.h"
#include "store/info.h"
#include "store/resume.h"
#include "store/store_fixture.h"
#include "store/stored_chain.h"

#define NOBODY 65534

static const fixture_shape small = {4, 2, 1, 0};

static void check_create_fails(const char *path, ens_status status, const char *want) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_options options = quick_options();
  CHECK(fixture_create(path, small, &options, &error) == NULL);
  CHECK(error.status == status);
  CHECK_STRING(ens_error_text(&error), want);
  ens_error_clear(&error);
}

static void check_create_fails_at(const char *path, const char *format) {
  char want[1024];
  snprintf(want, sizeof want, format, path, fixture_folder);
  check_create_fails(path, ENS_CONFIG, want);
}

static size_t count_files(void) {
  size_t count = 0;
  DIR *folder = opendir(fixture_folder);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  if (folder) closedir(folder);
  return count;
}

static void write_file(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  if (!file) abort();
  if (fwrite(data, 1, size, file) != size) abort();
  fclose(file);
}

static void write_run(const char *path, uint64_t nsteps, const char *journal) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_options options = quick_options();
  options.journal = journal;
  ens_store *store = fixture_create(path, small, &options, &error);
  CHECK_STRING(ens_error_text(&error), "");
  if (!store) return;
  CHECK(fixture_feed(store, small, 1, nsteps, &error) == ENS_OK);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  ens_error_clear(&error);
}

TEST(paths_that_cannot_be) {
  check_create_fails("", ENS_CONFIG, "the path of the store is empty");
  check_create_fails_at(at("no/x.db"), "'%s' cannot be made: the directory '%s/no' does not exist");
  write_file(at("file"), "x", 1);
  check_create_fails_at(at("file/x.db"), "'%s' cannot be made: '%s/file' is not a directory");
  check_create_fails_at(at("file/y/x.db"), "'%s' cannot be made: a part of '%s/file/y' is not a directory");
  check_create_fails_at(at("file"), "'%s' exists already: resume it, remove it, or give another output");
  check_create_fails_at(at("."), "'%s' is a directory, not a file");
  check_create_fails_at(at(""), "'%s' is a directory, not a file");
  CHECK(symlink("nowhere", at("link.db")) == 0);
  check_create_fails_at(at("link.db"), "'%s' exists already: resume it, remove it, or give another output");
  char name[300];
  memset(name, 'n', 250);
  name[250] = '\0';
  check_create_fails_at(at(name), "'%s': the file's name is longer than 247 bytes");
  remove(at("file"));
  remove(at("link.db"));
  CHECK(count_files() == 0);
}

TEST(configurations_that_cannot_be) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_options options = quick_options();
  options.journal = "wall";
  CHECK(fixture_create(at("x.db"), small, &options, &error) == NULL && error.status == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), "journal 'wall' is not one of auto, wal, delete");
  options.journal = NULL;
  ens_store *store;
  double x = 0;
  ens_store_record record = {.nwalkers = (size_t)1 << 40, .ndim = (size_t)1 << 40};
  ens_store_checkpoint start = {.coords = &x, .log_prob = &x};
  CHECK(ens_store_create(at("x.db"), &record, &start, &options, &store, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "do not fit into a store") != NULL);
  record.nwalkers = 0;
  CHECK(ens_store_create(at("x.db"), &record, &start, &options, &store, &error) == ENS_CONFIG);
  CHECK(count_files() == 0);
  ens_error_clear(&error);
}

TEST(odd_names) {
  static const char *const names[] = {"no ending", ".hidden.db", "100%?#&=;x.db", "file:x.db", "\xc3\xa4\n'\".db"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    write_run(at(names[i]), 3, "auto");
    CHECK(check_chain(at(names[i]), small, 3, 2) == 3);
    CHECK(count_files() == 1);
    remove(at(names[i]));
  }
}

TEST(a_relative_path_and_a_link) {
  char before[4096];
  CHECK(getcwd(before, sizeof before) != NULL && chdir(fixture_folder) == 0);
  write_run("here.db", 3, "wal");
  CHECK(symlink("here.db", "link.db") == 0);
  CHECK(check_chain("link.db", small, 3, 2) == 3);
  ens_chain *chain = NULL;
  CHECK(ens_stored_chain_open("here.db", &chain, NULL) == ENS_OK);
  CHECK(chdir("/") == 0);
  double log_prob[4];
  if (chain) {
    CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 2, .count = 1, .log_prob = log_prob}, NULL) == ENS_OK);
    CHECK(log_prob[1] == number_at(small, 3, 1, 0));
    chain->ops->destroy(chain);
  }
  CHECK(chdir(before) == 0);
  remove(at("link.db"));
  remove(at("here.db"));
  CHECK(count_files() == 0);
}

/* A chain whose file is replaced by another one. */
TEST(a_file_that_was_replaced) {
  write_run(at("one.db"), 3, "wal");
  write_run(at("two.db"), 3, "wal");
  ens_chain *chain = NULL;
  double log_prob[4];
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_stored_chain_open(at("one.db"), &chain, &error) == ENS_OK);
  if (!chain) return;
  CHECK(rename(at("two.db"), at("one.db")) == 0);
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 0, .count = 1, .log_prob = log_prob}, &error) == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "was replaced by another run while it was read") != NULL);
  ens_error_clear(&error);
  remove(at("one.db"));
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 0, .count = 1, .log_prob = log_prob}, &error) != ENS_OK);
  ens_error_clear(&error);
  chain->ops->destroy(chain);
}

/* ---- as another user ---- */

/* Runs a test in a child that may write only its own files; the exit status is the number of failed checks. */
static void as_nobody(void (*test)(void)) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    unit_bad = 0;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) _exit(2);
    test();
    _exit(unit_bad);
  }
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

static void copy_file(const char *from, const char *to) {
  char command[600];
  snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
  CHECK(system(command) == 0);
}

static void close_folder(const char *folder, mode_t mode) {
  CHECK(chmod(folder, mode) == 0);
}

static void read_finished(void) {
  CHECK(check_chain(at("ro/done.db"), small, 30, 7) == 30);
}

static void read_left_behind(void) {
  CHECK(check_chain(at("ro/left.db"), small, 30, 7) == 30);
  CHECK(check_chain(at("ro/bare.db"), small, 30, 7) == 30);
  CHECK(check_chain(at("ro/mode.db"), small, 30, 7) == 30);
  ens_store_info info;
  CHECK(ens_store_info_read(at("ro/left.db"), &info, NULL) == ENS_OK && info.steps == 30);
  ens_store_info_free(&info);
}

static void read_hot(void) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_info info;
  CHECK(ens_store_info_read(at("ro/hot.db"), &info, &error) == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "was left in the middle of a commit by a writer that was killed") != NULL);
  ens_error_clear(&error);
}

static void create_and_resume_there(void) {
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  check_create_fails_at(at("ro/new.db"), "'%s' cannot be made: no permission to write in the directory '%s/ro'");
  CHECK(ens_store_resume(at("ro/done.db"), &options, &store, &record, &checkpoint, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "cannot be opened for writing: no permission to write in '") != NULL);
  ens_error_clear(&error);
  CHECK(ens_store_resume(at("rw/own.db"), &options, &store, &record, &checkpoint, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "cannot be opened for writing: Permission denied") != NULL);
  ens_error_clear(&error);
}

static void read_unreadable(void) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_info info;
  CHECK(ens_store_info_read(at("ro/secret.db"), &info, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "cannot be read: Permission denied") != NULL);
  ens_error_clear(&error);
}

/* Writes in a child that ends without closing the store, so that log and shared memory stay. */
static void leave_behind(const char *path) {
  pid_t child = fork();
  if (child == 0) {
    ens_store_options options = quick_options();
    options.journal = "wal";
    ens_store *store = fixture_create(path, small, &options, NULL);
    fixture_feed(store, small, 1, 30, NULL);
    ens_store_flush(store, NULL);
    raise(SIGKILL);
  }
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFSIGNALED(how));
}

/* Copies a file in the middle of a commit with a rollback journal, as a killed writer leaves it. */
static void copy_hot(const char *from, const char *to, const char *to_journal) {
  sqlite3 *db;
  char journal[512];
  CHECK(sqlite3_open_v2(from, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
  CHECK(sqlite3_exec(db,
                     "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; BEGIN; UPDATE chunk SET chain = "
                     "zeroblob(200000), start = start + 1; UPDATE run SET nstored = 0",
                     NULL, NULL, NULL) == SQLITE_OK);
  snprintf(journal, sizeof journal, "%s-journal", from);
  copy_file(from, to);
  copy_file(journal, to_journal);
  sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_close(db);
}

TEST(read_only_folders) {
  CHECK(mkdir(at("ro"), 0755) == 0 && mkdir(at("rw"), 0777) == 0 && chmod(at("rw"), 0777) == 0);
  CHECK(chmod(fixture_folder, 0755) == 0);
  write_run(at("ro/done.db"), 30, "wal");
  write_run(at("rw/own.db"), 30, "wal");
  CHECK(chmod(at("rw/own.db"), 0444) == 0);
  leave_behind(at("ro/left.db"));
  copy_file(at("ro/left.db"), at("ro/bare.db")); /* a copy with its log, but without the shared memory */
  copy_file(at("ro/left.db-wal"), at("ro/bare.db-wal"));
  write_run(at("ro/mode.db"), 30, "wal"); /* in WAL mode without a log */
  CHECK(tell(at("ro/mode.db"), "PRAGMA journal_mode = WAL") == SQLITE_OK);
  remove(at("ro/mode.db-wal"));
  remove(at("ro/mode.db-shm"));
  write_run(at("ro/from.db"), 30, "delete");
  copy_hot(at("ro/from.db"), at("ro/hot.db"), at("ro/hot.db-journal"));
  copy_hot(at("ro/from.db"), at("rw/hot.db"), at("rw/hot.db-journal"));
  write_run(at("ro/secret.db"), 1, "delete");
  CHECK(chmod(at("ro/secret.db"), 0) == 0);
  close_folder(at("ro"), 0555);
  if (geteuid() == 0 || access(at("ro"), W_OK) != 0) {
    as_nobody(read_finished);
    as_nobody(read_left_behind);
    as_nobody(read_hot);
    as_nobody(read_unreadable);
    as_nobody(create_and_resume_there);
  }
  close_folder(at("ro"), 0755);
  CHECK(file_size(at("rw/hot.db-journal")) > 512);
  CHECK(check_chain(at("rw/hot.db"), small, 30, 7) == 30); /* with write permission it is repaired */
  CHECK(check_chain(at("ro/left.db"), small, 30, 7) == 30);
  remove(at("rw/hot.db")), remove(at("rw/own.db")), remove(at("rw"));
}

/* ---- full devices ---- */

static void *remove_later(void *path) {
  struct timespec t = {1, 0};
  nanosleep(&t, NULL);
  remove(path);
  return NULL;
}

static void fill_device(const char *path) {
  char block[4096];
  memset(block, 1, sizeof block);
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  while (fd >= 0 && write(fd, block, sizeof block) > 0) continue;
  close(fd);
}

static void check_full_device(const char *journal) {
  static const fixture_shape shape = {16, 8, 1, 0};
  char path[256], filler[256];
  snprintf(path, sizeof path, "%s", at("tiny/full.db"));
  snprintf(filler, sizeof filler, "%s", at("tiny/filler"));
  ens_error error = ENS_ERROR_NONE;
  ens_store_options options = quick_options();
  options.journal = journal;
  options.full_limit = 0.5;
  ens_store *store = fixture_create(path, shape, &options, &error);
  CHECK_STRING(ens_error_text(&error), "");
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 100, &error) == ENS_OK && ens_store_flush(store, &error) == ENS_OK);
  fill_device(filler);
  ens_status status = fixture_feed(store, shape, 101, 6000, &error);
  if (status == ENS_OK) status = ens_store_flush(store, &error);
  CHECK(status == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "no room left on the device (waited ") != NULL);
  uint64_t committed = ens_store_committed(store);
  CHECK(committed >= 100);
  ens_error_clear(&error);
  CHECK(ens_store_close(store, ENS_RUN_FAILED, 1, &error) == ENS_IO);
  ens_error_clear(&error);
  CHECK(check_chain(path, shape, committed, 50) == committed);
  remove(filler);
  /* with a longer limit, and room in time, it is only slower */
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  options.full_limit = 60;
  CHECK(ens_store_resume(path, &options, &store, &record, &checkpoint, &error) == ENS_OK);
  if (!store) return;
  fill_device(filler);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, remove_later, filler) == 0);
  CHECK(fixture_feed(store, shape, committed + 1, committed + 700, &error) == ENS_OK);
  CHECK(ens_store_flush(store, &error) == ENS_OK);
  pthread_join(thread, NULL);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  CHECK(check_chain(path, shape, committed + 700, 50) == committed + 700);
  check_whole(path);
  CHECK(ask(path, "SELECT count(*) >= 1 FROM log WHERE level = 'warning' AND message LIKE '%no room left%'") == 1);
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  ens_error_clear(&error);
  remove(path);
}

/* Runs on a small file system in a child that may mount one; else the test is skipped. */
TEST(full_device) {
  CHECK(mkdir(at("tiny"), 0777) == 0);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    unit_bad = 0;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tiny", at("tiny"), "tmpfs", 0, "size=4m") != 0)
      _exit(0);
    check_full_device("wal");
    check_full_device("delete");
    _exit(unit_bad);
  }
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

/* A limit on the size of files is not a full device, so the store does not wait. */
TEST(file_size_limit) {
  static const fixture_shape shape = {16, 8, 1, 0};
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    unit_bad = 0;
    ens_error error = ENS_ERROR_NONE;
    ens_store_options options = quick_options();
    options.journal = "delete";
    signal(SIGXFSZ, SIG_IGN);
    ens_store *store = fixture_create(at("limit.db"), shape, &options, &error);
    struct rlimit limit = {300000, 300000};
    CHECK(store && setrlimit(RLIMIT_FSIZE, &limit) == 0);
    ens_status status = fixture_feed(store, shape, 1, 3000, &error);
    if (status == ENS_OK) status = ens_store_flush(store, &error);
    CHECK(status == ENS_IO);
    CHECK(strstr(ens_error_text(&error), "cannot save steps: disk I/O error (File too large)") != NULL);
    uint64_t committed = ens_store_committed(store);
    ens_error_clear(&error);
    CHECK(ens_store_close(store, ENS_RUN_FAILED, 1, &error) == ENS_IO);
    ens_error_clear(&error);
    CHECK(check_chain(at("limit.db"), shape, committed, 50) == committed);
    _exit(unit_bad);
  }
  int how;
  CHECK(waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

int main(void) {
  fixture_begin();
  RUN(paths_that_cannot_be);
  RUN(configurations_that_cannot_be);
  RUN(odd_names);
  RUN(a_relative_path_and_a_link);
  RUN(a_file_that_was_replaced);
  RUN(read_only_folders);
  RUN(full_device);
  RUN(file_size_limit);
  fixture_end();
  return unit_report();
}
