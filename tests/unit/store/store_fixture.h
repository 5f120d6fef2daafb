/* For the tests of the store: a directory of their own, a run in which each number follows from its position, and
 * checks that a chain has these numbers. */
#ifndef ENS_TEST_STORE_FIXTURE_H
#define ENS_TEST_STORE_FIXTURE_H

#include <ftw.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/create.h"
#include "store/store.h"
#include "store/stored_chain.h"
#include "unit.h"

/* ---- a directory ---- */

static char fixture_folder[64];

static inline int fixture_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
  (void)st, (void)kind, (void)ftw;
  return remove(path);
}

/* In memory if possible, where commits do not wait for a disk. ENS_TEST_DIR overrides. */
static inline void fixture_begin(void) {
  const char *base = getenv("ENS_TEST_DIR");
  if (!base && access("/dev/shm", W_OK | X_OK) == 0) base = "/dev/shm";
  snprintf(fixture_folder, sizeof fixture_folder, "%.40s/ens-store-XXXXXX", base ? base : "/tmp");
  if (!mkdtemp(fixture_folder)) abort();
}

static inline void fixture_end(void) {
  nftw(fixture_folder, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in the directory; the same pointer for the same name. At most 64 names per program. */
static inline const char *at(const char *name) {
  static char paths[64][512], names[64][272];
  size_t i = 0;
  while (i < 63 && names[i][0] && strcmp(names[i] + 1, name) != 0) i++;
  snprintf(names[i], sizeof names[i], "+%s", name);
  snprintf(paths[i], sizeof paths[i], "%s/%s", fixture_folder, name);
  return paths[i];
}

/* ---- a run ---- */

typedef struct fixture_shape {
  size_t nwalkers, ndim, nblobs;
  int compressible; /* a walker moves in one step of four */
} fixture_shape;

static inline uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/* Number `which` of a walker after a step: 0 is log_prob, then come the position and the blobs. */
static inline double number_at(fixture_shape shape, uint64_t step, size_t walker, size_t which) {
  if (shape.compressible) step = (step + walker % 4) / 4;
  return (double)(mix(mix(step * 1000003 + walker) + which) >> 11) * 0x1p-53 - 0.5;
}

static inline uint8_t accepted_at(fixture_shape shape, uint64_t step, size_t walker) {
  if (shape.compressible) return (step + walker % 4) % 4 == 0;
  return (uint8_t)(mix(step * 31 + walker) & 1);
}

typedef struct fixture_step {
  double *coords, *log_prob, *blobs;
  uint8_t *accepted;
} fixture_step;

static inline fixture_step step_make(fixture_shape shape, size_t count) {
  size_t n = count * shape.nwalkers;
  return (fixture_step){malloc(n * shape.ndim * sizeof(double)), malloc(n * sizeof(double)),
                        malloc((n * shape.nblobs + 1) * sizeof(double)), malloc(n)};
}

static inline void step_free(fixture_step *step) {
  free(step->coords);
  free(step->log_prob);
  free(step->blobs);
  free(step->accepted);
}

static inline void step_fill(fixture_step *to, fixture_shape shape, uint64_t step) {
  for (size_t k = 0; k < shape.nwalkers; k++) {
    to->log_prob[k] = number_at(shape, step, k, 0);
    to->accepted[k] = accepted_at(shape, step, k);
    for (size_t d = 0; d < shape.ndim; d++) to->coords[k * shape.ndim + d] = number_at(shape, step, k, 1 + d);
    for (size_t b = 0; b < shape.nblobs; b++)
      to->blobs[k * shape.nblobs + b] = number_at(shape, step, k, 1 + shape.ndim + b);
  }
}

static inline ens_store_options quick_options(void) {
  return (ens_store_options){.commit_every = 0.005, .workers = 3, .ranks = 1};
}

/* Makes a store of that shape; NULL after an error. */
static inline ens_store *fixture_create(const char *path, fixture_shape shape, const ens_store_options *options,
                                        ens_error *error) {
  char **names = calloc(shape.ndim + 1, sizeof *names);
  ens_blobs blobs = {0};
  for (size_t i = 0; i < shape.ndim; i++) {
    names[i] = malloc(24);
    snprintf(names[i], 24, "p%zu", i);
  }
  for (size_t i = 0; i < shape.nblobs; i++) {
    char name[24];
    snprintf(name, sizeof name, "b%zu", shape.ndim + i);
    if (!ens_blobs_add(&blobs, name, ENS_BLOB_NUMBER, 1)) abort();
  }
  char rng[] = "philox4x64-10", moves[] = "[{\"stretch\":2}]", engine[] = "Lua 5.4", version[] = "0.1";
  char script_name[] = "run.lua", script[] = "return 1", argv[] = "[\"run.lua\"]", extra[] = "{\"model\":\"00\"}";
  ens_store_record record = {.nwalkers = shape.nwalkers,
                             .ndim = shape.ndim,
                             .parameters = names,
                             .blobs = blobs,
                             .thin_by = 2,
                             .seed = 0xfedcba9876543210u,
                             .rng = rng,
                             .moves = moves,
                             .engine = engine,
                             .version = version,
                             .script_name = script_name,
                             .script = script,
                             .argv = argv,
                             .extra = extra};
  fixture_step state = step_make(shape, 1);
  step_fill(&state, shape, 0);
  ens_store_checkpoint start = {.coords = state.coords, .log_prob = state.log_prob, .blobs = state.blobs};
  ens_store *store = NULL;
  ens_status status = ens_store_create(path, &record, &start, options, &store, error);
  if ((status == ENS_OK) != (store != NULL)) abort();
  step_free(&state);
  for (size_t i = 0; i < shape.ndim; i++) free(names[i]);
  free(names);
  ens_blobs_free(&blobs);
  return store;
}

/* Feeds steps first .. last. */
static inline ens_status fixture_feed(ens_store *store, fixture_shape shape, uint64_t first, uint64_t last,
                                      ens_error *error) {
  fixture_step state = step_make(shape, 1);
  ens_sink *sink = ens_store_sink(store);
  ens_status status = ENS_OK;
  for (uint64_t i = first; status == ENS_OK && i <= last; i++) {
    step_fill(&state, shape, i);
    ens_step step = {i, state.coords, state.log_prob, state.blobs, state.accepted, 0};
    status = sink->ops->step(sink, &step, error);
  }
  step_free(&state);
  return status;
}

/* ---- checking ---- */

/* Counts the numbers in steps start + 1 .. start + count that differ from those that were fed. */
static inline size_t count_wrong(fixture_shape shape, const fixture_step *got, uint64_t start, size_t count) {
  fixture_step want = step_make(shape, 1);
  size_t wrong = 0, w = shape.nwalkers, d = w * shape.ndim, b = w * shape.nblobs;
  for (size_t i = 0; i < count; i++) {
    step_fill(&want, shape, start + i + 1);
    wrong += memcmp(want.coords, got->coords + i * d, d * sizeof(double)) != 0;
    wrong += memcmp(want.log_prob, got->log_prob + i * w, w * sizeof(double)) != 0;
    wrong += b && memcmp(want.blobs, got->blobs + i * b, b * sizeof(double)) != 0;
    wrong += memcmp(want.accepted, got->accepted + i * w, w) != 0;
  }
  step_free(&want);
  return wrong;
}

/* Reads the whole chain in blocks; checks every number and the length (at least `least`). Returns the length. */
static inline uint64_t check_chain(const char *path, fixture_shape shape, uint64_t least, size_t block) {
  ens_error error = ENS_ERROR_NONE;
  ens_chain *chain = NULL;
  CHECK(ens_stored_chain_open(path, &chain, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  if (!chain) return ens_error_clear(&error), 0;
  CHECK(chain->nwalkers == shape.nwalkers && chain->ndim == shape.ndim && chain->ncells == shape.nblobs);
  CHECK(chain->nsteps >= least);
  fixture_step got = step_make(shape, block);
  for (uint64_t start = 0; start < chain->nsteps; start += block) {
    size_t count = chain->nsteps - start < block ? (size_t)(chain->nsteps - start) : block;
    CHECK(ens_chain_read(chain,
                         &(ens_chain_steps){.start = start,
                                            .count = count,
                                            .coords = got.coords,
                                            .log_prob = got.log_prob,
                                            .blobs = shape.nblobs ? got.blobs : NULL,
                                            .accepted = got.accepted},
                         &error) == ENS_OK);
    CHECK_STRING(ens_error_text(&error), "");
    if (error.status) break;
    CHECK(count_wrong(shape, &got, start, count) == 0);
  }
  step_free(&got);
  uint64_t nsteps = chain->nsteps;
  chain->ops->destroy(chain);
  ens_error_clear(&error);
  return nsteps;
}

/* One number from a statement, over a connection of its own; -1: an error. */
static inline int64_t ask(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  sqlite3_stmt *row = NULL;
  int64_t answer = -1;
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
    sqlite3_busy_timeout(db, 10000);
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
      answer = sqlite3_column_int64(row, 0);
  }
  sqlite3_finalize(row);
  sqlite3_close(db);
  return answer;
}

/* Changes a file without the store's knowledge. */
static inline int tell(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
  sqlite3_busy_timeout(db, 10000);
  if (code == SQLITE_OK) code = sqlite3_exec(db, sql, NULL, NULL, NULL);
  sqlite3_close(db);
  return code;
}

static inline int64_t file_size(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

/* Checks by SQLite alone that the file is intact and that its chunks have no gaps and no overlaps. */
static inline void check_whole(const char *path) {
  CHECK(ask(path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0);
  CHECK(ask(path,
            "SELECT count(*) FROM chunk AS c WHERE c.start <> coalesce((SELECT max(p.start + p.nsteps) FROM "
            "chunk AS p WHERE p.run_id = c.run_id AND p.start < c.start), 0)") == 0);
  CHECK(ask(path, "SELECT (SELECT coalesce(max(start + nsteps), 0) FROM chunk) = nstored FROM run") == 1);
  CHECK(ask(path, "SELECT (SELECT step FROM checkpoint) = nstored FROM run") == 1);
}

#endif
