/* The store without errors: the steps come back from the file, also while it is being written. */
#include <time.h>

#include "store/info.h"
#include "store/resume.h"
#include "store/stored_chain.h"
#include "store_fixture.h"

static void write_run(const char *path, fixture_shape shape, const ens_store_options *options, uint64_t nsteps,
                      uint64_t flush_every) {
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, options, &error);
  CHECK_STRING(ens_error_text(&error), "");
  if (!store) return;
  for (uint64_t i = 0; i < nsteps; i += flush_every) {
    uint64_t last = i + flush_every < nsteps ? i + flush_every : nsteps;
    CHECK(fixture_feed(store, shape, i + 1, last, &error) == ENS_OK);
    CHECK(ens_store_flush(store, &error) == ENS_OK);
    CHECK(ens_store_committed(store) == last);
  }
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  ens_error_clear(&error);
}

static void check_round_trip(fixture_shape shape, uint64_t nsteps, uint64_t flush_every, const char *journal) {
  const char *path = at("round.db");
  ens_store_options options = quick_options();
  options.journal = journal;
  options.commit_every = 0.001;
  write_run(path, shape, &options, nsteps, flush_every);
  CHECK(check_chain(path, shape, nsteps, 7) == nsteps);
  CHECK(check_chain(path, shape, nsteps, 1000) == nsteps);
  check_whole(path);
  CHECK(file_size(at("round.db-wal")) == -1 && file_size(at("round.db-journal")) == -1);
  remove(path);
}

TEST(round_trips) {
  check_round_trip((fixture_shape){1, 1, 0, 0}, 1, 1, "auto");
  check_round_trip((fixture_shape){4, 2, 0, 0}, 10, 1, "wal");
  check_round_trip((fixture_shape){32, 5, 0, 1}, 3000, 500, "auto");
  check_round_trip((fixture_shape){32, 5, 2, 1}, 2000, 93, "wal");
  check_round_trip((fixture_shape){32, 5, 2, 0}, 2000, 93, "delete");
  check_round_trip((fixture_shape){7, 3, 1, 0}, 500, 1, "delete");
}

/* More steps than a buffer holds, with rare commits: the buffers fill and the sampler has to wait. */
TEST(more_than_the_buffers_hold) {
  fixture_shape shape = {128, 20, 1, 0};
  const char *path = at("large.db");
  ens_store_options options = quick_options();
  options.commit_every = 1000;
  write_run(path, shape, &options, 1500, 1500); /* 34 MB */
  CHECK(check_chain(path, shape, 1500, 400) == 1500);
  check_whole(path);
  CHECK(ask(path, "SELECT max(length(accepted) + length(log_prob) + length(chain)) FROM chunk") <= 8 << 20);
  CHECK(ask(path, "SELECT count(DISTINCT codec) FROM chunk") == 1);
  CHECK(ask(path, "SELECT count(*) FROM chunk WHERE codec = 'raw'") >= 4);
  int64_t payload = 1500 * 128 * (1 + 8 * (1 + 20 + 1));
  CHECK(file_size(path) <= payload + payload / 20);
  remove(path);
}

/* A step that is larger than a buffer is a chunk of its own. */
TEST(a_step_larger_than_a_chunk) {
  fixture_shape shape = {3000, 400, 0, 0};
  const char *path = at("wide.db");
  ens_store_options options = quick_options();
  write_run(path, shape, &options, 3, 3);
  CHECK(check_chain(path, shape, 3, 1) == 3);
  CHECK(ask(path, "SELECT count(*) FROM chunk WHERE nsteps = 1") == 3);
  remove(path);
}

TEST(repeats_are_compressed) {
  fixture_shape shape = {32, 5, 1, 1};
  const char *path = at("packed.db");
  ens_store_options options = quick_options();
  options.commit_every = 1000;
  write_run(path, shape, &options, 20000, 20000);
  CHECK(check_chain(path, shape, 20000, 999) == 20000);
  CHECK(ask(path, "SELECT count(*) FROM chunk WHERE codec <> 'zlib'") == 0);
  CHECK(ask(path, "SELECT count(*) FROM blob_chunk WHERE codec <> 'zlib'") == 0);
  CHECK(file_size(path) < 20000 * 32 * (1 + 8 * 7) / 2);
  remove(path);
}

