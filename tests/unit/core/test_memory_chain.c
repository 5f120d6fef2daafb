/* The chain in memory: steps come back as they were, also if memory runs out. */
#include <stdint.h>
#include <stdlib.h>

#include "core/memory_chain.h"
#include "scarce.h"
#include "unit.h"

enum { WALKERS = 4, DIMS = 3, BLOBS = 2 };

/* Values that encode their place. */
static double value_at(uint64_t step, size_t i, int kind) {
  return (double)step * 1000.0 + (double)i + kind * 0.25;
}

static ens_status push_step(ens_memory_chain *memory, uint64_t step, ens_error *error) {
  double coords[WALKERS * DIMS], log_prob[WALKERS], blobs[WALKERS * BLOBS];
  uint8_t accepted[WALKERS];
  for (size_t i = 0; i < WALKERS * DIMS; i++) coords[i] = value_at(step, i, 0);
  for (size_t i = 0; i < WALKERS * BLOBS; i++) blobs[i] = value_at(step, i, 2);
  for (size_t i = 0; i < WALKERS; i++) {
    log_prob[i] = value_at(step, i, 1);
    accepted[i] = (uint8_t)((step + i) % 2);
  }
  ens_step made = {step + 1, coords, log_prob, blobs, accepted, 0};
  ens_sink *sink = ens_memory_chain_sink(memory);
  return sink->ops->step(sink, &made, error);
}

static void check_steps(ens_chain *chain, uint64_t start, size_t count) {
  double *coords = malloc((count + 1) * WALKERS * DIMS * sizeof *coords);
  double *log_prob = malloc((count + 1) * WALKERS * sizeof *log_prob);
  double *blobs = malloc((count + 1) * WALKERS * BLOBS * sizeof *blobs);
  uint8_t *accepted = malloc((count + 1) * WALKERS);
  CHECK(ens_chain_read(chain,
                       &(ens_chain_steps){.start = start,
                                          .count = count,
                                          .coords = coords,
                                          .log_prob = log_prob,
                                          .blobs = blobs,
                                          .accepted = accepted},
                       NULL) == ENS_OK);
  for (size_t t = 0; t < count; t++) {
    for (size_t i = 0; i < WALKERS * DIMS; i++) CHECK(coords[t * WALKERS * DIMS + i] == value_at(start + t, i, 0));
    for (size_t i = 0; i < WALKERS; i++) CHECK(log_prob[t * WALKERS + i] == value_at(start + t, i, 1));
    for (size_t i = 0; i < WALKERS * BLOBS; i++) CHECK(blobs[t * WALKERS * BLOBS + i] == value_at(start + t, i, 2));
    for (size_t i = 0; i < WALKERS; i++) CHECK(accepted[t * WALKERS + i] == (start + t + i) % 2);
  }
  free(coords);
  free(log_prob);
  free(blobs);
  free(accepted);
}

TEST(steps_come_back) {
  ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
  ens_chain *chain = ens_memory_chain_chain(memory);
  CHECK(chain->nsteps == 0 && chain->nwalkers == WALKERS && chain->ndim == DIMS && chain->ncells == BLOBS);
  for (uint64_t step = 0; step < 1000; step++) {
    CHECK(push_step(memory, step, NULL) == ENS_OK);
    CHECK(chain->nsteps == step + 1);
  }
  check_steps(chain, 0, 1000);
  check_steps(chain, 999, 1);
  check_steps(chain, 63, 3);
  check_steps(chain, 1000, 0);
  chain->ops->destroy(chain);
}

TEST(unwanted_arrays_are_left_out) {
  ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
  ens_chain *chain = ens_memory_chain_chain(memory);
  double log_prob[WALKERS];
  CHECK(push_step(memory, 7, NULL) == ENS_OK);
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 0, .count = 1, .log_prob = log_prob}, NULL) == ENS_OK);
  CHECK(log_prob[3] == value_at(7, 3, 1));
  ens_memory_chain_destroy(memory);
}

TEST(reading_beyond_the_end_is_refused) {
  ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
  ens_chain *chain = ens_memory_chain_chain(memory);
  ens_error error = ENS_ERROR_NONE;
  double log_prob[8 * WALKERS];
  for (uint64_t step = 0; step < 5; step++) CHECK(push_step(memory, step, NULL) == ENS_OK);
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 3, .count = 3, .log_prob = log_prob}, &error) == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), "there are no steps 4 to 6: the chain has 5");
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = UINT64_MAX, .count = 2, .log_prob = log_prob}, &error) ==
        ENS_CONFIG);
  ens_error_clear(&error);
  ens_memory_chain_destroy(memory);
}

TEST(reset_forgets) {
  ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
  for (uint64_t step = 0; step < 100; step++) CHECK(push_step(memory, step + 5000, NULL) == ENS_OK);
  ens_memory_chain_reset(memory);
  CHECK(ens_memory_chain_chain(memory)->nsteps == 0);
  for (uint64_t step = 0; step < 200; step++) CHECK(push_step(memory, step, NULL) == ENS_OK);
  check_steps(ens_memory_chain_chain(memory), 0, 200);
  ens_memory_chain_destroy(memory);
}

