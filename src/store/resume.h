/* Opens an existing store to write more steps. */
#ifndef ENS_STORE_RESUME_H
#define ENS_STORE_RESUME_H

#include "store/store.h"

/* Fills `record` and `checkpoint`, which the caller frees; they are empty after an error. ENS_CONFIG: the file is not a
 * store or of a newer version, or another process writes it. */
ens_status ens_store_resume(const char *path, const ens_store_options *options, ens_store **out,
                            ens_store_record *record, ens_store_checkpoint *checkpoint, ens_error *error);

#endif
