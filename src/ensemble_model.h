/* A model for ensemble-lua in C, C++ or any language with C's binary interface. Nothing to link: a shared library
 * defines one constant by the name ensemble_model_v1, and ensemble.native("./libline.so") finds it.
 *
 *   #include <ensemble_model.h>
 *
 *   static const char *const names[] = {"m", "b"};
 *
 *   static int log_prob(ensemble_worker *worker, const double *theta, double *value, double *blobs) {
 *     (void)worker, (void)blobs;
 *     *value = -0.5 * (theta[0] * theta[0] + theta[1] * theta[1]);
 *     return 0;
 *   }
 *
 *   const ensemble_model ensemble_model_v1 = {
 *       .abi = ENSEMBLE_MODEL_ABI, .size = sizeof(ensemble_model), .ndim = 2, .parameters = names, .log_prob =
 * log_prob};
 *
 *   cc -O2 -shared -fPIC -o libline.so line.c
 *
 * A function that returns an int returns 0 when all went well, anything else to say that it failed: what it wrote into
 * worker->message is then told to the user, with step, walker and parameters. */
#ifndef ENSEMBLE_MODEL_H
#define ENSEMBLE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when functions are added to what a worker offers. A program takes libraries that were built for its own number
 * or a smaller one. Fields that are added at the end of ensemble_model need no new number: `size` tells. */
#define ENSEMBLE_MODEL_ABI 1

typedef struct ensemble_worker ensemble_worker;

/* ---- the run's data: the table `data` of the script ---- */

typedef enum ensemble_kind {
  ENSEMBLE_MISSING = 0,
  ENSEMBLE_NUMBER,
  ENSEMBLE_STRING,
  ENSEMBLE_BOOLEAN,
  ENSEMBLE_ARRAY, /* also a list of numbers, and a list of such lists of one length */
  ENSEMBLE_TABLE  /* names with values of any kind; what has no name goes by its number: "1", "2" */
} ensemble_kind;

/* Numbers without gaps, the last index fastest. They live once in the process, for all workers. */
typedef struct ensemble_array {
  const double *values; /* [size] */
  size_t size;          /* the product of the shape */
  size_t rank;          /* number of axes, at least 1 */
  const size_t *shape;  /* [rank] */
} ensemble_array;

/* Path: names from the outermost table on with dots between, as "line.x"; "" is the table itself. What is read stays
 * where it is until the worker's teardown has ended. A function that does not find its kind there returns nonzero,
 * writes what is wrong into worker->message and leaves *out alone: `return` that from setup, and it is what the user
 * reads. */
typedef struct ensemble_data {
  ensemble_kind (*kind)(ensemble_worker *worker, const char *path);
  int (*array)(ensemble_worker *worker, const char *path, ensemble_array *out);
  int (*number)(ensemble_worker *worker, const char *path, double *out);
  /* Ends with a NUL; length (may be NULL) does not count it. */
  int (*string)(ensemble_worker *worker, const char *path, const char **out, size_t *length);
  int (*boolean)(ensemble_worker *worker, const char *path, int *out);
  /* The name of the i-th entry of the table at path, in the order of their bytes; NULL: it has no more. */
  const char *(*name)(ensemble_worker *worker, const char *path, size_t i);
} ensemble_data;

/* ---- random numbers for models that need them ---- */

/* Drawn from a stream of their own for each evaluation, fixed by the run's seed, the step and the walker, so that the
 * chain does not depend on how many workers there are; those of setup are the same in all workers. */
typedef struct ensemble_random {
  double (*uniform)(ensemble_worker *worker); /* [0, 1), as math.random() of a model in Lua */
  double (*normal)(ensemble_worker *worker);  /* mean 0, standard deviation 1 */
  uint64_t (*bits)(ensemble_worker *worker);  /* 64 of them */
  /* In log_prob_batch only: from here on the numbers are those of the batch's point i, from the first one on. */
  void (*point)(ensemble_worker *worker, size_t i);
} ensemble_random;

/* ---- what a worker lends to the model ---- */

/* There is one for each worker, from setup to teardown. Different threads call with different workers at the same time;
 * with one worker never two at a time, though not always the same thread. */
struct ensemble_worker {
  void *context;       /* the model's own: NULL until setup sets it */
  char *message;       /* [message_size] why a function fails, ended by a NUL; empty when setup is called */
  size_t message_size; /* at least 512 */
  uint32_t number;     /* from 1 on */
  const ensemble_data *data;
  const ensemble_random *random;
};

/* ---- the model ---- */

typedef enum ensemble_blob_kind {
  ENSEMBLE_BLOB_NUMBER = 0,
  ENSEMBLE_BLOB_VECTOR, /* `length` numbers */
  ENSEMBLE_BLOB_TEXT    /* at most `length` bytes */
} ensemble_blob_kind;

/* What an evaluation gives beside its log_prob. A row of blobs has them one after the other in their order: a number as
 * one double, a vector as `length` of them, a text as the bytes of (length + 7) / 8 doubles, with a NUL behind its end
 * where it is shorter. */
typedef struct ensemble_blob {
  const char *name; /* unique */
  ensemble_blob_kind kind;
  size_t length; /* of a vector or a text; a number's does not count */
} ensemble_blob;

typedef struct ensemble_model {
  uint32_t abi;  /* ENSEMBLE_MODEL_ABI */
  uint32_t size; /* sizeof(ensemble_model) */

  size_t ndim;
  const char *const *parameters; /* [ndim] unique names */
  size_t nblobs;
  const ensemble_blob *blobs; /* [nblobs] */

  /* Called once for each worker before its first evaluation. May be NULL. */
  int (*setup)(ensemble_worker *worker);
  /* Called once for each worker whose setup was called, also when that failed, at the end of a run that ends in good
   * order: finished, failed or stopped. May be NULL. */
  void (*teardown)(ensemble_worker *worker);

  /* Writes the log of the posterior's density at theta[ndim], up to a constant, to *value: a number, or -INFINITY to
   * refuse the point. NaN is a failure. `blobs` is a row of them: NaN and empty texts when it is called, and so it
   * stays where nothing is written. */
  int (*log_prob)(ensemble_worker *worker, const double *theta, double *value, double *blobs);
  /* Instead of log_prob: both, or log_likelihood alone where the script gives the priors. The likelihood is not called
   * where the prior is -INFINITY. */
  int (*log_prior)(ensemble_worker *worker, const double *theta, double *value);
  int (*log_likelihood)(ensemble_worker *worker, const double *theta, double *value, double *blobs);
  /* Beside log_prob, or beside the other two: n points at once, theta[n][ndim], values[n], n rows of blobs. Which
   * points come together depends on chance: a value may depend on its own point only. When it fails, its points are
   * evaluated one by one. May be NULL. */
  int (*log_prob_batch)(ensemble_worker *worker, size_t n, const double *theta, double *values, double *blobs);
  /* For moves to come, which follow the gradient of log_prob: not called yet. May be NULL. */
  int (*gradient)(ensemble_worker *worker, const double *theta, double *value, double *gradient);
} ensemble_model;

/* Declared here so that it is visible however the library is compiled, also from C++. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const ensemble_model ensemble_model_v1;

#ifdef __cplusplus
}
#endif

#endif
