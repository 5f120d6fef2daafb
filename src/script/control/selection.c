/* Reads the chain in pieces and copies the selected steps into one new array, or into lists for texts. */
#include "script/control/selection.h"

#include <string.h>

#include "script/state/fail.h"
#include "script/value/array.h"
#include "script/value/blob.h"

typedef struct selection {
  ens_chain *chain;
  uint64_t discard, thin, n; /* steps discard + thin, discard + 2 thin, ...: n of them */
  enum { COORDS, LOG_PROB, BLOBS } what;
  size_t stored, first, width; /* numbers of a walker in the chain; the wanted ones of them */
  const ens_blob_def *blob;    /* NULL for coords and log_prob */
  bool flat;
} selection;

static void select_blob(lua_State *L, selection *s, const ens_blobs *blobs) {
  ENS_STACK(L, -0, +0);
  size_t which = (size_t)luaL_checknumber(L, 6);
  luaL_argcheck(L, which >= 1 && which <= blobs->count, 6, "no such blob");
  s->blob = &blobs->def[which - 1];
  s->stored = blobs->ncells;
  s->first = s->blob->first;
  s->width = ens_blob_cells(s->blob);
}

static selection read_selection(lua_State *L, ens_chain *chain, const ens_blobs *blobs) {
  ENS_STACK(L, -0, +0);
  selection s = {
      .chain = chain, .discard = (uint64_t)luaL_optnumber(L, 3, 0), .thin = (uint64_t)luaL_optnumber(L, 4, 1)};
  const char *what = luaL_checkstring(L, 2);
  s.what = strcmp(what, "coords") == 0 ? COORDS : strcmp(what, "blobs") == 0 ? BLOBS : LOG_PROB;
  s.stored = s.width = s.what == COORDS ? chain->ndim : 1;
  if (s.what == BLOBS) select_blob(L, &s, blobs);
  s.flat = lua_toboolean(L, 5);
  if (s.thin < 1) s.thin = 1;
  s.n = chain->nsteps > s.discard ? (chain->nsteps - s.discard) / s.thin : 0;
  return s;
}

/* The result's shape: [n][walker][width], without the last axis for single numbers, the first two joined when flat. */
static size_t shape_of(const selection *s, size_t *shape) {
  size_t rank = 0;
  if (s->flat) {
    shape[rank++] = (size_t)s->n * s->chain->nwalkers;
  } else {
    shape[rank++] = (size_t)s->n;
    shape[rank++] = s->chain->nwalkers;
  }
  if (s->what == COORDS || (s->blob && s->blob->kind == ENS_BLOB_VECTOR)) shape[rank++] = s->width;
  return rank;
}

static ens_status read_steps(const selection *s, uint64_t start, size_t count, double *to, ens_error *error) {
  return ens_chain_read(s->chain,
                        &(ens_chain_steps){.start = start,
                                           .count = count,
                                           .coords = s->what == COORDS ? to : NULL,
                                           .log_prob = s->what == LOG_PROB ? to : NULL,
                                           .blobs = s->what == BLOBS ? to : NULL},
                        error);
}

/* Reads the i-th selected step. */
static ens_status read_step(const selection *s, uint64_t i, double *rows, ens_error *error) {
  return read_steps(s, s->discard + (i + 1) * s->thin - 1, 1, rows, error);
}

/* Reads all steps at once if none is left out, else one by one through `rows`. */
static ens_status read_numbers(const selection *s, double *to, double *rows, ens_error *error) {
  if (s->thin == 1 && s->width == s->stored) return read_steps(s, s->discard, (size_t)s->n, to, error);
  for (uint64_t i = 0; i < s->n; i++) {
    ens_status status = read_step(s, i, rows, error);
    if (status) return status;
    for (size_t k = 0; k < s->chain->nwalkers; k++, to += s->width)
      memcpy(to, rows + k * s->stored + s->first, s->width * sizeof *to);
  }
  return ENS_OK;
}

/* Fills the table on top with a list of strings per step, or with all strings if flat. */
static ens_status read_texts(lua_State *L, const selection *s, double *rows, ens_error *error) {
  ENS_STACK(L, -0, +0);
  size_t nwalkers = s->chain->nwalkers;
  for (uint64_t i = 0; i < s->n; i++) {
    ens_status status = read_step(s, i, rows, error);
    if (status) return status;
    if (!s->flat) lua_createtable(L, (int)nwalkers, 0);
    for (size_t k = 0; k < nwalkers; k++) {
      ens_blob_push_text(L, s->blob, rows + k * s->stored);
      lua_rawseti(L, -2, (int)((s->flat ? i * nwalkers : 0) + k) + 1);
    }
    if (!s->flat) lua_rawseti(L, -2, (int)i + 1);
  }
  return ENS_OK;
}

int ens_selection_push(lua_State *L, ens_chain *chain, const ens_blobs *blobs) {
  ENS_STACK_RANGE(L, -0, +2, +5);
  selection s = read_selection(L, chain, blobs);
  size_t shape[3], rank = shape_of(&s, shape);
  double *rows = lua_newuserdata(L, chain->nwalkers * s.stored * sizeof *rows);
  ens_error error = ENS_ERROR_NONE;
  ens_status status;
  if (s.blob && s.blob->kind == ENS_BLOB_TEXT) {
    lua_createtable(L, (int)shape[0], 0);
    status = read_texts(L, &s, rows, &error);
  } else {
    ens_array_push_new(L, ens_array_create(rank, shape));
    status = read_numbers(&s, ens_array_test(L, -1)->data, rows, &error);
  }
  return status ? ens_fail(L, &error) : 1;
}
