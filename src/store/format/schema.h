/* The tables of a store, and the marks that distinguish a store from other files. */
#ifndef ENS_STORE_FORMAT_SCHEMA_H
#define ENS_STORE_FORMAT_SCHEMA_H

#include "store/file/database.h"

#define ENS_SCHEMA_APPLICATION 0x454E534C /* "ENSL" */
#define ENS_SCHEMA_VERSION 1

/* Makes the tables in an empty file. */
ens_status ens_schema_create(ens_database *db, ens_error *error);
/* ENS_CONFIG if the file is not a store or a newer one. This is the first access to the file, so it also finds damage.
 */
ens_status ens_schema_check(ens_database *db, ens_error *error);

#endif
