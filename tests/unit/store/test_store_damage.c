/* Files that are not stores, and damaged stores. Reading them gives an error that names the damage, or the right steps;
 * it never crashes. A sanitizer finds more. */
#include <fcntl.h>

#include "store/info.h"
#include "store/resume.h"
#include "store/stored_chain.h"
#include "store_fixture.h"

static const fixture_shape shape = {4, 2, 1, 0};
#define NSTEPS 60

static void write_file(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(data, 1, size, file) != size) abort();
  fclose(file);
}

static unsigned char *read_file(const char *path, size_t *size) {
  *size = (size_t)file_size(path);
  unsigned char *data = malloc(*size + 1);
  FILE *file = fopen(path, "rb");
  if (!data || !file || fread(data, 1, *size, file) != *size) abort();
  fclose(file);
  return data;
}

/* A store with two chunks; the second one has grown. */
static void write_run(const char *path, fixture_shape of, uint64_t nsteps) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_options options = quick_options();
  ens_store *store = fixture_create(path, of, &options, &error);
  if (!store) abort();
  for (uint64_t i = 0; i < nsteps; i += nsteps / 3) {
    CHECK(fixture_feed(store, of, i + 1, i + nsteps / 3, &error) == ENS_OK);
    CHECK(ens_store_flush(store, &error) == ENS_OK);
  }
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  ens_error_clear(&error);
}

static ens_status try_resume(const char *path, ens_error *error) {
  ens_store_options options = quick_options();
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_status status = ens_store_resume(path, &options, &store, &record, &checkpoint, error);
  if (status == ENS_OK) {
    fixture_shape now = {record.nwalkers, record.ndim, record.blobs.ncells, 0};
    ens_status fed = fixture_feed(store, now, checkpoint.step + 1, checkpoint.step + 3, NULL);
    ens_status closed = ens_store_close(store, ENS_RUN_STOPPED, 75, NULL);
    if (fed != ENS_OK || closed != ENS_OK) status = ENS_IO;
  } else {
    CHECK(store == NULL && record.parameters == NULL && checkpoint.coords == NULL);
  }
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  return status;
}

static void check_error(const ens_error *error, ens_status status, const char *path, const char *want) {
  char text[512];
  snprintf(text, sizeof text, want, path);
  CHECK(error->status == status);
  CHECK_STRING(ens_error_text(error), text);
}

/* All three functions must give the same error. */
static void check_refused(const char *path, ens_status status, const char *want) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_info info;
  ens_chain *chain;
  CHECK(ens_store_info_read(path, &info, &error) == status);
  check_error(&error, status, path, want);
  CHECK(info.record.parameters == NULL && info.worker == NULL);
  CHECK(ens_stored_chain_open(path, &chain, &error) == status && chain == NULL);
  check_error(&error, status, path, want);
  CHECK(try_resume(path, &error) == status);
  check_error(&error, status, path, want);
  ens_error_clear(&error);
}

TEST(files_that_are_not_stores) {
  const char *path = at("other.db");
  check_refused(path, ENS_CONFIG, "'%s' does not exist");
  check_refused("", ENS_CONFIG, "the path of the store is empty");
  check_refused(fixture_folder, ENS_CONFIG, "'%s' is a directory, not a store");
  CHECK(mkfifo(path, 0600) == 0);
  check_refused(path, ENS_CONFIG, "'%s' is not a regular file");
  remove(path);
  write_file(path, "", 0);
  check_refused(path, ENS_CONFIG, "'%s' is not a store of ensemble-lua: it is an empty file");
  write_file(path, "x", 1);
  check_refused(path, ENS_CONFIG, "'%s' is not a store of ensemble-lua: it is not a SQLite file");
  char text[5000];
  memset(text, 't', sizeof text);
  write_file(path, text, sizeof text);
  check_refused(path, ENS_CONFIG, "'%s' is not a store of ensemble-lua: it is not a SQLite file");
  remove(path);
  sqlite3 *db;
  CHECK(sqlite3_open(path, &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, "CREATE TABLE run(x)", NULL, NULL, NULL) == SQLITE_OK);
  sqlite3_close(db);
  check_refused(path, ENS_CONFIG, "'%s' is a SQLite file but not a store of ensemble-lua");
  remove(path);
}

