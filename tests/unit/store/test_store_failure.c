/* A failing disk: each write, sync, truncation, removal, opening, lock and read of a store fails in turn, once or from
 * then on. Committed steps must be in the file afterwards, the file must be intact, and a temporary error must cost no
 * step.
 *
 * The test puts its own file system between SQLite and the real one, which passes all calls on. */
#include <dirent.h>
#include <stdatomic.h>

#include "store/info.h"
#include "store/resume.h"
#include "store/stored_chain.h"
#include "store_fixture.h"

static const fixture_shape shape = {4, 2, 1, 0};
#define NSTEPS 20

/* ---- the disk ---- */

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, REMOVE = 8, OPEN = 16, LOCK = 32, READ = 64, SHARE = 128 };

static struct {
  int calls, code;  /* the calls that fail, and their result */
  bool lasting;     /* all later calls fail too */
  atomic_long left; /* calls that still succeed */
  atomic_bool met;
} fault;

static void fail_calls(int calls, int code, bool lasting, long after) {
  atomic_store(&fault.met, false);
  atomic_store(&fault.left, after);
  fault.code = code;
  fault.lasting = lasting;
  fault.calls = calls;
}

static bool mend(void) {
  fault.calls = 0;
  return atomic_load(&fault.met);
}

static bool refuses(int call) {
  if (!(fault.calls & call)) return false;
  long n = atomic_fetch_sub(&fault.left, 1);
  if (n > 0 || (n < 0 && !fault.lasting)) return false;
  atomic_store(&fault.met, true);
  return true;
}

typedef struct disk_file {
  sqlite3_file base;
  sqlite3_file *real; /* stands after this struct */
} disk_file;

#define REAL(file) (((disk_file *)(file))->real)
#define PASS(call, name, file, ...) \
  return refuses(call) ? fault.code : REAL(file)->pMethods->name(REAL(file), __VA_ARGS__)

static int disk_close(sqlite3_file *file) {
  return REAL(file)->pMethods->xClose(REAL(file));
}
static int disk_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at) {
  PASS(READ, xRead, file, to, n, at);
}
static int disk_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at) {
  PASS(WRITE, xWrite, file, from, n, at);
}
static int disk_truncate(sqlite3_file *file, sqlite3_int64 size) {
  PASS(TRUNCATE, xTruncate, file, size);
}
static int disk_sync(sqlite3_file *file, int flags) {
  PASS(SYNC, xSync, file, flags);
}
static int disk_size(sqlite3_file *file, sqlite3_int64 *size) {
  return REAL(file)->pMethods->xFileSize(REAL(file), size);
}
static int disk_lock(sqlite3_file *file, int kind) {
  PASS(LOCK, xLock, file, kind);
}
static int disk_unlock(sqlite3_file *file, int kind) {
  return REAL(file)->pMethods->xUnlock(REAL(file), kind);
}
static int disk_check_lock(sqlite3_file *file, int *out) {
  return REAL(file)->pMethods->xCheckReservedLock(REAL(file), out);
}
static int disk_control(sqlite3_file *file, int what, void *argument) {
  return REAL(file)->pMethods->xFileControl(REAL(file), what, argument);
}
static int disk_sector(sqlite3_file *file) {
  return REAL(file)->pMethods->xSectorSize(REAL(file));
}
static int disk_features(sqlite3_file *file) {
  return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file));
}
static int disk_share(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
  PASS(SHARE, xShmMap, file, page, size, extend, out);
}
static int disk_share_lock(sqlite3_file *file, int offset, int n, int flags) {
  if (flags & SQLITE_SHM_UNLOCK) return REAL(file)->pMethods->xShmLock(REAL(file), offset, n, flags);
  PASS(SHARE, xShmLock, file, offset, n, flags);
}
static void disk_share_barrier(sqlite3_file *file) {
  REAL(file)->pMethods->xShmBarrier(REAL(file));
}
static int disk_unshare(sqlite3_file *file, int remove_it) {
  return REAL(file)->pMethods->xShmUnmap(REAL(file), remove_it);
}

static const sqlite3_io_methods disk_methods = {.iVersion = 2,
                                                .xClose = disk_close,
                                                .xRead = disk_read,
                                                .xWrite = disk_write,
                                                .xTruncate = disk_truncate,
                                                .xSync = disk_sync,
                                                .xFileSize = disk_size,
                                                .xLock = disk_lock,
                                                .xUnlock = disk_unlock,
                                                .xCheckReservedLock = disk_check_lock,
                                                .xFileControl = disk_control,
                                                .xSectorSize = disk_sector,
                                                .xDeviceCharacteristics = disk_features,
                                                .xShmMap = disk_share,
                                                .xShmLock = disk_share_lock,
                                                .xShmBarrier = disk_share_barrier,
                                                .xShmUnmap = disk_unshare};

static sqlite3_vfs *system_disk, disk;

static int disk_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)self;
  disk_file *mine = (disk_file *)file;
  mine->base.pMethods = NULL;
  mine->real = (sqlite3_file *)(mine + 1);
  if (refuses(OPEN)) return SQLITE_CANTOPEN;
  int code = system_disk->xOpen(system_disk, name, mine->real, flags, out);
  if (mine->real->pMethods) mine->base.pMethods = &disk_methods;
  return code;
}

