/* Fingerprints of a model and its data. A store keeps them, and a resumed run compares them with its own. */
#ifndef ENS_SCRIPT_MODEL_FINGERPRINT_H
#define ENS_SCRIPT_MODEL_FINGERPRINT_H

#include "script/transfer/transfer.h"

/* The fingerprint of bytes and of a parcel's arrays (NULL: none). */
void ens_fingerprint(char out[64], const void *bytes, size_t size, const ens_parcel *arrays);
/* The fingerprint that the same data have in the other engine's program. False: not known. */
bool ens_fingerprint_elsewhere(char out[64], const ens_parcel *data);
/* The fingerprint of the data at `index` (nil: none), which are encoded into *data; the caller frees that. */
ens_status ens_fingerprint_data(lua_State *L, int index, char out[64], ens_parcel *data, ens_error *error);

#endif