TEST(other_versions) {
  const char *path = at("version.db");
  write_run(path, shape, NSTEPS);
  CHECK(tell(path, "PRAGMA user_version = 2") == SQLITE_OK);
  check_refused(path, ENS_CONFIG,
                "'%s' was written by a newer ensemble-lua: its format is 2, this program reads up to 1");
  CHECK(tell(path, "PRAGMA user_version = 0") == SQLITE_OK);
  check_refused(path, ENS_IO, "'%s' is damaged: its format has no number");
  remove(path);
}

/* ---- rows that lie ---- */

/* The status of reading the store with all its steps. */
static ens_status read_all(const char *path, int compressible, ens_error *error) {
  ens_chain *chain;
  ens_status status = ens_stored_chain_open(path, &chain, error);
  if (status != ENS_OK) return status;
  fixture_shape now = {chain->nwalkers, chain->ndim, chain->ncells, compressible};
  fixture_step got = step_make(now, 1);
  for (uint64_t i = 0; status == ENS_OK && i < chain->nsteps; i++) {
    status = ens_chain_read(chain,
                            &(ens_chain_steps){.start = i,
                                               .count = 1,
                                               .coords = got.coords,
                                               .log_prob = got.log_prob,
                                               .blobs = got.blobs,
                                               .accepted = got.accepted},
                            error);
    if (status == ENS_OK) CHECK(count_wrong(now, &got, i, 1) == 0);
  }
  step_free(&got);
  chain->ops->destroy(chain);
  return status;
}

static void check_lie(const unsigned char *good, size_t size, const char *sql, const char *want) {
  const char *path = at("lie.db");
  ens_error error = ENS_ERROR_NONE;
  write_file(path, good, size);
  CHECK(tell(path, sql) == SQLITE_OK);
  ens_status status = read_all(path, 0, &error);
  if (status == ENS_OK || !strstr(ens_error_text(&error), want)) {
    unit_bad = 1;
    fprintf(stderr, "%s\n  gives \"%s\"\n  and not \"%s\"\n", sql, ens_error_text(&error), want);
  }
  ens_error_clear(&error);
  try_resume(path, &error);
  ens_error_clear(&error);
  remove(path);
}

