#include "eval/native.h"

#include <dlfcn.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "eval/foreign.h"

typedef struct native_model {
  ens_model base;
  char *name;    /* "libline.so: log_prob" */
  void *library; /* stays loaded for the life of the process: threads of its own may run in it */
  ens_bare_log_prob *log_prob;
} native_model;

static ens_status make_instance(ens_model *model, unsigned worker, void **instance, ens_error *error) {
  (void)worker, (void)error;
  *instance = model;
  return ENS_OK;
}

static void release(void *instance) {
  (void)instance;
}

static void refuse(const native_model *model, ens_block *block, size_t i) {
  bool nan = isnan(block->log_prob[i]);
  char text[512];
  snprintf(text, sizeof text, "%s returned %s", model->name,
           nan ? "NaN" : "inf: it must be finite, or -inf to refuse a point");
  block->outcome[i] = nan ? ENS_EVAL_NAN : ENS_EVAL_ERROR;
  block->message[i] = strdup(text);
}

static void evaluate(void *instance, ens_block *block) {
  const native_model *model = instance;
  ens_bare_log_prob *log_prob = model->log_prob;
  const double *theta = block->theta;
  for (size_t i = 0; i < block->count; i++, theta += block->ndim) {
    atomic_store_explicit(&block->at, i, memory_order_relaxed);
    double value = block->log_prob[i] = log_prob(theta, block->ndim, NULL);
    if (!(value < INFINITY)) refuse(model, block, i);
  }
}

static void destroy(ens_model *base) {
  native_model *model = (native_model *)base;
  if (!model) return;
  for (size_t d = 0; base->parameters && d < base->ndim; d++) free(base->parameters[d]);
  free(base->parameters);
  free(model->name);
  free(model);
}

static bool copy_names(native_model *model, const char *path, const char *symbol, char *const *parameters,
                       size_t ndim) {
  size_t size = strlen(path) + strlen(symbol) + 3;
  model->base.ndim = ndim;
  model->base.parameters = calloc(ndim + 1, sizeof *model->base.parameters);
  model->base.name = model->name = malloc(size);
  if (!model->base.parameters || !model->name) return false;
  snprintf(model->name, size, "%s: %s", path, symbol);
  for (size_t d = 0; d < ndim; d++)
    if (!(model->base.parameters[d] = strdup(parameters[d]))) return false;
  return true;
}

static ens_status load(native_model *model, const char *path, const char *symbol, ens_error *error) {
  model->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!model->library) return ens_error_set(error, ENS_CONFIG, "the library cannot be loaded: %s", dlerror());
  void *address = dlsym(model->library, symbol);
  if (!address)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' has no symbol '%s': is the function's name right, and is it neither "
                         "static nor mangled (extern \"C\" in C++)?",
                         path, symbol);
  ens_foreign_set_loaded(model->library);
  memcpy(&model->log_prob, &address, sizeof address); /* POSIX means it; ISO C has no such conversion */
  return ENS_OK;
}

/* Of the file's bytes and the symbol; a name that only the linker can find is told by its name. */
static void fingerprint(native_model *model, const char *path) {
  uLong sum = crc32_z(0, (const Bytef *)model->name, strlen(model->name));
  size_t total = 0, n;
  FILE *file = fopen(path, "rb");
  for (Bytef bytes[4096]; file && (n = fread(bytes, 1, sizeof bytes, file)) > 0; total += n)
    sum = crc32_z(sum, bytes, n);
  if (file) fclose(file);
  snprintf(model->base.fingerprint, sizeof model->base.fingerprint, "crc32:%08lx:%zu", (unsigned long)sum, total);
}

ens_status ens_native_create(const char *path, const char *symbol, char *const *parameters, size_t ndim,
                             ens_model **out, ens_error *error) {
  static const ens_model_ops ops = {
      .instance = make_instance, .evaluate = evaluate, .release = release, .destroy = destroy};
  native_model *model = calloc(1, sizeof *model);
  if (!model) return ens_error_memory(error);
  model->base.ops = &ops;
  ens_status status =
      copy_names(model, path, symbol, parameters, ndim) ? load(model, path, symbol, error) : ens_error_memory(error);
  if (status) {
    destroy(&model->base);
    return status;
  }
  fingerprint(model, path);
  *out = &model->base;
  return ENS_OK;
}
