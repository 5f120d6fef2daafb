/* The model of models/line.lua in C: a line through points with underestimated errors.
 * make -C examples/native */
#include <ensemble_model.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const parameters[] = {"m", "b", "log_f"};

/* Each worker's own memory. All workers share the points. */
typedef struct line {
  ensemble_array x, y;
  double *variance;
} line;

static int fail(ensemble_worker *worker, const char *why) {
  snprintf(worker->message, worker->message_size, "%s", why);
  return 1;
}

static int setup(ensemble_worker *worker) {
  ensemble_array yerr;
  line *self = worker->context = calloc(1, sizeof *self);
  if (!self) return fail(worker, "not enough memory");
  if (worker->data->array(worker, "line.x", &self->x) || worker->data->array(worker, "line.y", &self->y) ||
      worker->data->array(worker, "line.yerr", &yerr))
    return 1; /* the message names the missing array */
  if (self->y.size != self->x.size || yerr.size != self->x.size) return fail(worker, "x, y and yerr differ in length");
  self->variance = malloc((yerr.size + 1) * sizeof *self->variance);
  if (!self->variance) return fail(worker, "not enough memory");
  for (size_t i = 0; i < yerr.size; i++) self->variance[i] = yerr.values[i] * yerr.values[i];
  return 0;
}

static void teardown(ensemble_worker *worker) {
  line *self = worker->context;
  if (self) free(self->variance);
  free(self);
}

static int is_allowed(const double *theta) {
  return theta[0] > -5 && theta[0] < 0.5 && theta[1] > 0 && theta[1] < 10 && theta[2] > -10 && theta[2] < 1;
}

static int log_prob(ensemble_worker *worker, const double *theta, double *value, double *blobs) {
  (void)blobs;
  const line *self = worker->context;
  *value = -INFINITY;
  if (!is_allowed(theta)) return 0;
  double m = theta[0], b = theta[1], f2 = exp(2 * theta[2]), sum = 0;
  for (size_t i = 0; i < self->x.size; i++) {
    double expected = m * self->x.values[i] + b;
    double total = self->variance[i] + f2 * expected * expected;
    double residual = self->y.values[i] - expected;
    sum = sum + residual * residual / total + log(total);
  }
  *value = -0.5 * sum;
  return 0;
}

const ensemble_model ensemble_model_v1 = {.abi = ENSEMBLE_MODEL_ABI,
                                          .size = sizeof(ensemble_model),
                                          .ndim = 3,
                                          .parameters = parameters,
                                          .setup = setup,
                                          .teardown = teardown,
                                          .log_prob = log_prob};
