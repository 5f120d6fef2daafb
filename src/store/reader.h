/* Opening a store to read, wherever it is and whatever state its writer left it in. */
#ifndef ENS_STORE_READER_H
#define ENS_STORE_READER_H

#include "store/file/database.h"
#include "store/file/place.h"

/* Opens the file and begins a read transaction: what is read is of one moment. To be closed soon: an open reader keeps
 * a writer from ending. Refuses what is not a store. */
ens_status ens_reader_open(const ens_place *place, ens_database **out, ens_error *error);
void ens_reader_close(ens_database *db); /* NULL is fine */

#endif
