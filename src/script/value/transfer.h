/* Values from one Lua state to another, through bytes: encoded once in the control state, decoded in each worker's.
 * nil, booleans, integers, floats, strings, tables (cycles, sharing, metatables), Lua functions with their captured
 * values (shared ones stay shared), what the libraries of a state hold (by name), modules (by require), arrays (shared,
 * not copied) and work arrays (copied, a view of one too). Keys are encoded in sorted order, so equal values give equal
 * bytes. */
#ifndef ENS_SCRIPT_VALUE_TRANSFER_H
#define ENS_SCRIPT_VALUE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/array.h"
#include "script/state/compat.h"

/* Bytes, and the arrays that they refer to. Read-only once encoded: any number of threads may decode at a time. */
typedef struct ens_parcel {
  char *bytes;
  size_t size, capacity;
  ens_array **array; /* retained */
  size_t narrays, array_capacity;
  size_t *address; /* where in the bytes addresses of functions are, which hold for this process only */
  size_t naddresses, address_capacity;
} ens_parcel;

void ens_parcel_free(ens_parcel *parcel);

/* Remembers what the state holds now (libraries, ensemble's modules) as things that every state has, known by name.
 * To be called once in each state, before any code of the user runs. */
void ens_transfer_mark(lua_State *L);

/* Encodes the value at `index`. `what` names it in messages ("log_prob", "data"). Functions are stripped of their debug
 * information when `strip`. ENS_CONFIG names what cannot be copied and how it was reached. */
ens_status ens_transfer_encode(lua_State *L, int index, const char *what, bool strip, ens_parcel *out,
                               ens_error *error);
/* The same, stripped, and behind it those globals that the user's code made and that the value's functions name, and
 * those that these name: for fingerprints of what the value does. */
ens_status ens_transfer_encode_meaning(lua_State *L, int index, const char *what, ens_parcel *out, ens_error *error);
/* The value, not stripped, behind all globals that the user's code made: what value and globals share stays shared. A
 * global that cannot be copied is encoded as a reason to tell whoever uses it. */
ens_status ens_transfer_encode_with_globals(lua_State *L, int index, const char *what, ens_parcel *out,
                                            ens_error *error);
/* Pushes the value. Raises Lua errors: call protected. */
void ens_transfer_decode(lua_State *L, const ens_parcel *parcel);
/* Sets the state's globals and pushes the value, of what ens_transfer_encode_with_globals made. Likewise. */
void ens_transfer_decode_with_globals(lua_State *L, const ens_parcel *parcel);

#endif
