/* Opens a store for reading, even on a read-only file system or after its writer was killed. */
#ifndef ENS_STORE_READER_H
#define ENS_STORE_READER_H

#include "store/file/database.h"
#include "store/file/place.h"

/* Opens the file and begins a read transaction, so that all reads see one state of the file. Close it soon: an open
 * reader keeps a writer from ending. ENS_CONFIG if the file is not a store. */
ens_status ens_reader_open(const ens_place *place, ens_database **out, ens_error *error);
void ens_reader_close(ens_database *db); /* NULL is fine */

#endif
