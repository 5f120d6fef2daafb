/* Loading of Lua files by scripts and models. They are loaded as text only, through process/sources.h, so that the
 * store keeps a copy of each. */
#ifndef ENS_SCRIPT_LIB_TEXT_LIB_H
#define ENS_SCRIPT_LIB_TEXT_LIB_H

#include "script/state/compat.h"

/* Replaces dofile, loadfile and the searcher of require that reads files. `role` ("module", "model module") is that of
 * the files they read. Call it after ens_embedded_open. */
void ens_text_lib_open(lua_State *L, const char *role);
/* read_text(path [, role]): the text; or nil; or nil and the reason if the file exists but cannot be read. */
int ens_text_lib_read(lua_State *L);

#endif
