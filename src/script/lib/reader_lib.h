/* The readers of data files as Lua sees them. Failures are nil, message, kind. */
#ifndef ENS_SCRIPT_LIB_READER_LIB_H
#define ENS_SCRIPT_LIB_READER_LIB_H

#include "script/state/compat.h"

/* Adds read_csv, read_npy, ... to the module table on top. Their result is an array, a number, or
 * { names = { ... }, values = { name -> such a result }, left_out = { name -> reason }, what = a name for an entry }.
 * read_hdf5 and read_fits tell also whether what was asked for was found; if not, the names that there are are in
 * left_out. */
void ens_reader_lib_open(lua_State *L);

#endif
