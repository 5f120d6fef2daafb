/* Makes a new store. */
#ifndef ENS_STORE_CREATE_H
#define ENS_STORE_CREATE_H

#include "store/store.h"

/* Makes a store at `path`, which must not exist. The file is built beside it under another name and renamed when it is
 * complete, so that an error leaves no incomplete file. `start` is the state before the first step; its step is 0. */
ens_status ens_store_create(const char *path, const ens_store_record *record, const ens_store_checkpoint *start,
                            const ens_store_options *options, ens_store **out, ens_error *error);

#endif
