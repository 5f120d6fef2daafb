/* The archive of a run: looking at an output, creating, resuming and closing its store. */
#include "run/parts/archive.h"

#include "store/store_fixture.h"

static const fixture_shape shape = {4, 2, 0, 0};

static struct {
  int calls;
  int fail_at;        /* the call that finds a difference; 0: none */
  const char *forced; /* differences that may be forced; NULL: none */
} comparing;

static ens_status compare(void *context, const ens_store_record *stored, char **forced, ens_error *error) {
  CHECK(context == &comparing && stored->nwalkers == shape.nwalkers);
  comparing.calls++;
  if (comparing.calls == comparing.fail_at) return ens_error_set(error, ENS_CONFIG, "it differs");
  if (comparing.forced && !forced) return ens_error_set(error, ENS_CONFIG, "it differs");
  if (comparing.forced) {
    free(*forced);
    *forced = strdup(comparing.forced);
  }
  return ENS_OK;
}

static ens_archive_options options_of(const char *path) {
  memset(&comparing, 0, sizeof comparing);
  return (ens_archive_options){
      .path = path, .commit_every = 0.005, .engine = "Lua 5.4", .ranks = 1, .compare = compare, .context = &comparing};
}

/* A store with that many steps, closed with `status`. */
static const char *stored(const char *name, uint64_t steps, ens_store_run_status status) {
  ens_store_options options = quick_options();
  ens_store *store = fixture_create(at(name), shape, &options, NULL);
  CHECK(fixture_feed(store, shape, 1, steps, NULL) == ENS_OK);
  CHECK(ens_store_close(store, status, 0, NULL) == ENS_OK);
  return at(name);
}

static char *names[] = {(char[]){"p0"}, (char[]){"p1"}};

static ens_store_record record_of(void) {
  static char rng[] = "philox4x64-10", moves[] = "[]", engine[] = "Lua 5.4", version[] = "0.1", extra[] = "{}";
  return (ens_store_record){.nwalkers = shape.nwalkers,
                            .ndim = shape.ndim,
                            .parameters = names,
                            .thin_by = 2,
                            .seed = 5,
                            .rng = rng,
                            .moves = moves,
                            .engine = engine,
                            .version = version,
                            .extra = extra};
}

TEST(in_memory_there_is_no_store) {
  ens_archive archive;
  ens_archive_options options = options_of(NULL);
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(!archive.stored_before && ens_archive_committed(&archive) == 0 && comparing.calls == 0);
  CHECK(ens_archive_save(&archive, ENS_STOPPED, NULL) == ENS_STOPPED);
  ens_archive_log(&archive, "info", "nobody reads this");
  CHECK(ens_archive_close(&archive, ENS_RUN_FINISHED, 0, NULL) == ENS_OK);
  ens_archive_free(&archive);
}

TEST(resume_never_and_must_are_errors) {
  ens_archive archive;
  ens_error error = ENS_ERROR_NONE;
  ens_archive_options options = options_of(stored("never.db", 1, ENS_RUN_FINISHED));
  options.never = true;
  CHECK(ens_archive_open(&archive, &options, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "exists, and resume is \"never\""));
  ens_archive_free(&archive);
  options = options_of(at("missing.db"));
  options.must = true;
  CHECK(ens_archive_open(&archive, &options, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "does not exist, and resume is \"must\""));
  ens_archive_free(&archive);
  options = options_of("/nowhere/at/all.db");
  CHECK(ens_archive_open(&archive, &options, &error) != ENS_OK);
  ens_archive_free(&archive);
  ens_error_clear(&error);
}

TEST(open_looks_and_leaves_the_store_alone) {
  ens_archive archive;
  ens_archive_options options = options_of(stored("look.db", 9, ENS_RUN_STOPPED));
  int64_t sessions = ask(options.path, "SELECT count(*) FROM session");
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(archive.stored_before && !archive.settled && archive.checkpoint.step == 9 && !archive.checkpoint.coords);
  CHECK(archive.base == 9 && ens_archive_committed(&archive) == 9 && comparing.calls == 1);
  CHECK(ask(options.path, "SELECT count(*) FROM session") == sessions);
  ens_archive_free(&archive);
  options.replayed = true;
  options.base = 3;
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(archive.base == 3);
  ens_archive_free(&archive);
  options = options_of(stored("settled.db", 2, ENS_RUN_FINISHED));
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(archive.settled);
  ens_archive_free(&archive);
}

TEST(creates_a_store_and_closes_it) {
  ens_archive archive;
  ens_archive_options options = options_of(at("new.db"));
  ens_store_record record = record_of();
  double numbers[8] = {0};
  ens_store_checkpoint start = {.coords = numbers, .log_prob = numbers, .blobs = numbers};
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  archive.target = 3;
  CHECK(ens_archive_create(&archive, &record, &start, 2, NULL) == ENS_OK);
  CHECK(fixture_feed(archive.store, shape, 1, 3, NULL) == ENS_OK);
  ens_store_counts counts = {.evaluations = 12, .tau = NAN, .ess = NAN};
  ens_archive_set_counts(&archive, &counts);
  CHECK(counts.target == 3 && counts.base == 0);
  ens_chain *chain = NULL;
  CHECK(ens_archive_read(&archive, 3, &chain, NULL) == ENS_OK && chain->nsteps == 3);
  CHECK(ens_archive_committed(&archive) == 3);
  CHECK(ens_archive_close(&archive, ENS_RUN_FINISHED, 0, NULL) == ENS_OK && !archive.store);
  ens_archive_free(&archive);
  CHECK(ask(options.path, "SELECT status = 'finished' FROM run") == 1);
  CHECK(ask(options.path, "SELECT evaluations FROM session") == 12);
}

