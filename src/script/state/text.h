/* Files of Lua as scripts and models load them: as text only, and known to the run, which stores them. */
#ifndef ENS_SCRIPT_STATE_TEXT_H
#define ENS_SCRIPT_STATE_TEXT_H

#include "script/state/compat.h"

/* Puts our own in place of dofile, loadfile and the searcher of require that reads files. `role` of what they read: a
 * string that stays. After ens_embedded_open. */
void ens_text_lib_open(lua_State *L, const char *role);
/* read_text(path [, role]): the text; or nil and, where the file is there but cannot be read, why. */
int ens_text_lib_read(lua_State *L);

#endif
