/* Builds one instance to check the model and to learn its names, then keeps the encoded table for the others. */
#include "script/model/lua_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "script/lib/dist_lib.h"
#include "script/model/fingerprint.h"
#include "script/model/instance.h"
#include "script/model/pack.h"
#include "script/value/cfunction.h"
#include "script/value/domain.h"

/* ---- ens_model ---- */

static ens_status make_instance(ens_model *base, unsigned worker, void **out, ens_error *error) {
  ens_instance *instance = NULL;
  ens_status status = ens_instance_create((ens_lua_model *)base, worker, true, &instance, error);
  *out = instance;
  return status;
}

static bool recognize_data(const ens_model *base, const char *fingerprint) {
  char other[sizeof base->data_fingerprint];
  return ens_fingerprint_elsewhere(other, &((const ens_lua_model *)base)->data) && strcmp(fingerprint, other) == 0;
}

static void destroy(ens_model *base) {
  ens_lua_model *model = (ens_lua_model *)base;
  if (!model) return;
  ens_list_free(base->parameters, base->ndim);
  ens_blobs_free(&base->blobs);
  ens_domain_destroy(base->domain);
  free(base->data_fields);
  ens_parcel_free(&model->table);
  ens_parcel_free(&model->data);
  free(model->name);
  free(model->text);
  free(model->search_path);
  free(model->prior);
  free(model);
}

/* ---- reading the description ---- */

/* A copy of a string field; NULL without memory. */
static char *copy_field(lua_State *L, int index, const char *field, size_t *size) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, field);
  size_t length = 0;
  const char *text = lua_tolstring(L, -1, &length);
  char *copy = malloc(length + 1);
  if (copy && text) memcpy(copy, text, length);
  if (copy) copy[length] = '\0';
  if (size) *size = length;
  lua_pop(L, 1);
  return copy;
}

static char *copy_search_path(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "package");
  char *path = copy_field(L, lua_gettop(L), "path", NULL);
  lua_pop(L, 1);
  return path;
}

static ens_status read_table(lua_State *L, int spec, ens_lua_model *model, ens_error *error) {
  ENS_STACK(L, -0, +0);
  ens_parcel stripped;
  lua_getfield(L, spec, "table");
  ens_status status = ens_transfer_encode(L, -1, "model", &model->table, error);
  if (!status) status = ens_transfer_encode_meaning(L, -1, "model", &stripped, error);
  lua_pop(L, 1);
  if (status) return status;
  ens_fingerprint(model->base.fingerprint, stripped.bytes, stripped.size, &stripped);
  ens_parcel_free(&stripped);
  return ENS_OK;
}

static ens_status read_file(lua_State *L, int spec, ens_lua_model *model, ens_error *error) {
  ENS_STACK(L, -0, +0);
  model->text = copy_field(L, spec, "text", &model->text_size);
  if (!model->text) return ens_error_memory(error);
  ens_fingerprint(model->base.fingerprint, model->text, model->text_size, NULL);
  return ENS_OK;
}

static ens_status read_data(lua_State *L, int index, ens_lua_model *model, ens_error *error) {
  ENS_STACK(L, -0, +0);
  return ens_fingerprint_data(L, index, model->base.data_fingerprint, &model->data, error);
}

/* Names from the list at `index` of the scratch state. */
static char **copy_names(lua_State *L, int index, size_t *count) {
  ENS_STACK(L, -0, +0);
  size_t n = *count = ens_rawlen(L, index);
  char **names = calloc(n + 1, sizeof *names);
  for (size_t i = 0; names && i < n; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    names[i] = strdup(lua_tostring(L, -1));
    lua_pop(L, 1);
    if (!names[i]) {
      ens_list_free(names, n);
      return NULL;
    }
  }
  return names;
}

/* The list of form.lua: { name, kind, length } of each blob. */
static ens_status read_blobs(lua_State *L, int index, ens_blobs *out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  static const char *const kinds[] = {"number", "vector", "text", NULL};
  bool fine = true;
  for (size_t i = 0; fine && i < ens_rawlen(L, index); i++) {
    lua_rawgeti(L, index, (int)i + 1);
    for (int field = 1; field <= 3; field++) lua_rawgeti(L, -field, field);
    fine = ens_blobs_add(out, lua_tostring(L, -3), (ens_blob_kind)luaL_checkoption(L, -2, NULL, kinds),
                         (size_t)lua_tonumber(L, -1));
    lua_pop(L, 4);
  }
  return fine ? ENS_OK : ens_error_memory(error);
}

