/* The targets of models.c in libraries that describe their model: the Gaussian of 5 dimensions, or with -DDENSE the
 * dense one of 50. */
#include "ensemble_model.h"

#include "targets.h"

#ifdef DENSE
enum { NDIM = 50 };
#else
enum { NDIM = 5 };
#endif

static const char *const names[] = {"x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",  "x8",  "x9",  "x10",
                                    "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20",
                                    "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "x30",
                                    "x31", "x32", "x33", "x34", "x35", "x36", "x37", "x38", "x39", "x40",
                                    "x41", "x42", "x43", "x44", "x45", "x46", "x47", "x48", "x49", "x50"};

static int setup(ensemble_worker *worker) {
  worker->context = precision_create(NDIM);
  return !worker->context;
}

static void teardown(ensemble_worker *worker) {
  free(worker->context);
}

static int log_prob(ensemble_worker *worker, const double *theta, double *value, double *blobs) {
  (void)blobs;
#ifdef DENSE
  *value = dense_gaussian(theta, NDIM, worker->context);
#else
  *value = gaussian(theta, NDIM, worker->context);
#endif
  return 0;
}

const ensemble_model ensemble_model_v1 = {.abi = ENSEMBLE_MODEL_ABI,
                                          .size = sizeof(ensemble_model),
                                          .ndim = NDIM,
                                          .parameters = names,
                                          .setup = setup,
                                          .teardown = teardown,
                                          .log_prob = log_prob};