/* With a commit per step, the last chunk grows, and not every commit makes a chunk or a row of diag. */
TEST(slow_runs_make_few_rows) {
  fixture_shape shape = {8, 3, 1, 0};
  const char *path = at("slow.db");
  ens_store_options options = quick_options();
  write_run(path, shape, &options, 1500, 1);
  CHECK(check_chain(path, shape, 1500, 64) == 1500);
  check_whole(path);
  int64_t payload = 1500 * 8 * (1 + 8 * 5); /* 492 kB */
  CHECK(ask(path, "SELECT count(*) FROM chunk") == payload / (256 << 10) + 1);
  CHECK(ask(path, "SELECT count(*) FROM diag") >= 64);
  CHECK(ask(path, "SELECT count(*) FROM diag") <= 64 + payload / 16384 + 1);
  CHECK(ask(path, "SELECT max(step) FROM diag") == 1500);
  remove(path);
}

/* The next session continues the last chunk too. */
TEST(sessions_grow_one_chunk) {
  fixture_shape shape = {5, 2, 2, 0};
  const char *path = at("sessions.db");
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  write_run(path, shape, &options, 10, 10);
  for (uint64_t i = 10; i < 60; i += 10) {
    ens_store *store;
    ens_store_record record;
    ens_store_checkpoint checkpoint;
    CHECK(ens_store_resume(path, &options, &store, &record, &checkpoint, &error) == ENS_OK);
    CHECK_STRING(ens_error_text(&error), "");
    if (!store) return;
    CHECK(checkpoint.step == i && ens_store_committed(store) == i);
    fixture_step want = step_make(shape, 1);
    step_fill(&want, shape, i);
    CHECK(!memcmp(checkpoint.coords, want.coords, 10 * sizeof(double)));
    CHECK(!memcmp(checkpoint.log_prob, want.log_prob, 5 * sizeof(double)));
    CHECK(!memcmp(checkpoint.blobs, want.blobs, 10 * sizeof(double)));
    uint64_t accepted = 0;
    for (uint64_t s = 1; s <= i; s++) accepted += accepted_at(shape, s, 4);
    CHECK(checkpoint.naccepted[4] == accepted);
    step_free(&want);
    ens_store_record_free(&record);
    ens_store_checkpoint_free(&checkpoint);
    CHECK(fixture_feed(store, shape, i + 1, i + 10, &error) == ENS_OK);
    CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, &error) == ENS_OK);
  }
  CHECK(check_chain(path, shape, 60, 11) == 60);
  check_whole(path);
  CHECK(ask(path, "SELECT count(*) FROM chunk") == 1);
  CHECK(ask(path, "SELECT count(*) FROM session WHERE ended IS NOT NULL AND last_step - first_step = 10") == 6);
  CHECK(ask(path, "SELECT exit_status FROM session ORDER BY session_id DESC LIMIT 1") == 75);
  remove(path);
}

TEST(record_comes_back) {
  fixture_shape shape = {6, 2, 1, 0};
  const char *path = at("record.db");
  ens_store_options options = quick_options();
  options.job_id = "4711.batch";
  ens_error error = ENS_ERROR_NONE;
  write_run(path, shape, &options, 4, 4);
  ens_store_info info;
  CHECK(ens_store_info_read(path, &info, &error) == ENS_OK);
  CHECK(info.record.nwalkers == 6 && info.record.ndim == 2 && info.record.blobs.count == 1 && info.record.thin_by == 2);
  CHECK(info.record.seed == 0xfedcba9876543210u);
  CHECK_STRING(info.record.parameters[1], "p1");
  CHECK_STRING(info.record.blobs.def[0].name, "b2");
  CHECK_STRING(info.record.rng, "philox4x64-10");
  CHECK_STRING(info.record.moves, "[{\"stretch\":2}]");
  CHECK_STRING(info.record.engine, "Lua 5.4");
  CHECK_STRING(info.record.version, "0.1");
  CHECK_STRING(info.record.script_name, "run.lua");
  CHECK_STRING(info.record.script, "return 1");
  CHECK_STRING(info.record.argv, "[\"run.lua\"]");
  CHECK_STRING(info.record.extra, "{\"model\":\"00\"}");
  CHECK(info.status == ENS_RUN_FINISHED && info.steps == 4 && !info.live && info.nsessions == 1);
  CHECK(info.workers == 3 && info.ranks == 1);
  CHECK(info.created > 1.6e9 && info.updated >= info.created);
  ens_store_info_free(&info);
  CHECK(ask(path, "SELECT job_id = '4711.batch' FROM session") == 1);
  CHECK(ask(path, "SELECT name = 'record' FROM run") == 1);
  CHECK(ask(path,
            "SELECT script_sha256 = '486d9affb60dbb0063b03d8e23a6ccf6364ce203dc3a9f56f20e750eb41ecade' FROM run") == 1);
  CHECK(ask(path, "PRAGMA application_id") == 0x454E534C);
  CHECK(ask(path, "PRAGMA user_version") == 1);
  ens_error_clear(&error);
  remove(path);
}