static void draw_from_prior(const ens_model *base, ens_stream *stream, double *theta) {
  ens_prior_draw(((const ens_lua_model *)base)->prior, stream, theta);
}

static ens_status read_prior(lua_State *L, int index, ens_lua_model *model, ens_error *error) {
  ENS_STACK(L, -0, +0);
  if (lua_isnil(L, index)) return ENS_OK;
  model->prior = ens_dist_lib_read_prior(L, index);
  model->base.draw = draw_from_prior;
  return model->prior ? ENS_OK : ens_error_memory(error);
}

/* Adds the library to the fingerprint of a model file whose log_prob is a C function. The fingerprint of an inline
 * table contains it already. */
static void count_library(ens_lua_model *model, const ens_cfunction *native) {
  char both[160], library[64];
  void *address;
  memcpy(&address, &native->function, sizeof address);
  ens_cfunction_fingerprint(address, library);
  snprintf(both, sizeof both, "%s %s", model->base.fingerprint, library);
  ens_fingerprint(model->base.fingerprint, both, strlen(both), NULL);
}

/* Loads the model once, before anything else starts, and reads its names, blobs, priors and domain. */
static ens_status try_out(ens_lua_model *model, ens_error *error) {
  ens_instance *scratch = NULL;
  ens_status status = ens_instance_create(model, 0, false, &scratch, error);
  if (status) return status;
  ens_model *base = &model->base;
  lua_State *L = scratch->L;
  lua_getfield(L, 2, "names");
  lua_getfield(L, 2, "blobs");
  lua_getfield(L, 2, "priors");
  lua_getfield(L, 2, "domain");
  lua_getfield(L, 2, "log_prob");
  base->parameters = copy_names(L, 3, &base->ndim);
  status = base->parameters ? read_blobs(L, 4, &base->blobs, error) : ens_error_memory(error);
  if (!status) status = read_prior(L, 5, model, error);
  if (!status && !ens_domain_take(L, 6, base->ndim, &base->domain)) status = ens_error_memory(error);
  const ens_cfunction *native = ens_cfunction_test(L, 7);
  if (native && model->text) count_library(model, native);
  ens_instance_destroy(scratch);
  return status;
}

static const ens_model_ops ops = {.instance = make_instance,
                                  .evaluate = ens_instance_evaluate,
                                  .release = ens_instance_destroy,
                                  .interrupt = ens_instance_interrupt,
                                  .pack = ens_model_pack_put,
                                  .recognize_data = recognize_data,
                                  .destroy = destroy};

ens_lua_model *ens_lua_model_test(ens_model *model) {
  return model->ops == &ops ? (ens_lua_model *)model : NULL;
}

ens_lua_model *ens_lua_model_empty(void) {
  ens_lua_model *model = calloc(1, sizeof *model);
  if (model) model->base.ops = &ops;
  return model;
}

ens_status ens_lua_model_create(lua_State *L, int spec, int data, ens_lua_model **out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  spec = lua_absindex(L, spec);
  data = lua_absindex(L, data);
  ens_lua_model *model = ens_lua_model_empty();
  if (!model) return ens_error_memory(error);
  lua_getfield(L, spec, "kind");
  bool file = strcmp(luaL_optstring(L, -1, "table"), "file") == 0;
  lua_pop(L, 1);
  model->name = copy_field(L, spec, file ? "path" : "name", NULL);
  model->search_path = copy_search_path(L);
  model->base.name = model->name;
  ens_status status = model->name && model->search_path ? ENS_OK : ens_error_memory(error);
  if (!status) status = file ? read_file(L, spec, model, error) : read_table(L, spec, model, error);
  if (!status) status = read_data(L, data, model, error);
  if (!status) status = try_out(model, error);
  if (status) {
    destroy(&model->base);
    return status;
  }
  *out = model;
  return ENS_OK;
}
