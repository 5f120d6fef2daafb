/* Libraries go by path and are loaded by each rank; addresses of functions are found again there. */
#include "script/model/pack.h"

#include <stdlib.h>
#include <string.h>

#include "data/pack.h"
#include "dist/prior.h"
#include "eval/library.h"
#include "eval/native_pack.h"

static const char lua_kind[] = "lua";

/* ---- parcels ---- */

/* Libraries lie at other addresses in other processes: a C function goes as its place in its library's file. */
static void put_addresses(const ens_parcel *parcel, ens_bundle *out) {
  ens_bundle_put_count(out, parcel->naddresses);
  for (size_t i = 0; i < parcel->naddresses; i++) {
    uint64_t address;
    size_t offset = 0;
    char fingerprint[64] = "";
    memcpy(&address, parcel->bytes + parcel->address[i], sizeof address);
    const char *file = ens_library_of((const void *)(uintptr_t)address, &offset);
    char *full = file ? realpath(file, NULL) : NULL;
    ens_bundle_put_count(out, parcel->address[i]);
    ens_bundle_put_text(out, full ? full : file);
    ens_bundle_put_count(out, offset);
    if (file) ens_library_fingerprint(full ? full : file, "", fingerprint);
    ens_bundle_put_text(out, fingerprint);
    free(full);
  }
}

static ens_status take_addresses(ens_bundle *bundle, ens_parcel *parcel, ens_error *error) {
  size_t n = (size_t)ens_bundle_take_count(bundle);
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && !bundle->failed && i < n; i++) {
    void *address = NULL;
    size_t at = (size_t)ens_bundle_take_count(bundle);
    char *file = ens_bundle_take_text(bundle);
    size_t offset = (size_t)ens_bundle_take_count(bundle);
    char *fingerprint = ens_bundle_take_text(bundle);
    if (file && !bundle->failed) status = ens_library_at(file, offset, &address, error);
    if (address) status = ens_library_expect(file, "", fingerprint, error);
    uint64_t number = (uint64_t)(uintptr_t)address;
    if (address && at <= parcel->size && sizeof number <= parcel->size - at)
      memcpy(parcel->bytes + at, &number, sizeof number);
    free(file);
    free(fingerprint);
  }
  return status;
}

static void put_parcel(const ens_parcel *parcel, ens_bundle *out) {
  ens_bundle_put_count(out, parcel->size);
  ens_bundle_put(out, parcel->bytes, parcel->size);
  ens_bundle_put_count(out, parcel->narrays);
  for (size_t i = 0; i < parcel->narrays; i++) ens_pack_array(parcel->array[i], out);
  put_addresses(parcel, out);
}

static ens_status take_parcel(ens_bundle *bundle, ens_parcel *out, ens_error *error) {
  out->size = out->capacity = (size_t)ens_bundle_take_count(bundle);
  out->bytes = malloc(out->size + 1);
  bundle->failed = bundle->failed || !out->bytes;
  if (out->bytes) ens_bundle_take(bundle, out->bytes, out->size);
  size_t n = (size_t)ens_bundle_take_count(bundle);
  out->array = calloc(n + 1, sizeof *out->array);
  bundle->failed = bundle->failed || !out->array;
  for (size_t i = 0; !bundle->failed && i < n; i++) {
    out->array[i] = ens_pack_take_array(bundle);
    if (out->array[i])
      out->narrays = out->array_capacity = i + 1;
    else
      bundle->failed = true;
  }
  return bundle->failed ? ens_error_memory(error) : take_addresses(bundle, out, error);
}

/* ---- models ---- */

static void put_names(char *const *name, size_t n, ens_bundle *out) {
  ens_bundle_put_count(out, n);
  for (size_t i = 0; i < n; i++) ens_bundle_put_text(out, name[i]);
}

static char **take_names(ens_bundle *bundle, size_t *count) {
  size_t n = *count = (size_t)ens_bundle_take_count(bundle);
  char **name = bundle->failed ? NULL : calloc(n + 1, sizeof *name);
  if (!name) {
    bundle->failed = true;
    *count = 0;
  }
  for (size_t i = 0; name && i < n; i++) name[i] = ens_bundle_take_text(bundle);
  return name;
}

static void put_blobs(const ens_blobs *blobs, ens_bundle *out) {
  ens_bundle_put_count(out, blobs->count);
  for (size_t i = 0; i < blobs->count; i++) {
    ens_bundle_put_text(out, blobs->def[i].name);
    ens_bundle_put_count(out, blobs->def[i].kind);
    ens_bundle_put_count(out, blobs->def[i].length);
  }
}

static void take_blobs(ens_bundle *bundle, ens_blobs *out) {
  size_t n = (size_t)ens_bundle_take_count(bundle);
  for (size_t i = 0; !bundle->failed && i < n; i++) {
    char *name = ens_bundle_take_text(bundle);
    ens_blob_kind kind = (ens_blob_kind)ens_bundle_take_count(bundle);
    size_t length = (size_t)ens_bundle_take_count(bundle);
    if (!name || !ens_blobs_add(out, name, kind, length)) bundle->failed = true;
    free(name);
  }
}

ens_status ens_model_pack_put(const ens_model *base, ens_bundle *out, ens_error *error) {
  const ens_lua_model *model = (const ens_lua_model *)base;
  ens_bundle_put_text(out, lua_kind);
  ens_bundle_put_text(out, model->name);
  ens_bundle_put_text(out, model->search_path);
  ens_bundle_put_count(out, model->text ? model->text_size : UINT64_MAX);
  if (model->text) ens_bundle_put(out, model->text, model->text_size);
  put_parcel(&model->table, out);
  put_parcel(&model->data, out);
  put_names(base->parameters, base->ndim, out);
  put_blobs(&base->blobs, out);
  ens_prior_pack(model->prior, out);
  return out->failed ? ens_error_memory(error) : ENS_OK;
}

static void take_source(ens_bundle *bundle, ens_lua_model *model) {
  uint64_t size = ens_bundle_take_count(bundle);
  if (bundle->failed || size == UINT64_MAX) return;
  model->text_size = (size_t)size;
  model->text = malloc(model->text_size + 1);
  bundle->failed = !model->text;
  if (!model->text) return;
  ens_bundle_take(bundle, model->text, model->text_size);
  model->text[model->text_size] = '\0';
}

static ens_status take_lua(ens_bundle *bundle, ens_model **out, ens_error *error) {
  ens_lua_model *model = ens_lua_model_empty();
  if (!model) return ens_error_memory(error);
  model->name = ens_bundle_take_text(bundle);
  model->search_path = ens_bundle_take_text(bundle);
  model->base.name = model->name;
  take_source(bundle, model);
  ens_status status = take_parcel(bundle, &model->table, error);
  if (!status) status = take_parcel(bundle, &model->data, error);
  if (!status) model->base.parameters = take_names(bundle, &model->base.ndim);
  if (!status) take_blobs(bundle, &model->base.blobs);
  if (!status) model->prior = ens_prior_unpack(bundle);
  if (!status && bundle->failed) status = ens_error_memory(error);
  if (status) {
    model->base.ops->destroy(&model->base);
    return status;
  }
  *out = &model->base;
  return ENS_OK;
}

ens_status ens_model_pack_take(ens_bundle *bundle, ens_model **out, ens_error *error) {
  char *kind = ens_bundle_take_text(bundle);
  bool is_lua = kind && strcmp(kind, lua_kind) == 0;
  free(kind);
  return is_lua ? take_lua(bundle, out, error) : ens_native_pack_take(bundle, out, error);
}