TEST(rows_that_lie) {
  static const char *const lies[][2] = {
      {"DELETE FROM run", "it holds no run"},
      {"UPDATE run SET nwalkers = 0", "the number of its parameters differs from the number of their names"},
      {"UPDATE run SET nwalkers = -4", "a number of its run is out of range"},
      {"UPDATE run SET nwalkers = 'four'", "a number of its run is out of range"},
      {"UPDATE run SET nwalkers = 9223372036854775807", "a number of its run is out of range"},
      {"UPDATE run SET nwalkers = 5", "its checkpoint does not fit its walkers"},
      {"UPDATE run SET nwalkers = 8, ndim = 1; DELETE FROM param WHERE idx = 1", "its checkpoint does not fit"},
      {"UPDATE run SET ndim = 3", "the number of its parameters differs from the number of their names"},
      {"UPDATE run SET ndim = 100000000", "the number of its parameters differs from the number of their names"},
      {"UPDATE run SET thin_by = 0", "a number of its run is out of range"},
      {"UPDATE run SET status = 'unwell'", "a number of its run is out of range"},
      {"UPDATE run SET nstored = 61", "its checkpoint does not belong to its last step"},
      {"UPDATE run SET nstored = 9223372036854775807", "its checkpoint does not belong to its last step"},
      {"UPDATE run SET nstored = 61; UPDATE checkpoint SET step = 61", "its step 61 is missing"},
      {"DELETE FROM param WHERE idx = 0", "the number of its parameters differs from the number of their names"},
      {"UPDATE param SET idx = 7 WHERE idx = 0", "a name of a parameter or a blob is missing"},
      {"UPDATE param SET name = x'00'", "a name of a parameter or a blob is missing"},
      {"DELETE FROM checkpoint", "its checkpoint is missing"},
      {"UPDATE checkpoint SET coords = x'00'", "its checkpoint does not fit its walkers"},
      {"UPDATE checkpoint SET coords = zeroblob(64)", "its checkpoint does not fit its walkers or its checksum"},
      {"UPDATE checkpoint SET coords = 'sixty-four letters are needed here to have that very length 0123'",
       "its checkpoint does not fit"},
      {"UPDATE checkpoint SET blobs = zeroblob(31)", "its checkpoint does not fit its walkers"},
      {"UPDATE checkpoint SET blobs = zeroblob(33)", "its checkpoint does not fit its walkers"},
      {"UPDATE checkpoint SET naccepted = x'ffffffffffffffff' || substr(naccepted, 9)", "its checkpoint does not fit"},
      {"DELETE FROM chunk", "its first steps are missing"},
      {"UPDATE chunk SET start = 1", "its first steps are missing"},
      {"UPDATE chunk SET nsteps = 0", "the length of a chunk is out of range"},
      {"UPDATE chunk SET nsteps = -1", "the length of a chunk is out of range"},
      {"UPDATE chunk SET nsteps = 9223372036854775807", "the length of a chunk is out of range"},
      {"UPDATE chunk SET nsteps = 300000", "the accepted flags of its steps 1 to 300000 cannot be read"},
      {"UPDATE chunk SET nsteps = 61", "the accepted flags of its steps 1 to 61 cannot be read"},
      {"UPDATE chunk SET nsteps = 59", "the accepted flags of its steps 1 to 59 cannot be read"},
      {"UPDATE chunk SET codec = 'lzma'", "the accepted flags of its steps 1 to 60 cannot be read"},
      {"UPDATE chunk SET codec = 'zlib'", "cannot be read"},
      {"UPDATE chunk SET log_prob = zeroblob(60 * 32)", "the log_prob of its steps 1 to 60 cannot be read"},
      {"UPDATE chunk SET chain = zeroblob(60 * 64)", "the positions of its steps 1 to 60 cannot be read"},
      {"UPDATE chunk SET chain = x''", "the positions of its steps 1 to 60 cannot be read"},
      {"UPDATE chunk SET chain = 7", "the positions of its steps 1 to 60 cannot be read"},
      {"DELETE FROM blob_chunk", "the blobs of its steps 1 to 60 cannot be read"},
      {"UPDATE blob_chunk SET nsteps = 59", "the blobs of its steps 1 to 60 cannot be read"},
      {"UPDATE blob_chunk SET data = x'00'", "the blobs of its steps 1 to 60 cannot be read"},
      {"UPDATE blob_def SET dtype = '<i4'", "blob 'b2' has a type that this program does not read"},
      {"UPDATE blob_def SET shape = '3,2'", "blob 'b2' has a type that this program does not read"},
      {"UPDATE blob_def SET dtype = '|S8', shape = '2'", "blob 'b2' has a type that this program does not read"},
      {"UPDATE blob_def SET shape = '3'", "its checkpoint does not fit its walkers"},
      {"UPDATE blob_def SET shape = '16777216'", "its checkpoint does not fit its walkers"},
      {"UPDATE blob_def SET dtype = '|S7'", "the blobs of its steps 1 to 60 cannot be read"},
      {"DELETE FROM blob_def", "its checkpoint does not fit its walkers"},
      {"DROP TABLE chunk", "cannot read steps: no such table: chunk"},
      {"DROP TABLE run", "cannot read the run: no such table: run"},
      {"ALTER TABLE run DROP COLUMN engine", "no such column: engine"},
  };
  const char *path = at("good.db");
  size_t size;
  write_run(path, shape, NSTEPS);
  unsigned char *good = read_file(path, &size);
  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) check_lie(good, size, lies[i][0], lies[i][1]);
  free(good);
  remove(path);
}

