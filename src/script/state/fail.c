/* Pushes the three values and clears the error. */
#include "script/state/fail.h"

int ens_fail(lua_State *L, ens_error *error) {
  ENS_STACK(L, -0, +3);
  const char *kind = error->status == ENS_CONFIG   ? "config"
                     : error->status == ENS_MODEL  ? "model"
                     : error->status == ENS_MEMORY ? "memory"
                                                   : "io";
  lua_pushnil(L);
  lua_pushstring(L, ens_error_text(error));
  lua_pushstring(L, kind);
  ens_error_clear(error);
  return 3;
}