static int disk_remove(sqlite3_vfs *self, const char *name, int sync) {
  (void)self;
  return refuses(REMOVE) ? fault.code : system_disk->xDelete(system_disk, name, sync);
}

static void use_disk(void) {
  system_disk = sqlite3_vfs_find(NULL);
  disk = *system_disk;
  disk.zName = "failing";
  disk.szOsFile = (int)sizeof(disk_file) + system_disk->szOsFile;
  disk.xOpen = disk_open;
  disk.xDelete = disk_remove;
  if (sqlite3_vfs_register(&disk, 1) != SQLITE_OK) abort();
}

/* ---- tasks ---- */

static unsigned char *whole;
static size_t whole_size;

static void keep_whole(const char *path) {
  whole_size = (size_t)file_size(path);
  whole = malloc(whole_size);
  FILE *file = fopen(path, "rb");
  if (!whole || !file || fread(whole, 1, whole_size, file) != whole_size) abort();
  fclose(file);
}

static void put_back(const char *path) {
  static const char *const endings[] = {"-wal", "-shm", "-journal"};
  char name[512];
  for (size_t i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s%s", path, endings[i]);
    remove(name);
  }
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(whole, 1, whole_size, file) != whole_size) abort();
  fclose(file);
}

static ens_store_options impatient_options(const char *journal) {
  ens_store_options options = quick_options();
  options.commit_every = 1000;
  options.journal = journal;
  options.busy_limit = options.full_limit = 0.01;
  return options;
}

/* Two commits and the end. *saved: the largest number of steps that the store called committed. */
static ens_status go_on(const char *path, const char *journal, uint64_t *saved, ens_error *error) {
  ens_store_options options = impatient_options(journal);
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_status status = ens_store_resume(path, &options, &store, &record, &checkpoint, error);
  *saved = NSTEPS;
  for (uint64_t i = NSTEPS + 1; status == ENS_OK && i <= NSTEPS + 2; i++) {
    status = fixture_feed(store, shape, i, i, error);
    if (status == ENS_OK) status = ens_store_flush(store, error);
    *saved = ens_store_committed(store);
    if (status == ENS_OK) CHECK(*saved == i);
  }
  if (store) {
    ens_status closed = ens_store_close(store, ENS_RUN_FINISHED, 0, status == ENS_OK ? error : NULL);
    if (status == ENS_OK) status = closed;
  }
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  return status;
}

/* Whether the failing call happened at all. */
static bool check_failure(const char *journal, int calls, int code, bool lasting, long after) {
  const char *path = at("disk.db");
  ens_error error = ENS_ERROR_NONE;
  uint64_t saved;
  put_back(path);
  fail_calls(calls, code, lasting, after);
  ens_status status = go_on(path, journal, &saved, &error);
  bool met = mend();
  CHECK((status == ENS_OK) == (error.status == ENS_OK));
  if (status != ENS_OK)
    CHECK(ens_error_text(&error)[0] == '\'' || strstr(ens_error_text(&error), "every step is saved"));
  uint64_t there = check_chain(path, shape, saved, 7);
  CHECK(status != ENS_OK || there == NSTEPS + 2);
  CHECK(met || status == ENS_OK);
  check_whole(path);
  if (unit_bad) fprintf(stderr, "  call %ld of %d, journal %s, lasting %d\n", after, calls, journal, lasting);
  ens_error_clear(&error);
  return met;
}

static void check_failures(int calls, int code, bool lasting, long stride) {
  static const char *const journals[] = {"wal", "delete"};
  for (size_t i = 0; i < 2; i++) {
    long n = 0;
    while (!unit_bad && check_failure(journals[i], calls, code, lasting, n)) n += stride;
    CHECK(n > 0 || (calls & SHARE)); /* only a write-ahead log shares memory */
  }
}

TEST(writes_that_fail) {
  check_failures(WRITE, SQLITE_IOERR_WRITE, false, 1);
  check_failures(WRITE, SQLITE_IOERR_WRITE, true, 1);
}

TEST(syncs_that_fail) {
  check_failures(SYNC, SQLITE_IOERR_FSYNC, false, 1);
  check_failures(SYNC, SQLITE_IOERR_FSYNC, true, 1);
}

TEST(other_calls_that_fail) {
  check_failures(REMOVE, SQLITE_IOERR_DELETE, false, 1);
  check_failures(REMOVE, SQLITE_IOERR_DELETE, true, 1);
  check_failures(OPEN, SQLITE_CANTOPEN, false, 1);
  check_failures(LOCK, SQLITE_IOERR_LOCK, false, 1);
  check_failures(READ, SQLITE_IOERR_READ, false, 1);
  check_failures(SHARE, SQLITE_IOERR_SHMMAP, false, 3);
  check_failures(WRITE | SYNC | TRUNCATE | REMOVE, SQLITE_IOERR, true, 3);
}