static ens_store_counts some_counts(const ens_evaluator_stats *worker, size_t nworkers, uint64_t evaluations) {
  return (ens_store_counts){.tau = 12.5,
                            .evaluations = evaluations,
                            .errors = 3,
                            .nans = 2,
                            .wall_s = 10.25,
                            .model_s = 20.5,
                            .nworkers = nworkers,
                            .worker = worker};
}

static void close_with_counts(ens_store *store, const ens_evaluator_stats *worker, size_t nworkers,
                              uint64_t evaluations) {
  ens_error error = ENS_ERROR_NONE;
  ens_store_counts counts = some_counts(worker, nworkers, evaluations);
  ens_store_set_counts(store, &counts);
  CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, &error) == ENS_OK);
  ens_error_clear(&error);
}

/* Counts are those of the whole run; the row of a session has its own, and info adds them up again. */
TEST(counts_are_of_the_whole_run) {
  fixture_shape shape = {4, 1, 0, 0};
  const char *path = at("counts.db");
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  ens_evaluator_stats workers[2] = {{0, 0, 60, 1.5, ""}, {1, 7, 40, 0.0000005, "node-7.x"}};
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 5, &error) == ENS_OK);
  close_with_counts(store, workers, 2, 100);
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  CHECK(ens_store_resume(path, &options, &store, &record, &checkpoint, &error) == ENS_OK);
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  CHECK(fixture_feed(store, shape, 6, 8, &error) == ENS_OK);
  close_with_counts(store, workers, 2, 160);
  ens_store_info info;
  CHECK(ens_store_info_read(path, &info, &error) == ENS_OK);
  CHECK(info.evaluations == 160 && info.errors == 3 && info.nans == 2 && info.nsessions == 2);
  CHECK(info.wall_s == 10.25 && info.model_s == 20.5 && info.nworkers == 2);
  if (info.nworkers == 2) {
    CHECK(info.worker[0].evaluations == 60 && info.worker[0].busy_s == 1.5);
    CHECK(info.worker[1].rank == 1 && info.worker[1].worker == 7);
    CHECK_NEAR(info.worker[1].busy_s, 1e-6, 1e-15);
  }
  double accepted = 0;
  for (uint64_t s = 1; s <= 8; s++)
    for (size_t k = 0; k < 4; k++) accepted += accepted_at(shape, s, k);
  CHECK_NEAR(info.acceptance_fraction, accepted / 32, 1e-15);
  ens_store_info_free(&info);
  CHECK(ask(path, "SELECT evaluations FROM session ORDER BY session_id DESC LIMIT 1") == 60);
  CHECK(ask(path, "SELECT evaluations FROM diag ORDER BY step DESC LIMIT 1") == 160);
  CHECK(ask(path, "SELECT rejected_errors FROM diag ORDER BY step DESC LIMIT 1") == 5);
  CHECK(ask(path, "SELECT tau = 12.5 AND ess = 4 * 8 / 12.5 AND rhat IS NULL FROM diag WHERE step = 8") == 1);
  ens_error_clear(&error);
  remove(path);
}

TEST(diag_follows_from_the_steps) {
  fixture_shape shape = {3, 1, 0, 0};
  const char *path = at("diag.db");
  ens_store_options options = quick_options();
  write_run(path, shape, &options, 2, 2);
  double mean = 0, max = -1;
  for (size_t k = 0; k < 3; k++) {
    double x = number_at(shape, 2, k, 0);
    mean += x / 3;
    if (x > max) max = x;
  }
  char sql[256];
  snprintf(sql, sizeof sql, "SELECT abs(log_prob_mean - %.17g) < 1e-15 AND log_prob_max = %.17g FROM diag", mean, max);
  CHECK(ask(path, sql) == 1);
  CHECK(ask(path, "SELECT tau IS NULL AND ess IS NULL AND evaluations IS NULL FROM diag") == 1);
  remove(path);
}