TEST(no_blobs_is_fine) {
  ens_memory_chain *memory = ens_memory_chain_create(2, 1, 0);
  ens_sink *sink = ens_memory_chain_sink(memory);
  double coords[] = {1, 2}, log_prob[] = {3, 4}, out[2] = {0, 0};
  uint8_t accepted[] = {0, 1};
  ens_step step = {1, coords, log_prob, NULL, accepted, 0};
  CHECK(sink->ops->step(sink, &step, NULL) == ENS_OK);
  ens_chain *chain = ens_memory_chain_chain(memory);
  CHECK(ens_chain_read(chain, &(ens_chain_steps){.start = 0, .count = 1, .coords = out}, NULL) == ENS_OK);
  CHECK(out[0] == 1 && out[1] == 2);
  ens_memory_chain_destroy(memory);
}

TEST(impossible_sizes_are_null) {
  CHECK(ens_memory_chain_create(SIZE_MAX / 4, 2, 0) == NULL);
  CHECK(ens_memory_chain_create(2, SIZE_MAX / 8, 0) == NULL);
  CHECK(ens_memory_chain_create(2, 1, SIZE_MAX / 2) == NULL);
  CHECK(ens_memory_chain_create(SIZE_MAX, 0, 0) == NULL);
  ens_memory_chain_destroy(NULL);
}

/* A step of nearly the whole address space: the size of more steps overflows, which counts as lack of memory. */
TEST(growth_never_overflows) {
  ens_memory_chain *memory = ens_memory_chain_create(1, SIZE_MAX / 128, 0);
  ens_error error = ENS_ERROR_NONE;
  double number = 0;
  uint8_t accepted = 0;
  ens_step step = {1, &number, &number, NULL, &accepted, 0};
  ens_sink *sink = ens_memory_chain_sink(memory);
#if SCARCE
  CHECK(sink->ops->step(sink, &step, &error) == ENS_MEMORY);
  CHECK(ens_memory_chain_chain(memory)->nsteps == 0);
#else
  (void)sink;
  (void)step;
#endif
  ens_error_clear(&error);
  ens_memory_chain_destroy(memory);
}

/* Each allocation fails in turn while the chain grows. The step is an error, the steps before it stay, and with memory
 * the chain continues. */
TEST(a_step_without_memory_loses_nothing) {
#if SCARCE
  for (long left = 0; left < 12; left++) {
    ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
    ens_error error = ENS_ERROR_NONE;
    uint64_t steps = 0;
    scarce_left = left;
    while (push_step(memory, steps, NULL) == ENS_OK) steps++;
    scarce_left = -1;
    CHECK(ens_memory_chain_chain(memory)->nsteps == steps);
    check_steps(ens_memory_chain_chain(memory), 0, (size_t)steps);
    for (uint64_t more = 0; more < 300; more++) CHECK(push_step(memory, steps++, &error) == ENS_OK);
    check_steps(ens_memory_chain_chain(memory), 0, (size_t)steps);
    ens_memory_chain_destroy(memory);
    ens_error_clear(&error);
  }
#endif
}

/* Without memory for twice the steps, the chain grows by less, up to the last step that fits. */
TEST(scarce_memory_is_used_up) {
#if SCARCE
  size_t limits[] = {70, 100, 127, 130, 1000};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
    ens_error error = ENS_ERROR_NONE;
    char expected[64];
    uint64_t steps = 0;
    scarce_most = limits[i] * WALKERS * DIMS * sizeof(double);
    while (push_step(memory, steps, &error) == ENS_OK) steps++;
    scarce_most = (size_t)-1;
    CHECK(steps == limits[i]);
    snprintf(expected, sizeof expected, "no memory to keep step %zu of 4 walkers with 3 parameters", limits[i] + 1);
    CHECK(error.status == ENS_MEMORY && strstr(ens_error_text(&error), expected) == ens_error_text(&error));
    check_steps(ens_memory_chain_chain(memory), 0, (size_t)steps);
    ens_error_clear(&error);
    ens_memory_chain_destroy(memory);
  }
#endif
}

TEST(no_memory_for_a_message_is_told_too) {
#if SCARCE
  ens_memory_chain *memory = ens_memory_chain_create(WALKERS, DIMS, BLOBS);
  ens_error error = ENS_ERROR_NONE;
  for (uint64_t step = 0; step < 64; step++) CHECK(push_step(memory, step, NULL) == ENS_OK);
  scarce_left = 0;
  CHECK(push_step(memory, 64, &error) == ENS_MEMORY);
  CHECK(error.status == ENS_MEMORY);
  CHECK_STRING(ens_error_text(&error), "out of memory");
  ens_error_clear(&error);
  scarce_left = -1;
  ens_memory_chain_destroy(memory);
#endif
}

int main(void) {
  RUN(steps_come_back);
  RUN(unwanted_arrays_are_left_out);
  RUN(reading_beyond_the_end_is_refused);
  RUN(reset_forgets);
  RUN(no_blobs_is_fine);
  RUN(impossible_sizes_are_null);
  RUN(growth_never_overflows);
  RUN(a_step_without_memory_loses_nothing);
  RUN(scarce_memory_is_used_up);
  RUN(no_memory_for_a_message_is_told_too);
  return unit_report();
}
