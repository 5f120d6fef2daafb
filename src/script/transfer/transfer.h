/* Values from one Lua state to another: encoded once in the control state, decoded in each worker's. They may be nil,
 * booleans, integers, floats, strings, tables (cycles, sharing, metatables), Lua functions with their captured
 * variables (shared ones stay shared), libraries (by name), modules (by require), arrays (shared, not copied), work
 * arrays (copied, views too) and C functions of libraries. Keys go in sorted order, so that equal values give equal
 * bytes. */
#ifndef ENS_SCRIPT_TRANSFER_TRANSFER_H
#define ENS_SCRIPT_TRANSFER_TRANSFER_H

#include "base/error.h"
#include "script/state/compat.h"
#include "script/transfer/parcel.h"

/* Encode the value at `index`. `what` names it in messages ("log_prob", "data"). ENS_CONFIG: a value cannot be copied;
 * the error names it and the way to it. *out is empty after an error; otherwise the caller frees it.
 *
 * ens_transfer_encode_data: the value alone, its functions without debug information. ens_transfer_encode_meaning: the
 * same, then the globals of the user that its functions name: for fingerprints, never decoded. ens_transfer_encode: all
 * globals of the user, then the value, with debug information. What value and globals share stays shared. A global that
 * cannot be copied goes as a reason, which its first reader gets as an error. */
ens_status ens_transfer_encode_data(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error);
ens_status ens_transfer_encode_meaning(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error);
ens_status ens_transfer_encode(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error);

/* Push the value of ens_transfer_encode_data or ens_transfer_encode; the latter sets the state's globals first. Raise
 * Lua errors, also for malformed bytes: call protected. */
void ens_transfer_decode_data(lua_State *L, const ens_parcel *parcel);
void ens_transfer_decode(lua_State *L, const ens_parcel *parcel);

#endif
