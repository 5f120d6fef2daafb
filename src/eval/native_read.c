/* Checks version, size, functions, names and blobs in turn; only then is anything copied. */
#include "eval/native_read.h"

#include <stdio.h>
#include <string.h>

#include "core/model/blob.h"
#include "eval/library.h"

/* A library built with a later header may have fields that this program does not know. Zeros in them do no harm. */
static bool is_zero(const unsigned char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i]) return false;
  return true;
}

static ens_status check_version(const char *path, const ensemble_model *model, size_t symbol_size, ens_error *error) {
  const size_t least = offsetof(ensemble_model, gradient);
  if (symbol_size && symbol_size < offsetof(ensemble_model, ndim))
    return ens_error_set(error, ENS_CONFIG, "'%s': " ENS_NATIVE_SYMBOL " has %zu bytes: it is not an ensemble_model",
                         path, symbol_size);
  if (model->abi == 0 || model->abi > ENSEMBLE_MODEL_ABI)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' was built for version %lu of ensemble_model.h, this program knows %s%d: %s", path,
                         (unsigned long)model->abi, ENSEMBLE_MODEL_ABI > 1 ? "1 to " : "", ENSEMBLE_MODEL_ABI,
                         model->abi ? "use a newer ensemble-lua, or build the library with this one's header"
                                    : "let the constant begin with ENSEMBLE_MODEL_ABI, sizeof(ensemble_model)");
  if (model->size < least || (symbol_size && model->size > symbol_size))
    return ens_error_set(error, ENS_CONFIG,
                         "'%s': field 'size' of " ENS_NATIVE_SYMBOL " is %lu: give sizeof(ensemble_model)", path,
                         (unsigned long)model->size);
  const unsigned char *bytes = (const unsigned char *)model;
  if (model->size > sizeof *model && !is_zero(bytes + sizeof *model, model->size - sizeof *model))
    return ens_error_set(
        error, ENS_CONFIG,
        "'%s' uses parts of ensemble_model.h that this program does not know: use a newer ensemble-lua", path);
  return ENS_OK;
}

/* Checks the i-th name of the list `what`. */
static ens_status check_name(const char *path, const char *what, const char *name, size_t i, ens_error *error) {
  if (name && *name) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG, "'%s': %s[%zu] is %s: it must be a name", path, what, i,
                       name ? "an empty string" : "NULL");
}

static ens_status reject_twice(const char *path, const char *what, const char *name, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG, "'%s': field '%s' has the name '%s' twice", path, what, name);
}

static ens_status reject_null(const char *path, const char *what, const char *count, size_t n, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG, "'%s': field '%s' is NULL, and '%s' is %zu: give their names", path, what,
                       count, n);
}

static ens_status check_parameters(const char *path, const ensemble_model *model, ens_error *error) {
  const char *const *names = model->parameters;
  if (model->ndim == 0)
    return ens_error_set(error, ENS_CONFIG, "'%s': the model has no parameters: field 'ndim' is 0", path);
  if (!names) return reject_null(path, "parameters", "ndim", model->ndim, error);
  for (size_t i = 0; i < model->ndim; i++) {
    ens_status status = check_name(path, "parameters", names[i], i, error);
    if (status) return status;
    for (size_t j = 0; j < i; j++)
      if (strcmp(names[i], names[j]) == 0) return reject_twice(path, "parameters", names[i], error);
  }
  return ENS_OK;
}

static ens_status check_blob(const char *path, const ensemble_blob *blob, ens_error *error) {
  if ((unsigned)blob->kind > ENSEMBLE_BLOB_TEXT)
    return ens_error_set(error, ENS_CONFIG, "'%s': blob '%s' is of kind %d: give one of ensemble_blob_kind", path,
                         blob->name, (int)blob->kind);
  if (blob->kind != ENSEMBLE_BLOB_NUMBER && !(blob->length >= 1 && blob->length <= ENS_BLOB_MOST))
    return ens_error_set(error, ENS_CONFIG, "'%s': blob '%s' has a length of %zu: give one from 1 to %zu", path,
                         blob->name, blob->length, ENS_BLOB_MOST);
  return ENS_OK;
}

static ens_status check_blobs(const char *path, const ensemble_model *model, ens_error *error) {
  const ensemble_blob *blobs = model->blobs;
  if (model->nblobs && !blobs) return reject_null(path, "blobs", "nblobs", model->nblobs, error);
  for (size_t i = 0; i < model->nblobs; i++) {
    ens_status status = check_name(path, "blobs", blobs[i].name, i, error);
    if (!status) status = check_blob(path, &blobs[i], error);
    if (status) return status;
    for (size_t j = 0; j < i; j++)
      if (strcmp(blobs[i].name, blobs[j].name) == 0) return reject_twice(path, "blobs", blobs[i].name, error);
  }
  return ENS_OK;
}

ens_status ens_native_read(const char *path, ensemble_model *out, ens_error *error) {
  void *address;
  size_t size;
  ens_status status = ens_library_find(path, ENS_NATIVE_SYMBOL, ENS_SYMBOL_DATA, &address, &size, error);
  if (!status) status = check_version(path, address, size, error);
  if (status) return status;
  *out = (ensemble_model){0};
  size_t theirs = ((const ensemble_model *)address)->size;
  memcpy(out, address, theirs < sizeof *out ? theirs : sizeof *out);
  status = check_parameters(path, out, error);
  return status ? status : check_blobs(path, out, error);
}

ens_status ens_native_read_parameters(const char *path, const char *const **names, size_t *ndim, ens_error *error) {
  ensemble_model model;
  ens_status status = ens_native_read(path, &model, error);
  if (status) return status;
  *names = model.parameters;
  *ndim = model.ndim;
  return ENS_OK;
}

/* lua/ensemble/api/form.lua has the same rules for models in Lua. */
ens_status ens_native_read_functions(const char *path, const ensemble_model *model, bool with_priors,
                                     ens_error *error) {
  bool whole = model->log_prob, prior = model->log_prior, likelihood = model->log_likelihood;
  const char *what = NULL;
  if (with_priors && whole)
    what =
        "the script gives priors, and log_prob has the prior in it already: make it log_likelihood if it has not, or "
        "leave priors out";
  else if (with_priors && prior)
    what = "the library has log_prior, and the script gives priors: leave one out";
  else if (with_priors && !likelihood)
    what = "the script gives priors, and the library has no log_likelihood to go with them";
  else if (whole && (prior || likelihood))
    what = "the library has log_prob and a part of it: give log_prob alone, or log_prior and log_likelihood";
  else if (!with_priors && prior && !likelihood)
    what = "the library has log_prior but no log_likelihood: give both, or log_prob";
  else if (!with_priors && likelihood && !prior)
    what = "the library has log_likelihood but no log_prior: give both, or log_prob, or priors in the script";
  else if (!whole && !likelihood)
    what = "the library has no log_prob: set it, or log_prior and log_likelihood";
  else if (with_priors && model->log_prob_batch)
    what = "the script gives priors, and log_prob_batch has the prior in it already: leave one out";
  return what ? ens_error_set(error, ENS_CONFIG, "'%s': %s", path, what) : ENS_OK;
}
