/* Blobs of all kinds in a file: a number, a vector, and texts whose length is not a multiple of eight. */
#include "core/model/blob.h"
#include "store/create.h"
#include "store/format/blob_type.h"
#include "store/resume.h"
#include "store/stored_chain.h"
#include "store_fixture.h"

enum { WALKERS = 3, STEPS = 40, CELLS = 1 + 3 + 2 + 1 };

static ens_blobs make_blobs(void) {
  ens_blobs blobs = {0};
  CHECK(ens_blobs_add(&blobs, "prior", ENS_BLOB_NUMBER, 1));
  CHECK(ens_blobs_add(&blobs, "flux", ENS_BLOB_VECTOR, 3));
  CHECK(ens_blobs_add(&blobs, "label", ENS_BLOB_TEXT, 11));
  CHECK(ens_blobs_add(&blobs, "flag", ENS_BLOB_TEXT, 1));
  CHECK(blobs.ncells == CELLS);
  return blobs;
}

static void fill_row(const ens_blobs *blobs, uint64_t step, size_t walker, double *row) {
  static const char letters[] = "eleven long";
  row[0] = (double)step + (double)walker / 8;
  for (size_t i = 0; i < 3; i++) row[1 + i] = -(double)(step * 10 + i);
  ens_blob_put_text(&blobs->def[2], row, letters, (step + walker) % 12);
  ens_blob_put_text(&blobs->def[3], row, walker ? "x" : "", walker ? 1 : 0);
}

static void fill_step(const ens_blobs *blobs, uint64_t step, double *rows) {
  for (size_t k = 0; k < WALKERS; k++) fill_row(blobs, step, k, rows + k * CELLS);
}

static ens_store *create(const ens_blobs *blobs, const char *path) {
  char name[] = "x", rng[] = "r", empty[] = "";
  char *names[] = {name};
  double coords[WALKERS] = {0, 1, 2}, log_prob[WALKERS] = {0}, rows[WALKERS * CELLS];
  ens_store_record record = {.nwalkers = WALKERS,
                             .ndim = 1,
                             .parameters = names,
                             .blobs = *blobs,
                             .thin_by = 1,
                             .rng = rng,
                             .moves = empty,
                             .engine = empty,
                             .version = empty};
  fill_step(blobs, 0, rows);
  ens_store_checkpoint start = {.coords = coords, .log_prob = log_prob, .blobs = rows};
  ens_store_options options = quick_options();
  ens_store *store = NULL;
  CHECK(ens_store_create(path, &record, &start, &options, &store, NULL) == ENS_OK);
  return store;
}

/* Feeds steps first .. last, then closes the store. */
static void feed(ens_store *store, const ens_blobs *blobs, uint64_t first, uint64_t last) {
  double coords[WALKERS] = {0, 1, 2}, log_prob[WALKERS] = {0}, rows[WALKERS * CELLS];
  uint8_t accepted[WALKERS] = {1, 0, 1};
  for (uint64_t i = first; i <= last; i++) {
    fill_step(blobs, i, rows);
    ens_step step = {i, coords, log_prob, rows, accepted, 0};
    CHECK(ens_store_sink(store)->ops->step(ens_store_sink(store), &step, NULL) == ENS_OK);
  }
  CHECK(ens_store_close(store, ENS_RUN_STOPPED, 75, NULL) == ENS_OK);
}

static void check_chain_rows(const ens_blobs *blobs, const char *path) {
  ens_chain *chain = NULL;
  CHECK(ens_stored_chain_open(path, &chain, NULL) == ENS_OK);
  CHECK(chain->nsteps == STEPS && chain->ncells == CELLS);
  double got[WALKERS * CELLS], want[WALKERS * CELLS];
  for (uint64_t i = 0; i < STEPS; i++) {
    CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = i, .count = 1, .blobs = got}, NULL) == ENS_OK);
    fill_step(blobs, i + 1, want);
    CHECK(memcmp(got, want, sizeof got) == 0);
  }
  chain->ops->destroy(chain);
}

TEST(blobs_of_all_kinds_come_back) {
  ens_blobs blobs = make_blobs();
  const char *path = at("blobs.db");
  feed(create(&blobs, path), &blobs, 1, 25);
  ens_store_options options = quick_options();
  ens_store *store = NULL;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  CHECK(ens_store_resume(path, &options, &store, &record, &checkpoint, NULL) == ENS_OK);
  CHECK(ens_blobs_are_equal(&record.blobs, &blobs));
  double want[WALKERS * CELLS];
  fill_step(&blobs, 25, want);
  CHECK(memcmp(checkpoint.blobs, want, sizeof want) == 0);
  feed(store, &blobs, 26, STEPS);
  check_chain_rows(&blobs, path);
  CHECK(ask(path, "SELECT dtype || shape = '|S11' FROM blob_def WHERE name = 'label'") == 1);
  CHECK(ask(path, "SELECT dtype = '<f8' AND shape = '3' FROM blob_def WHERE name = 'flux'") == 1);
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
  ens_blobs_free(&blobs);
  remove(path);
}

TEST(types_that_are_not_ours) {
  ens_blob_def def;
  static const struct {
    const char *dtype, *shape;
  } bad[] = {{"<f4", ""},  {"<f8", "0"}, {"<f8", "2,2"},      {"<f8", "-1"}, {"|S0", ""},
             {"|S", ""},   {"|S8", "2"}, {"<f8", "16777217"}, {"|U8", ""},   {"<f8", "99999999999999999999"},
             {"|S8x", ""}, {"", ""}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(!ens_blob_type_read(bad[i].dtype, bad[i].shape, &def));
  CHECK(ens_blob_type_read("<f8", "", &def) && def.kind == ENS_BLOB_NUMBER && def.length == 1);
  CHECK(ens_blob_type_read("<f8", "16777216", &def) && def.kind == ENS_BLOB_VECTOR && def.length == ENS_BLOB_MOST);
  CHECK(ens_blob_type_read("|S1", "", &def) && def.kind == ENS_BLOB_TEXT && def.length == 1);
}

TEST(a_rejected_point_has_nan_and_empty_texts) {
  ens_blobs blobs = make_blobs(), copy;
  double row[CELLS];
  char text[11];
  fill_row(&blobs, 11, 0, row);
  CHECK(ens_blob_get_text(&blobs.def[2], row, text) == 11 && memcmp(text, "eleven long", 11) == 0);
  ens_blobs_blank(&blobs, row);
  for (size_t i = 0; i < 4; i++) CHECK(isnan(row[i]));
  CHECK(ens_blob_get_text(&blobs.def[2], row, text) == 0 && ens_blob_get_text(&blobs.def[3], row, text) == 0);
  CHECK(ens_blobs_copy(&copy, &blobs) && ens_blobs_are_equal(&copy, &blobs));
  copy.def[1].length = 4;
  CHECK(!ens_blobs_are_equal(&copy, &blobs));
  ens_blobs_free(&copy);
  ens_blobs_free(&blobs);
}

int main(void) {
  fixture_begin();
  RUN(blobs_of_all_kinds_come_back);
  RUN(types_that_are_not_ours);
  RUN(a_rejected_point_has_nan_and_empty_texts);
  fixture_end();
  return unit_report();
}
