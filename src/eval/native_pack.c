/* The put and the take of a model stand side by side, in the same order. */
#include "eval/native_pack.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "data/pack.h"
#include "dist/prior.h"
#include "eval/library.h"
#include "eval/native.h"
#include "eval/native_model.h"
#include "eval/native_read.h"

ens_status ens_native_pack(const ens_model *base, ens_bundle *out, ens_error *error) {
  const ens_native_model *native = (const ens_native_model *)base;
  char *full = strchr(native->path, '/') ? realpath(native->path, NULL) : NULL;
  bool is_bare = native->symbol != NULL;
  ens_bundle_put_text(out, "native");
  ens_bundle_put_text(out, native->path);
  ens_bundle_put_text(out, full);
  ens_bundle_put_text(out, native->symbol);
  ens_bundle_put_text(out, base->fingerprint);
  ens_bundle_put_count(out, is_bare ? base->ndim : 0);
  for (size_t d = 0; is_bare && d < base->ndim; d++) ens_bundle_put_text(out, base->parameters[d]);
  ens_prior_pack(native->prior, out);
  ens_pack_tree(native->data, out);
  free(full);
  return out->failed ? ens_error_memory(error) : ENS_OK;
}

static ens_status expect(const char *path, const char *symbol, const char *fingerprint, ens_model **model,
                         ens_error *error) {
  ens_status status = ens_library_expect(path, symbol, fingerprint, error);
  if (status) (*model)->ops->destroy(*model);
  if (status) *model = NULL;
  return status;
}

/* Messages name the path that the script gives. If that path does not exist here, the model uses the full path. */
ens_status ens_native_pack_take(ens_bundle *bundle, ens_model **out, ens_error *error) {
  char *path = ens_bundle_take_text(bundle), *full = ens_bundle_take_text(bundle);
  char *symbol = ens_bundle_take_text(bundle), *fingerprint = ens_bundle_take_text(bundle);
  size_t n = (size_t)ens_bundle_take_count(bundle);
  char **name = bundle->failed ? NULL : calloc(n + 1, sizeof *name);
  for (size_t d = 0; name && d < n; d++) name[d] = ens_bundle_take_text(bundle);
  ens_native_spec spec = {.path = full && access(path, R_OK) != 0 ? full : path,
                          .symbol = symbol,
                          .parameters = name,
                          .ndim = n,
                          .prior = ens_prior_unpack(bundle),
                          .data = ens_pack_take_tree(bundle)};
  ens_status status = ENS_OK;
  if (!name || !path || !fingerprint || bundle->failed) {
    status = ens_error_memory(error);
    free(spec.prior);
    ens_tree_destroy(spec.data);
  } else {
    status = ens_native_create(&spec, out, error);
    if (!status) status = expect(spec.path, symbol ? symbol : ENS_NATIVE_SYMBOL, fingerprint, out, error);
  }
  ens_list_free(name, n);
  free(path);
  free(full);
  free(symbol);
  free(fingerprint);
  return status;
}