TEST(log_lines_are_kept_in_order) {
  fixture_shape shape = {2, 1, 0, 0};
  const char *path = at("log.db");
  ens_store_options options = quick_options();
  options.commit_every = 1000;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  ens_store_log(store, "warning", "first; it's \"odd\"");
  ens_store_log(store, "error", "second");
  ens_store_log(store, "shout", "third");
  for (int i = 0; i < 10000; i++) ens_store_log(store, "info", "many");
  CHECK(ens_store_close(store, ENS_RUN_FAILED, 1, &error) == ENS_OK);
  CHECK(ask(path, "SELECT count(*) FROM log") == 10003);
  CHECK(ask(path, "SELECT message = 'first; it''s \"odd\"' AND level = 'warning' FROM log WHERE id = 1") == 1);
  CHECK(ask(path, "SELECT level = 'error' FROM log WHERE id = 2") == 1);
  CHECK(ask(path, "SELECT level = 'info' FROM log WHERE id = 3") == 1);
  CHECK(ask(path, "SELECT status = 'failed' FROM run") == 1);
  ens_error_clear(&error);
  remove(path);
}

/* A reader sees the committed steps while the writer writes more. */
static void check_reading_while_writing(const char *journal) {
  fixture_shape shape = {16, 4, 1, 1};
  const char *path = at("open.db");
  ens_store_options options = quick_options();
  options.journal = journal;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(check_chain(path, shape, 0, 10) == 0);
  ens_chain *early = NULL;
  for (uint64_t i = 0; i < 600; i += 60) {
    CHECK(fixture_feed(store, shape, i + 1, i + 60, &error) == ENS_OK);
    CHECK(ens_store_flush(store, &error) == ENS_OK);
    CHECK(check_chain(path, shape, i + 60, 50) == i + 60);
    if (!early) CHECK(ens_stored_chain_open(path, &early, &error) == ENS_OK);
    ens_store_info info;
    CHECK(ens_store_info_read(path, &info, &error) == ENS_OK);
    CHECK(info.steps == i + 60 && info.live && info.status == ENS_RUN_RUNNING);
    ens_store_info_free(&info);
  }
  /* a chain keeps the length that it had when it was opened, although its last chunk has grown */
  double log_prob[60 * 16];
  CHECK(early->nsteps == 60);
  CHECK(ens_chain_read(early, &(ens_chain_steps){.start = 0, .count = 60, .log_prob = log_prob}, &error) == ENS_OK);
  CHECK(log_prob[59 * 16] == number_at(shape, 60, 0, 0));
  CHECK(ens_chain_read(early, &(ens_chain_steps){.start = 1, .count = 60, .log_prob = log_prob}, &error) == ENS_CONFIG);
  early->ops->destroy(early);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  CHECK(file_size(at("open.db-wal")) == -1);
  ens_error_clear(&error);
  remove(path);
}

TEST(reading_while_writing) {
  check_reading_while_writing("wal");
  check_reading_while_writing("delete");
}

/* Any range, any columns, in any order. */
TEST(arbitrary_reads) {
  fixture_shape shape = {3, 2, 2, 0};
  const char *path = at("ranges.db");
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  ens_chain *chain = NULL;
  write_run(path, shape, &options, 7000, 2500);
  CHECK(ask(path, "SELECT count(*) FROM chunk") >= 2);
  CHECK(ens_stored_chain_open(path, &chain, &error) == ENS_OK);
  if (!chain) return;
  fixture_step got = step_make(shape, 7000);
  for (uint64_t i = 0; i < 300; i++) {
    uint64_t start = mix(i) % 7000;
    size_t count = (size_t)(mix(i + 1000) % (7001 - start));
    unsigned want = (unsigned)(mix(i + 2000) % 16);
    CHECK(ens_chain_read(chain,
                         &(ens_chain_steps){.start = start,
                                            .count = count,
                                            .coords = got.coords,
                                            .log_prob = got.log_prob,
                                            .blobs = got.blobs,
                                            .accepted = got.accepted},
                         &error) == ENS_OK);
    CHECK(count_wrong(shape, &got, start, count) == 0);
    CHECK(ens_chain_read(chain,
                         &(ens_chain_steps){.start = start,
                                            .count = count,
                                            .coords = want & 1 ? got.coords : NULL,
                                            .log_prob = want & 2 ? got.log_prob : NULL,
                                            .blobs = want & 4 ? got.blobs : NULL,
                                            .accepted = want & 8 ? got.accepted : NULL},
                         &error) == ENS_OK);
    CHECK(count_wrong(shape, &got, start, count) == 0);
  }
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 7000, .count = 0, .coords = got.coords}, &error) == ENS_OK);
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = UINT64_MAX, .count = 2, .coords = got.coords}, &error) ==
        ENS_CONFIG);
  step_free(&got);
  chain->ops->destroy(chain);
  ens_error_clear(&error);
  remove(path);
}

