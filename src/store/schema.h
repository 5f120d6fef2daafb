/* The tables of a store, as text, and how a store is told from any other file. */
#ifndef ENS_STORE_SCHEMA_H
#define ENS_STORE_SCHEMA_H

#include "store/file/database.h"

#define ENS_SCHEMA_APPLICATION 0x454E534C /* "ENSL" */
#define ENS_SCHEMA_VERSION 1

/* Makes the tables in an empty file. */
ens_status ens_schema_create(ens_database *db, ens_error *error);
/* Refuses what is not a store, or a newer one (ENS_CONFIG). The first access to the file: also finds a damaged one. */
ens_status ens_schema_check(ens_database *db, ens_error *error);

#endif