/* A file with tables of another program and without checksums can be read. */
TEST(strange_but_good) {
  const char *path = at("strange.db");
  ens_error error = ENS_ERROR_NONE;
  write_run(path, shape, NSTEPS);
  CHECK(tell(path,
             "CREATE TABLE mine(x); DELETE FROM checksum; UPDATE checkpoint SET crc = NULL;"
             "UPDATE session SET per_worker = '[{\"rank\":0,\"odd\"'; ALTER TABLE run ADD COLUMN more;"
             "CREATE TRIGGER mine AFTER UPDATE ON run BEGIN INSERT INTO mine VALUES(1); END") == SQLITE_OK);
  CHECK(read_all(path, 0, &error) == ENS_OK);
  ens_store_info info;
  CHECK(ens_store_info_read(path, &info, &error) == ENS_OK && info.nworkers == 0);
  ens_store_info_free(&info);
  CHECK(try_resume(path, &error) == ENS_OK);
  CHECK(ask(path, "SELECT count(*) FROM mine") == 0); /* no trigger of a file runs */
  CHECK(check_chain(path, shape, NSTEPS + 3, 10) == NSTEPS + 3);
  ens_error_clear(&error);
  remove(path);
}

/* ---- bytes ---- */

/* After any damage there is no crash, and steps that are read without an error are right. */
static void check_survives(const char *path, int compressible, bool resume) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_info info;
  ens_status status = ens_store_info_read(path, &info, &error);
  CHECK((status == ENS_OK) == (error.status == ENS_OK));
  ens_store_info_free(&info);
  ens_error_clear(&error);
  status = read_all(path, compressible, &error);
  CHECK((status == ENS_OK) == (error.status == ENS_OK));
  ens_error_clear(&error);
  if (resume) try_resume(path, &error);
  ens_error_clear(&error);
}

TEST(truncated_files) {
  const char *path = at("short.db");
  size_t size;
  write_run(path, shape, NSTEPS);
  unsigned char *good = read_file(path, &size);
  for (size_t length = 1; length < size; length += length < 200 ? 7 : length % 4096 == 0 ? 511 : 3585 - length % 512) {
    write_file(path, good, length);
    check_survives(path, 0, true);
  }
  free(good);
  remove(path);
}

static void check_flips(fixture_shape of, size_t nsteps, size_t nflips, bool resume) {
  const char *path = at("flip.db");
  size_t size;
  write_run(path, of, nsteps);
  unsigned char *good = read_file(path, &size), *bad = malloc(size);
  if (!bad) abort();
  for (size_t i = 0; i < nflips; i++) {
    memcpy(bad, good, size);
    uint64_t dice = mix(i + nflips);
    for (uint64_t k = 0; k <= dice % 3; k++) bad[mix(dice + k) % size] ^= (unsigned char)(1U << (mix(dice - k) % 8));
    write_file(path, bad, size);
    check_survives(path, of.compressible, resume);
    remove(at("flip.db-wal")), remove(at("flip.db-shm")), remove(at("flip.db-journal"));
  }
  free(good);
  free(bad);
  remove(path);
}

TEST(flipped_bits) {
  check_flips(shape, NSTEPS, 2000, false);
  check_flips((fixture_shape){8, 2, 2, 1}, 300, 1500, false);
  check_flips(shape, NSTEPS, 500, true);
}

int main(void) {
  fixture_begin();
  RUN(files_that_are_not_stores);
  RUN(other_versions);
  RUN(rows_that_lie);
  RUN(strange_but_good);
  RUN(truncated_files);
  RUN(flipped_bits);
  fixture_end();
  return unit_report();
}
