/* The readers of data files in Lua. Errors are nil, message, kind. */
#ifndef ENS_SCRIPT_LIB_READER_LIB_H
#define ENS_SCRIPT_LIB_READER_LIB_H

#include "script/state/compat.h"

/* Adds read_csv, read_npy, ... to the module table on top. Their result is an array, a number, or { names = { ... },
 * values = { name -> such a result }, left_out = { name -> reason }, what = the word for an entry }. read_hdf5 and
 * read_fits also return whether the file has the name that was asked for; if not, left_out lists the names that it
 * has. */
void ens_reader_lib_open(lua_State *L);

#endif
