/* Every allocation fails in turn. Creating, resuming, reading and writing a store must end with an error, without a
 * leak, and with a store that is intact or absent. The count is atomic, because the writer's thread allocates too.
 * Under a sanitizer, which has its own allocator, the test runs without failures. */
#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SCARCE 0
#endif
#endif
#if !defined(SCARCE) && (defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__))
#define SCARCE 0
#endif
#ifndef SCARCE
#define SCARCE 1
#endif

#include "store/create.h"
#include "store/info.h"
#include "store/resume.h"
#include "store/stored_chain.h"
#include "store_fixture.h"

static atomic_long left = LONG_MAX; /* allocations that still succeed; only the next one fails */
static atomic_long held;            /* allocated blocks */

#if SCARCE

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *old);

static int refuses(void) {
  return atomic_fetch_sub(&left, 1) == 0;
}

static void *count_block(void *fresh) {
  if (fresh) atomic_fetch_add(&held, 1);
  return fresh;
}

void *malloc(size_t size) {
  return refuses() ? NULL : count_block(__libc_malloc(size));
}
void *calloc(size_t count, size_t size) {
  return refuses() ? NULL : count_block(__libc_calloc(count, size));
}
void *realloc(void *old, size_t size) {
  if (refuses()) return NULL;
  void *fresh = __libc_realloc(old, size);
  if (fresh && !old) atomic_fetch_add(&held, 1);
  return fresh;
}
void free(void *old) {
  if (old) atomic_fetch_sub(&held, 1);
  __libc_free(old);
}
#endif

static const fixture_shape shape = {4, 2, 1, 0};

/* A task on the store at the path, which leaves the store as it was. */
typedef ens_status (*action)(const char *path, ens_error *error);

static ens_status read_info(const char *path, ens_error *error) {
  ens_store_info info;
  ens_status status = ens_store_info_read(path, &info, error);
  ens_store_info_free(&info);
  return status;
}

static ens_status read_chain(const char *path, ens_error *error) {
  double coords[8], log_prob[4], blobs[4];
  uint8_t accepted[4];
  ens_chain *chain;
  ens_status status = ens_stored_chain_open(path, &chain, error);
  if (status != ENS_OK) return status;
  status = ens_chain_read(
      chain,
      &(ens_chain_steps){
          .start = 3, .count = 1, .coords = coords, .log_prob = log_prob, .blobs = blobs, .accepted = accepted},
      error);
  if (status == ENS_OK) CHECK(coords[0] == number_at(shape, 4, 0, 1) && blobs[3] == number_at(shape, 4, 3, 3));
  chain->ops->destroy(chain);
  return status;
}

static ens_status resume(const char *path, ens_error *error) {
  ens_store_options options = quick_options();
  options.journal = "delete";
  options.busy_limit = options.full_limit = 0.01;
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_status status = ens_store_resume(path, &options, &store, &record, &checkpoint, error);
  double numbers[8] = {0};
  uint8_t accepted[4] = {0};
  if (status == ENS_OK) {
    ens_evaluator_stats worker = {0, 0, 1, 1, ""};
    ens_store_counts counts = {.nworkers = 1, .worker = &worker};
    ens_step step = {checkpoint.step + 1, numbers, numbers, numbers, accepted, 0};
    ens_store_set_counts(store, &counts);
    ens_store_log(store, "info", "a line");
    status = ens_store_sink(store)->ops->step(ens_store_sink(store), &step, error);
    ens_status closed = ens_store_close(store, ENS_RUN_STOPPED, 75, status == ENS_OK ? error : NULL);
    if (status == ENS_OK) status = closed;
  }
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  return status;
}

static ens_status create(const char *path, ens_error *error) {
  static char name[] = "p", text[] = "x";
  char *names[] = {name, name};
  ens_blob_def blob = {name, ENS_BLOB_NUMBER, 1, 0};
  double numbers[8] = {0};
  ens_store_record record = {.nwalkers = 4, .ndim = 2, .parameters = names, .blobs = {1, 1, &blob}, .thin_by = 1};
  ens_store_record_source source[] = {{text, name, text}, {text, text, text}};
  record.script = record.folder = record.output = text;
  record.source = source;
  record.nsources = 2;
  ens_store_checkpoint start = {.coords = numbers, .log_prob = numbers, .blobs = numbers};
  ens_store_options options = quick_options();
  ens_store *store;
  remove(path);
  ens_status status = ens_store_create(path, &record, &start, &options, &store, error);
  if (status == ENS_OK) return ens_store_close(store, ENS_RUN_STOPPED, 75, error);
  CHECK(file_size(path) == -1);
  return status;
}

/* SQLite and the C library allocate some memory at their first use and keep it. */
static void check_action(action act, const char *path, long most) {
  ens_error error = ENS_ERROR_NONE;
  long failures = 0;
  CHECK(act(path, &error) == ENS_OK);
  for (long n = 0; n < (SCARCE ? most : 0); n++) {
    long before = atomic_load(&held);
    atomic_store(&left, n);
    ens_status status = act(path, &error);
    bool reached = atomic_exchange(&left, LONG_MAX) < 0;
    CHECK((status == ENS_OK) == (error.status == ENS_OK));
    if (status != ENS_OK) CHECK(ens_error_text(&error)[0] != '\0');
    failures += status != ENS_OK;
    ens_error_clear(&error);
    CHECK(atomic_load(&held) <= before);
    if (!reached) break;
  }
  CHECK(!SCARCE || failures > 10); /* the failing allocations were real */
  CHECK(act(path, &error) == ENS_OK);
  ens_error_clear(&error);
}

static void write_run(const char *path) {
  ens_store_options options = quick_options();
  ens_store *store = fixture_create(path, shape, &options, NULL);
  CHECK(store && fixture_feed(store, shape, 1, 20, NULL) == ENS_OK);
  if (store) CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, NULL) == ENS_OK);
}

TEST(reading_without_memory) {
  write_run(at("read.db"));
  check_action(read_info, at("read.db"), 100000);
  check_action(read_chain, at("read.db"), 100000);
  check_whole(at("read.db"));
}

TEST(writing_without_memory) {
  write_run(at("write.db"));
  check_action(resume, at("write.db"), 1500);
  check_whole(at("write.db"));
}

TEST(creating_without_memory) {
  check_action(create, at("create.db"), 1500);
  check_whole(at("create.db"));
}

int main(void) {
  fixture_begin();
  RUN(reading_without_memory);
  RUN(writing_without_memory);
  RUN(creating_without_memory);
  fixture_end();
  return unit_report();
}
