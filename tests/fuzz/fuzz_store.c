/* Reads any bytes as a store (libFuzzer), for info and as a chain, then resumes it. Finds crashes, leaks and reads of
 * unchecked sizes. `make fuzz FUZZ=store` runs it, from the small store in tests/fuzz/store on. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/info.h"
#include "store/resume.h"
#include "store/store.h"
#include "store/stored_chain.h"

#define MOST_NUMBERS 1000000 /* a larger step is not read, since the harness would have to hold it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void remove_beside(const char *path) {
  static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
  char name[128];
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
    remove(name);
  }
}

static void write_input(const char *path, const uint8_t *data, size_t size) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(data, 1, size, file) != size) abort();
  fclose(file);
}

static void check_error(ens_status status, ens_error *error) {
  if ((status == ENS_OK) != (error->status == ENS_OK)) abort();
  ens_error_clear(error);
}

static void read_info(const char *path) {
  ens_store_info info;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_store_info_read(path, &info, &error);
  ens_store_info_free(&info);
  check_error(status, &error);
}

/* Reads a few steps from all parts of the chain, since a damaged length may be very large. */
static void read_steps(ens_chain *chain) {
  size_t w = chain->nwalkers;
  if (w > MOST_NUMBERS || chain->ndim > MOST_NUMBERS || chain->ncells > MOST_NUMBERS) return;
  if (w * (chain->ndim + chain->ncells + 1) > MOST_NUMBERS) return;
  double *coords = malloc(w * chain->ndim * sizeof *coords), *log_prob = malloc(w * sizeof *log_prob);
  double *blobs = malloc((w * chain->ncells + 1) * sizeof *blobs);
  uint8_t *accepted = malloc(w);
  ens_error error = ENS_ERROR_NONE;
  for (uint64_t i = 0; coords && log_prob && blobs && accepted && i < 16 && i < chain->nsteps; i++) {
    uint64_t start = i < 8 ? i : chain->nsteps - 1 - (i - 8) * (chain->nsteps / 8);
    check_error(ens_chain_read(chain,
                               &(ens_chain_steps){.start = start,
                                                  .count = 1,
                                                  .coords = coords,
                                                  .log_prob = i % 2 ? log_prob : NULL,
                                                  .blobs = blobs,
                                                  .accepted = accepted},
                               &error),
                &error);
  }
  free(coords);
  free(log_prob);
  free(blobs);
  free(accepted);
}

static void read_chain(const char *path) {
  ens_chain *chain;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_stored_chain_open(path, &chain, &error);
  check_error(status, &error);
  if (!chain) return;
  read_steps(chain);
  chain->ops->destroy(chain);
}

static void go_on(const char *path) {
  ens_store *store;
  ens_store_record record;
  ens_store_checkpoint checkpoint;
  ens_store_options options = {.commit_every = 0, .journal = "delete", .busy_limit = 0.1, .full_limit = 0.1};
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_store_resume(path, &options, &store, &record, &checkpoint, &error);
  check_error(status, &error);
  if (store) {
    uint8_t *accepted = calloc(record.nwalkers, 1);
    ens_step step = {checkpoint.step + 1, checkpoint.coords, checkpoint.log_prob, checkpoint.blobs, accepted, 0};
    if (accepted) check_error(ens_store_sink(store)->ops->step(ens_store_sink(store), &step, &error), &error);
    check_error(ens_store_close(store, ENS_RUN_STOPPED, 75, &error), &error);
    free(accepted);
  }
  ens_store_record_free(&record);
  ens_store_checkpoint_free(&checkpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char path[64];
  snprintf(path, sizeof path, "%s/fuzz-store-%ld.db", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
           (long)getpid());
  write_input(path, data, size);
  read_info(path);
  read_chain(path);
  go_on(path);
  remove_beside(path);
  return 0;
}