TEST(an_endless_run_has_no_target) {
  ens_archive archive = {.target = ENS_ARCHIVE_ENDLESS - 1};
  CHECK(ens_archive_target(&archive) == ENS_ARCHIVE_ENDLESS - 1);
  archive.target = ENS_ARCHIVE_ENDLESS;
  CHECK(ens_archive_target(&archive) == 0);
}

TEST(resumes_with_the_stored_state_and_compares_again) {
  ens_archive archive;
  ens_store_record record = record_of();
  ens_archive_options options = options_of(stored("resume.db", 5, ENS_RUN_STOPPED));
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(ens_archive_resume(&archive, &record, 1, NULL) == ENS_OK);
  CHECK(archive.checkpoint.step == 5 && archive.checkpoint.coords && archive.checkpoint.naccepted);
  CHECK(comparing.calls == 3);
  CHECK(fixture_feed(archive.store, shape, 6, 7, NULL) == ENS_OK);
  CHECK(ens_archive_close(&archive, ENS_RUN_STOPPED, 75, NULL) == ENS_OK);
  ens_archive_free(&archive);
  CHECK(check_chain(options.path, shape, 7, 16) == 7);
}

TEST(a_store_that_changed_meanwhile_is_not_resumed) {
  ens_archive archive;
  ens_store_record record = record_of();
  ens_archive_options options = options_of(stored("changed.db", 5, ENS_RUN_STOPPED));
  comparing.fail_at = 2;
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(ens_archive_resume(&archive, &record, 1, NULL) == ENS_CONFIG && !archive.store);
  ens_archive_free(&archive);
  CHECK(ask(options.path, "SELECT count(*) FROM session") == 1);
}

TEST(a_store_that_changed_while_it_was_opened_is_closed) {
  ens_archive archive;
  ens_store_record record = record_of();
  ens_archive_options options = options_of(stored("late.db", 5, ENS_RUN_STOPPED));
  comparing.fail_at = 3;
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(ens_archive_resume(&archive, &record, 1, NULL) == ENS_CONFIG && !archive.store);
  CHECK(ask(options.path, "SELECT status = 'stopped' FROM run") == 1);
  CHECK(ens_archive_resume(&archive, &record, 1, NULL) == ENS_OK && comparing.calls == 5);
  CHECK(ens_archive_close(&archive, ENS_RUN_STOPPED, 75, NULL) == ENS_OK);
  ens_archive_free(&archive);
}

TEST(forced_differences_and_another_engine_go_to_the_log) {
  ens_archive archive;
  ens_store_record record = record_of();
  ens_archive_options options = options_of(stored("forced.db", 5, ENS_RUN_STOPPED));
  options.force = true;
  options.engine = "LuaJIT 2.1";
  comparing.forced = "\n  seed: 1 there, 2 here";
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(ens_archive_resume(&archive, &record, 1, NULL) == ENS_OK);
  CHECK(ens_archive_close(&archive, ENS_RUN_STOPPED, 75, NULL) == ENS_OK);
  ens_archive_free(&archive);
  CHECK(ask(options.path, "SELECT count(*) FROM log WHERE message LIKE '%from step 5 on:%seed: 1 there%'") == 1);
  CHECK(ask(options.path, "SELECT count(*) FROM log WHERE message LIKE '%LuaJIT 2.1%'") == 1);
}

TEST(save_logs_the_error_and_keeps_it) {
  ens_archive archive;
  ens_store_record record = record_of();
  ens_archive_options options = options_of(stored("save.db", 5, ENS_RUN_STOPPED));
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_archive_open(&archive, &options, NULL) == ENS_OK);
  CHECK(ens_archive_resume(&archive, &record, 1, NULL) == ENS_OK);
  ens_error_set(&error, ENS_MODEL, "the model broke");
  CHECK(ens_archive_save(&archive, ENS_MODEL, &error) == ENS_MODEL);
  CHECK_STRING(ens_error_text(&error), "the model broke");
  CHECK(!archive.failure_reported);
  CHECK(ens_archive_close(&archive, ENS_RUN_FAILED, 1, NULL) == ENS_OK);
  CHECK(ask(options.path, "SELECT count(*) FROM log WHERE level = 'error' AND message = 'the model broke'") == 1);
  ens_error_clear(&error);
  ens_archive_free(&archive);
}

int main(void) {
  fixture_begin();
  RUN(in_memory_there_is_no_store);
  RUN(resume_never_and_must_are_errors);
  RUN(open_looks_and_leaves_the_store_alone);
  RUN(creates_a_store_and_closes_it);
  RUN(an_endless_run_has_no_target);
  RUN(resumes_with_the_stored_state_and_compares_again);
  RUN(a_store_that_changed_meanwhile_is_not_resumed);
  RUN(a_store_that_changed_while_it_was_opened_is_closed);
  RUN(forced_differences_and_another_engine_go_to_the_log);
  RUN(save_logs_the_error_and_keeps_it);
  fixture_end();
  return unit_report();
}
