/* What a store remembers of a model and its data, to tell whether they are the same when it is gone on with. */
#ifndef ENS_SCRIPT_MODEL_FINGERPRINT_H
#define ENS_SCRIPT_MODEL_FINGERPRINT_H

#include "script/transfer/transfer.h"

/* Of bytes, and the arrays of a parcel (NULL: none). */
void ens_fingerprint(char out[64], const void *bytes, size_t size, const ens_parcel *arrays);
/* Of the data at `index` (nil: none), which are encoded into *out. */
ens_status ens_fingerprint_data(lua_State *L, int index, char out[64], ens_parcel *data, ens_error *error);

#endif
