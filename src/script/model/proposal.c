/* The move's operations; propose fills the position's table, calls the function and checks its results through
 * proposal.lua. */
#include "script/model/proposal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "script/model/fingerprint.h"
#include "script/model/sandbox.h"

typedef struct proposal {
  ens_move base;
  lua_State *L;
  ens_stream random;
  ens_output output;
  int call, x; /* references in the registry */
} proposal;

/* ---- the move ---- */

static size_t npartners(const ens_move *self, size_t ncomplement) {
  (void)self, (void)ncomplement;
  return 0;
}

static void partners(const ens_move *self, ens_stream *stream, size_t ncomplement, size_t *index) {
  (void)self, (void)stream, (void)ncomplement, (void)index;
}

typedef struct call {
  const proposal *self;
  size_t ndim;
  const double *x;
  double *q, factor;
} call;

static int call_proposal(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  call *c = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, c->self->call);
  lua_rawgeti(L, LUA_REGISTRYINDEX, c->self->x);
  for (size_t d = 0; d < c->ndim; d++) {
    lua_pushnumber(L, c->x[d]);
    lua_rawseti(L, -2, (int)d + 1);
  }
  lua_call(L, 1, 2);
  c->factor = lua_tonumber(L, -1);
  for (size_t d = 0; d < c->ndim; d++) {
    lua_rawgeti(L, -2, (int)d + 1);
    c->q[d] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  return 0;
}

static double propose(const ens_move *base, const ens_move_context *context, ens_stream *stream, const double *x,
                      const double *const *partner, double *q) {
  (void)partner;
  proposal *self = (proposal *)base;
  lua_State *L = self->L;
  call c = {.self = self, .ndim = context->ndim, .x = x, .q = q};
  self->random = *stream;
  lua_settop(L, 0);
  lua_pushcfunction(L, ens_sandbox_handle);
  lua_pushcfunction(L, call_proposal);
  lua_pushlightuserdata(L, &c);
  bool fine = lua_pcall(L, 1, 0, 1) == LUA_OK;
  *stream = self->random;
  if (fine) return c.factor;
  const char *message = lua_tostring(L, -1);
  ens_error_set(context->error, ENS_MODEL, "%s", message ? message : "not enough memory");
  memcpy(q, x, context->ndim * sizeof *q);
  return -INFINITY;
}

static void destroy(ens_move *base) {
  proposal *self = (proposal *)base;
  if (self->L) lua_close(self->L);
  ens_output_close(&self->output);
  free(self);
}

const ens_move_kind ens_move_mh = {.name = "mh",
                                   .text = "Metropolis and Hastings with a proposal function of your own"};

/* ---- making it ---- */

typedef struct making {
  proposal *self;
  const ens_parcel *parcel;
  const char *search_path;
  void (*libraries)(lua_State *L);
} making;

/* The parcel is { function, names } with the script's globals, which are set before any code runs. */
static int build(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  making *m = lua_touserdata(L, 1);
  ens_sandbox_open(L, &m->self->random, &m->self->output, m->search_path, m->libraries);
  ens_transfer_decode(L, m->parcel);
  int parts = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.proposal");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "wrap");
  lua_pushvalue(L, parts);
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  lua_remove(L, -3);
  lua_call(L, 2, 2);
  m->self->x = luaL_ref(L, LUA_REGISTRYINDEX);
  m->self->call = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static ens_status open_state(proposal *self, making *m, ens_error *error) {
  self->L = luaL_newstate();
  if (!self->L) return ens_error_memory(error);
  lua_pushcfunction(self->L, ens_sandbox_handle);
  lua_pushcfunction(self->L, build);
  lua_pushlightuserdata(self->L, m);
  if (lua_pcall(self->L, 1, 0, 1) == LUA_OK) return ENS_OK;
  const char *message = lua_tostring(self->L, -1);
  return ens_error_set(error, ENS_MODEL, "move 'mh': %s", message ? message : "not enough memory");
}

/* Pushes { function, names }. */
static void push_parts(lua_State *L, int index) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, 2, 0);
  lua_getfield(L, index, "proposal");
  lua_rawseti(L, -2, 1);
  lua_getfield(L, index, "names");
  lua_rawseti(L, -2, 2);
}

static ens_status encode(lua_State *L, int index, ens_parcel *parcel, char fingerprint[64], ens_error *error) {
  ENS_STACK(L, -0, +0);
  ens_parcel stripped;
  push_parts(L, index);
  ens_status status = ens_transfer_encode_meaning(L, -1, "proposal", &stripped, error);
  if (!status) {
    ens_fingerprint(fingerprint, stripped.bytes, stripped.size, &stripped);
    ens_parcel_free(&stripped);
    status = ens_transfer_encode(L, -1, "proposal", parcel, error);
  }
  lua_pop(L, 1);
  return status;
}

ens_status ens_proposal_create(lua_State *L, int index, void (*libraries)(lua_State *L), ens_move **out,
                               char fingerprint[64], ens_error *error) {
  ENS_STACK(L, -0, +0);
  static const ens_move_ops ops = {
      .npartners = npartners, .partners = partners, .propose = propose, .destroy = destroy};
  ens_parcel parcel = {0};
  proposal *self = calloc(1, sizeof *self);
  if (!self) return ens_error_memory(error);
  self->base = (ens_move){.ops = &ops, .kind = &ens_move_mh};
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "path");
  ens_status status = encode(L, lua_absindex(L, index), &parcel, fingerprint, error);
  making m = {self, &parcel, lua_tostring(L, -1), libraries};
  if (!status) status = open_state(self, &m, error);
  lua_pop(L, 2);
  ens_parcel_free(&parcel);
  if (status)
    destroy(&self->base);
  else
    *out = &self->base;
  return status;
}
