/* Each failure has a place in the order of the sequential algorithm; the earliest one is kept and described at the
 * end. */
#include "core/failure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char out_of_memory[] = "out of memory while an error was described";

/* "m = 1.5, b = -2", with enough digits to evaluate the same point again. */
static size_t print_parameters(char *to, size_t size, const ens_model *model, const double *theta) {
  size_t at = 0;
  for (size_t d = 0; d < model->ndim; d++) {
    int n = snprintf(at < size ? to + at : NULL, at < size ? size - at : 0, "%s%s = %.17g", d ? ", " : "",
                     model->parameters[d], theta[d]);
    at += n > 0 ? (size_t)n : 0;
  }
  return at;
}

/* The first line of the message, the step, walker and parameters, then the traceback. `limit`: the greatest number of
 * errors that the policies let pass, if this one is beyond it; else NULL. */
static char *describe(const ens_model *model, const ens_block *block, size_t i, const uint64_t *limit) {
  char where[160] = "", beyond[96] = ""; /* the rank, if there are several; why the error ends the run */
  if (block->host) snprintf(where, sizeof where, ", rank %u (host %s)", block->rank, block->host);
  if (limit)
    snprintf(beyond, sizeof beyond,
             "\n  max_errors = %llu: the run has rejected that many errors, and this one ends it",
             (unsigned long long)*limit);
  const char *what = block->message[i] ? block->message[i] : out_of_memory;
  size_t line = strcspn(what, "\n");
  const double *theta = block->theta + i * block->ndim;
  size_t names = print_parameters(NULL, 0, model, theta),
         size = strlen(what) + names + sizeof where + sizeof beyond + 100;
  char *text = malloc(size);
  if (!text) return NULL;
  int at = block->step[i] ? snprintf(text, size, "%.*s\n  at step %llu, walker %lu%s: ", (int)line, what,
                                     (unsigned long long)block->step[i], (unsigned long)block->walker[i] + 1, where)
                          : snprintf(text, size, "%.*s\n  at the start, walker %lu%s: ", (int)line, what,
                                     (unsigned long)block->walker[i] + 1, where);
  at += (int)print_parameters(text + at, size - (size_t)at, model, theta);
  snprintf(text + at, size - (size_t)at, "%s%s", beyond, what + line);
  return text;
}

static size_t order_of(const ens_split *split, uint32_t walker) {
  if (!split) return walker;
  size_t at = 0;
  while (split->walker[at] != walker) at++;
  return at;
}

/* Keeps the error that comes first in the order of the sequential algorithm. */
static void keep(ens_failures *failures, const ens_block *block, size_t i, const ens_split *split,
                 const uint64_t *limit) {
  uint64_t step = block->step[i];
  size_t order = order_of(split, block->walker[i]);
  if (failures->text && (step > failures->step || (step == failures->step && order > failures->order))) return;
  ens_failures_clear(failures);
  failures->step = step;
  failures->order = order;
  failures->text = describe(failures->model, block, i, limit);
  if (!failures->text) failures->text = (char *)out_of_memory;
}

bool ens_failures_pass(ens_failures *failures, ens_block *block, size_t i, const ens_split *split,
                       ens_sampler_counts *counts) {
  const ens_sampler_config *config = failures->config;
  bool is_nan = block->outcome[i] == ENS_EVAL_NAN;
  ens_policy policy = is_nan ? config->on_nan : config->on_error;
  uint64_t *count = is_nan ? &counts->nans : &counts->errors;
  ++*count;
  bool may_pass = !failures->strict && policy == ENS_POLICY_REJECT;
  if (!may_pass || counts->errors + counts->nans > config->max_errors) {
    keep(failures, block, i, split, may_pass ? &config->max_errors : NULL);
    return false;
  }
  block->log_prob[i] = -INFINITY;
  if (config->rejected) {
    char *text = describe(failures->model, block, i, NULL);
    config->rejected(config->context, text ? text : out_of_memory);
    free(text);
  }
  return true;
}

ens_status ens_failures_report(const ens_failures *failures, ens_error *error) {
  return ens_error_set(error, ENS_MODEL, "%s", failures->text);
}

void ens_failures_clear(ens_failures *failures) {
  if (failures->text != out_of_memory) free(failures->text);
  failures->text = NULL;
}
