/* Makes the model from a function or a description, and its instances for the workers; native_*.c beside it do the
 * parts. */
#include "eval/native.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "eval/library.h"
#include "eval/native_model.h"
#include "eval/native_pack.h"
#include "eval/native_read.h"
#include "eval/native_worker.h"

/* ---- bare functions: the workers share one instance ---- */

static ens_status make_instance(ens_model *model, unsigned worker, void **instance, ens_error *error) {
  (void)worker, (void)error;
  *instance = model;
  return ENS_OK;
}

static void release(void *instance) {
  (void)instance;
}

static void evaluate_bare(void *instance, ens_block *block) {
  ens_bare_evaluate(&((const ens_native_model *)instance)->bare, block);
}

/* ---- making ---- */

static void destroy(ens_model *base) {
  ens_native_model *native = (ens_native_model *)base;
  ens_list_free(base->parameters, base->ndim);
  ens_blobs_free(&base->blobs);
  ens_domain_destroy(base->domain);
  free(base->data_fields);
  ens_tree_destroy(native->data);
  free(native->prior);
  free(native->name);
  free(native->path);
  free(native->symbol);
  free(native);
}

static ens_status take_names(ens_native_model *native, const char *const *parameters, size_t ndim, ens_error *error) {
  native->base.ndim = ndim;
  native->base.parameters = ens_list_copy(parameters, ndim);
  return native->base.parameters ? ENS_OK : ens_error_memory(error);
}

static ens_status take_blobs(ens_native_model *native, ens_error *error) {
  static const ens_blob_kind kinds[] = {[ENSEMBLE_BLOB_NUMBER] = ENS_BLOB_NUMBER,
                                        [ENSEMBLE_BLOB_VECTOR] = ENS_BLOB_VECTOR,
                                        [ENSEMBLE_BLOB_TEXT] = ENS_BLOB_TEXT};
  for (size_t i = 0; i < native->model.nblobs; i++) {
    const ensemble_blob *blob = &native->model.blobs[i];
    size_t length = blob->kind == ENSEMBLE_BLOB_NUMBER ? 1 : blob->length;
    if (!ens_blobs_add(&native->base.blobs, blob->name, kinds[blob->kind], length)) return ens_error_memory(error);
  }
  return ENS_OK;
}

static ens_status take_function(ens_native_model *native, const ens_native_spec *spec, ens_error *error) {
  static const ens_model_ops ops = {.instance = make_instance,
                                    .evaluate = evaluate_bare,
                                    .release = release,
                                    .pack = ens_native_pack,
                                    .destroy = destroy};
  void *address;
  native->base.ops = &ops;
  ens_status status = ens_library_find(spec->path, spec->symbol, ENS_SYMBOL_FUNCTION, &address, NULL, error);
  if (status) return status;
  native->bare = (ens_bare){.name = native->name, .prior = native->prior};
  memcpy(&native->bare.function, &address, sizeof address); /* POSIX allows this; ISO C has no such conversion */
  return take_names(native, (const char *const *)spec->parameters, spec->ndim, error);
}

static ens_status take_constant(ens_native_model *native, const ens_native_spec *spec, ens_error *error) {
  static const ens_model_ops ops = {.instance = ens_native_worker_create,
                                    .evaluate = ens_native_worker_evaluate,
                                    .release = ens_native_worker_release,
                                    .pack = ens_native_pack,
                                    .destroy = destroy};
  native->base.ops = &ops;
  ens_status status = ens_native_read(spec->path, &native->model, error);
  if (!status) status = ens_native_read_functions(spec->path, &native->model, native->prior != NULL, error);
  if (!status) status = take_names(native, native->model.parameters, native->model.ndim, error);
  return status ? status : take_blobs(native, error);
}

static char *make_name(const ens_native_spec *spec) {
  size_t size = strlen(spec->path) + (spec->symbol ? strlen(spec->symbol) : 0) + 3;
  char *name = malloc(size);
  if (name) snprintf(name, size, "%s%s%s", spec->path, spec->symbol ? ": " : "", spec->symbol ? spec->symbol : "");
  return name;
}

static void draw_from_prior(const ens_model *base, ens_stream *stream, double *theta) {
  ens_prior_draw(((const ens_native_model *)base)->prior, stream, theta);
}

ens_status ens_native_create(const ens_native_spec *spec, ens_model **out, ens_error *error) {
  ens_native_model *native = calloc(1, sizeof *native);
  if (!native) {
    free(spec->prior);
    ens_tree_destroy(spec->data);
    return ens_error_memory(error);
  }
  native->prior = spec->prior;
  native->data = spec->data;
  native->base.name = native->name = make_name(spec);
  native->path = strdup(spec->path);
  native->symbol = spec->symbol ? strdup(spec->symbol) : NULL;
  if (native->prior) native->base.draw = draw_from_prior;
  bool copied = native->name && native->path && (native->symbol || !spec->symbol);
  ens_status status = !copied        ? ens_error_memory(error)
                      : spec->symbol ? take_function(native, spec, error)
                                     : take_constant(native, spec, error);
  if (status) {
    destroy(&native->base);
    return status;
  }
  const char *symbol = spec->symbol ? spec->symbol : ENS_NATIVE_SYMBOL;
  ens_library_fingerprint(spec->path, symbol, native->base.fingerprint);
  *out = &native->base;
  return ENS_OK;
}