/* No room, then room at the next try: the steps are late, but none is missing. */
TEST(a_full_disk_that_gets_room) {
  for (long n = 0; n < 60; n += 6) {
    const char *path = at("disk.db");
    ens_error error = ENS_ERROR_NONE;
    ens_store_options options = impatient_options(n % 12 ? "wal" : "delete");
    options.full_limit = 60;
    ens_store *store;
    ens_store_record record;
    ens_store_checkpoint checkpoint;
    put_back(path);
    CHECK(ens_store_resume(path, &options, &store, &record, &checkpoint, &error) == ENS_OK);
    if (!store) return;
    fail_calls(WRITE, SQLITE_FULL, false, n / 6);
    CHECK(fixture_feed(store, shape, NSTEPS + 1, NSTEPS + 5, &error) == ENS_OK);
    CHECK(ens_store_flush(store, &error) == ENS_OK);
    bool met = mend();
    CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
    CHECK_STRING(ens_error_text(&error), "");
    CHECK(check_chain(path, shape, NSTEPS + 5, 9) == NSTEPS + 5);
    CHECK(ask(path, "SELECT count(*) FROM log WHERE message LIKE '%cannot save steps: no room left%'") == met);
    check_whole(path);
    ens_store_record_free(&record);
    ens_store_checkpoint_free(&checkpoint);
    ens_error_clear(&error);
  }
}

/* ---- creating and reading ---- */

static size_t count_files(void) {
  size_t count = 0;
  DIR *folder = opendir(fixture_folder);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  if (folder) closedir(folder);
  return count;
}

static bool check_creating(int calls, int code, bool lasting, long after) {
  const char *path = at("new.db");
  ens_error error = ENS_ERROR_NONE;
  ens_store_options options = impatient_options("wal");
  fail_calls(calls, code, lasting, after);
  ens_store *store = fixture_create(path, shape, &options, &error);
  bool met = mend();
  CHECK(store || error.status != ENS_OK);
  if (store) CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, &error) == ENS_OK);
  if (store) check_whole(path), remove(path);
  CHECK(count_files() == 0);
  if (unit_bad) fprintf(stderr, "  creating: call %ld of %d, lasting %d\n", after, calls, lasting);
  ens_error_clear(&error);
  return met;
}

TEST(creating_on_a_failing_disk) {
  static const int calls[] = {WRITE, SYNC, OPEN, READ, LOCK, SHARE};
  static const int codes[] = {SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_CANTOPEN,
                              SQLITE_IOERR_READ,  SQLITE_IOERR_LOCK,  SQLITE_IOERR_SHMMAP};
  for (size_t i = 0; i < 6; i++)
    for (int lasting = 0; lasting < 2; lasting++)
      for (long n = 0; !unit_bad && check_creating(calls[i], codes[i], lasting, n);) n++;
}

static ens_status read_all(const char *path, ens_error *error) {
  ens_store_info info;
  ens_chain *chain = NULL;
  ens_status status = ens_store_info_read(path, &info, error);
  if (status == ENS_OK) CHECK(info.steps == NSTEPS);
  ens_store_info_free(&info);
  if (status == ENS_OK) status = ens_stored_chain_open(path, &chain, error);
  if (status != ENS_OK) return status;
  fixture_step got = step_make(shape, NSTEPS);
  status = ens_chain_read(chain,
                          &(ens_chain_steps){.start = 0,
                                             .count = NSTEPS,
                                             .coords = got.coords,
                                             .log_prob = got.log_prob,
                                             .blobs = got.blobs,
                                             .accepted = got.accepted},
                          error);
  if (status == ENS_OK) CHECK(count_wrong(shape, &got, 0, NSTEPS) == 0);
  step_free(&got);
  chain->ops->destroy(chain);
  return status;
}

TEST(reading_on_a_failing_disk) {
  const char *path = at("disk.db");
  ens_error error = ENS_ERROR_NONE;
  put_back(path);
  for (int lasting = 0; lasting < 2; lasting++) {
    bool met = true;
    for (long n = 0; met; n++) {
      fail_calls(READ | OPEN | LOCK, SQLITE_IOERR, lasting, n);
      ens_status status = read_all(path, &error);
      met = mend();
      CHECK(met || status == ENS_OK);
      CHECK((status == ENS_OK) == (error.status == ENS_OK));
      ens_error_clear(&error);
    }
  }
}

static void write_run(const char *path) {
  ens_store_options options = impatient_options("wal");
  ens_store *store = fixture_create(path, shape, &options, NULL);
  CHECK(store && fixture_feed(store, shape, 1, NSTEPS, NULL) == ENS_OK);
  if (store) CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, NULL) == ENS_OK);
}

int main(void) {
  fixture_begin();
  use_disk();
  RUN(creating_on_a_failing_disk);
  write_run(at("disk.db"));
  keep_whole(at("disk.db"));
  RUN(writes_that_fail);
  RUN(syncs_that_fail);
  RUN(other_calls_that_fail);
  RUN(a_full_disk_that_gets_room);
  RUN(reading_on_a_failing_disk);
  free(whole);
  fixture_end();
  return unit_report();
}