TEST(steps_must_come_in_order) {
  fixture_shape shape = {2, 1, 0, 0};
  const char *path = at("order.db");
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 2, &error) == ENS_OK);
  CHECK(fixture_feed(store, shape, 4, 4, &error) == ENS_IO);
  CHECK(strstr(ens_error_text(&error), "step 4 came after step 2") != NULL);
  ens_error_clear(&error);
  CHECK(ens_store_close(store, ENS_RUN_FAILED, 1, &error) == ENS_OK);
  CHECK(check_chain(path, shape, 2, 5) == 2);
  ens_error_clear(&error);
  remove(path);
}

/* Heartbeats come without steps, and commits without a flush. */
TEST(a_waiting_writer_shows_life) {
  fixture_shape shape = {2, 1, 0, 0};
  const char *path = at("alive.db");
  ens_store_options options = quick_options();
  options.commit_every = 0.01;
  ens_error error = ENS_ERROR_NONE;
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  CHECK(fixture_feed(store, shape, 1, 1, &error) == ENS_OK);
  struct timespec t = {0, 10000000};
  for (int i = 0; i < 6000 && ens_store_committed(store) < 1; i++) nanosleep(&t, NULL);
  CHECK(ens_store_committed(store) == 1);
  CHECK(tell(path, "UPDATE session SET heartbeat = 0") == SQLITE_OK);
  for (int i = 0; i < 6000 && ask(path, "SELECT heartbeat > 0 FROM session") != 1; i++) nanosleep(&t, NULL);
  CHECK(ask(path, "SELECT heartbeat > 0 FROM session") == 1);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  ens_error_clear(&error);
  remove(path);
}

/* For the store, infinities are numbers. */
TEST(infinite_log_prob) {
  const char *path = at("inf.db");
  ens_store_options options = quick_options();
  ens_error error = ENS_ERROR_NONE;
  fixture_shape shape = {1, 1, 0, 0};
  ens_store *store = fixture_create(path, shape, &options, &error);
  if (!store) return;
  double x = -0.0, log_prob = -INFINITY, got_x = 1, got = 0;
  uint8_t accepted = 0;
  ens_step step = {1, &x, &log_prob, NULL, &accepted, 0};
  CHECK(ens_store_sink(store)->ops->step(ens_store_sink(store), &step, &error) == ENS_OK);
  CHECK(ens_store_close(store, ENS_RUN_FINISHED, 0, &error) == ENS_OK);
  ens_chain *chain = NULL;
  CHECK(ens_stored_chain_open(path, &chain, &error) == ENS_OK);
  if (!chain) return;
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 0, .count = 1, .coords = &got_x, .log_prob = &got}, &error) ==
        ENS_OK);
  CHECK(got == -INFINITY && got_x == 0 && signbit(got_x));
  chain->ops->destroy(chain);
  ens_error_clear(&error);
  remove(path);
}

int main(void) {
  fixture_begin();
  RUN(round_trips);
  RUN(more_than_the_buffers_hold);
  RUN(a_step_larger_than_a_chunk);
  RUN(repeats_are_compressed);
  RUN(slow_runs_make_few_rows);
  RUN(sessions_grow_one_chunk);
  RUN(record_comes_back);
  RUN(counts_are_of_the_whole_run);
  RUN(diag_follows_from_the_steps);
  RUN(log_lines_are_kept_in_order);
  RUN(reading_while_writing);
  RUN(arbitrary_reads);
  RUN(steps_must_come_in_order);
  RUN(a_waiting_writer_shows_life);
  RUN(infinite_log_prob);
  fixture_end();
  return unit_report();
}
