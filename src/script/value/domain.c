/* Reads three lists of equal length; a missing end is an infinity. */
#include "script/value/domain.h"

static void read_numbers(lua_State *L, int index, const char *field, size_t n, double *out) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, field);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    out[i] = lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void read_flags(lua_State *L, int index, ens_domain *domain) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, index, "periodic");
  for (size_t i = 0; i < domain->ndim; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    domain->periodic[i] = lua_toboolean(L, -1);
    domain->any_periodic = domain->any_periodic || domain->periodic[i];
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

bool ens_domain_take(lua_State *L, int index, size_t ndim, ens_domain **out) {
  ENS_STACK(L, -0, +0);
  *out = NULL;
  if (!lua_istable(L, index)) return true;
  index = lua_absindex(L, index);
  ens_domain *domain = *out = ens_domain_create(ndim);
  if (!domain) return false;
  read_numbers(L, index, "low", ndim, domain->low);
  read_numbers(L, index, "high", ndim, domain->high);
  read_flags(L, index, domain);
  return true;
}
