/* Models for ensemble-lua in C, C++ or any language with C's binary interface. There is nothing to link: a shared
 * library defines one constant named ensemble_model_v1, and ensemble.native("./libline.so") finds it.
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
 *   const ensemble_model ensemble_model_v1 = {.abi = ENSEMBLE_MODEL_ABI,
 *                                             .size = sizeof(ensemble_model),
 *                                             .ndim = 2,
 *                                             .parameters = names,
 *                                             .log_prob = log_prob};
 *
 *   cc -O2 -shared -fPIC -o libline.so line.c
 *
 * A function that returns an int returns 0 for success and any other number for an error. The user then sees the text
 * in worker->message, with step, walker and parameters. */
#ifndef ENSEMBLE_MODEL_H
#define ENSEMBLE_MODEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. It grows when a worker offers new functions. A program accepts libraries built for its
 * own version or an older one. New fields at the end of ensemble_model need no new version, because of `size`. */
#define ENSEMBLE_MODEL_ABI 1

typedef struct ensemble_worker ensemble_worker;

/* The kind of the value at a path in the run's data, the table `data` of the script. */
typedef enum ensemble_kind {
  ENSEMBLE_MISSING = 0,
  ENSEMBLE_NUMBER,
  ENSEMBLE_STRING,
  ENSEMBLE_BOOLEAN,
  ENSEMBLE_ARRAY, /* also a list of numbers, and a list of such lists of the same length */
  ENSEMBLE_TABLE  /* names with values of any kind; entries without a name have numbers: "1", "2" */
} ensemble_kind;

/* Numbers in memory without gaps; the last index varies fastest. All workers of a process share them. Read-only. */
typedef struct ensemble_array {
  const double *values; /* [size] */
  size_t size;          /* the product of the shape */
  size_t rank;          /* number of axes, at least 1 */
  const size_t *shape;  /* [rank] */
} ensemble_array;

/* Reads the run's data. A path is a list of names from the outermost table on, with dots between them, as "line.x"; ""
 * is the table itself. Results stay valid until the worker's teardown ends. If a function does not find its kind at the
 * path, it returns nonzero, writes the reason into worker->message and does not change *out. If setup returns that
 * number, the user reads that message. */
typedef struct ensemble_data {
  ensemble_kind (*kind)(ensemble_worker *worker, const char *path);
  int (*array)(ensemble_worker *worker, const char *path, ensemble_array *out);
  int (*number)(ensemble_worker *worker, const char *path, double *out);
  /* The string ends with a NUL, which *length does not count; length may be NULL. */
  int (*string)(ensemble_worker *worker, const char *path, const char **out, size_t *length);
  int (*boolean)(ensemble_worker *worker, const char *path, int *out);
  /* The name of the i-th entry (from 0) of the table at path, sorted by bytes. NULL: there are no more. */
  const char *(*name)(ensemble_worker *worker, const char *path, size_t i);
} ensemble_data;

/* Random numbers for models that need them. Each evaluation has a stream of its own, fixed by the run's seed, the step
 * and the walker, so that the chain does not depend on the number of workers. The numbers of setup are the same in all
 * workers. */
typedef struct ensemble_random {
  double (*uniform)(ensemble_worker *worker); /* [0, 1), like math.random() in a Lua model */
  double (*normal)(ensemble_worker *worker);  /* mean 0, standard deviation 1 */
  uint64_t (*bits)(ensemble_worker *worker);  /* 64 random bits */
  /* Only in log_prob_batch: switches to the stream of the batch's point i, from its first number on. */
  void (*point)(ensemble_worker *worker, size_t i);
} ensemble_random;

/* The model's view of a worker, from setup to teardown. Different threads call functions with different workers at the
 * same time. Calls with the same worker never overlap, but they may come from different threads. */
struct ensemble_worker {
  void *context;       /* the model's own; NULL until setup sets it */
  char *message;       /* [message_size] the reason of an error, with a NUL at its end; empty before setup */
  size_t message_size; /* at least 512 */
  uint32_t number;     /* from 1 */
  const ensemble_data *data;
  const ensemble_random *random;
};

typedef enum ensemble_blob_kind {
  ENSEMBLE_BLOB_NUMBER = 0,
  ENSEMBLE_BLOB_VECTOR, /* `length` numbers */
  ENSEMBLE_BLOB_TEXT    /* at most `length` bytes */
} ensemble_blob_kind;

/* A value that an evaluation returns beside log_prob. A row has all blobs one after the other, in their order: a number
 * as one double, a vector as `length` doubles, a text in the bytes of (length + 7) / 8 doubles, with a NUL after a
 * shorter text. */
typedef struct ensemble_blob {
  const char *name; /* unique */
  ensemble_blob_kind kind;
  size_t length; /* of a vector or a text; ignored for a number */
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
  /* Called once for each worker whose setup was called, even if setup failed, when a run ends in order: finished,
   * failed or stopped. May be NULL. */
  void (*teardown)(ensemble_worker *worker);

  /* Writes the log of the posterior density at theta[ndim], up to a constant, to *value: a number, or -INFINITY to
   * reject the point. NaN is an error. `blobs` is a row of blobs, filled with NaN and empty texts before the call. */
  int (*log_prob)(ensemble_worker *worker, const double *theta, double *value, double *blobs);
  /* Instead of log_prob: both functions, or log_likelihood alone if the script gives the priors. If the prior is
   * -INFINITY, the likelihood is not called. */
  int (*log_prior)(ensemble_worker *worker, const double *theta, double *value);
  int (*log_likelihood)(ensemble_worker *worker, const double *theta, double *value, double *blobs);
  /* In addition to the functions above: evaluates n points at once, theta[n][ndim], values[n], n rows of blobs. Chance
   * decides which points come together, so a value may depend on its own point only. If the batch fails, its points are
   * evaluated one by one. May be NULL. */
  int (*log_prob_batch)(ensemble_worker *worker, size_t n, const double *theta, double *values, double *blobs);
  /* For future moves that follow the gradient of log_prob; not called yet. May be NULL. */
  int (*gradient)(ensemble_worker *worker, const double *theta, double *value, double *gradient);
} ensemble_model;

/* Declared here so that the library exports it under any compiler flags, also from C++. */
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const ensemble_model ensemble_model_v1;

#ifdef __cplusplus
}
#endif

#endif
