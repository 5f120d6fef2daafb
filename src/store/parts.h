/* The parts of a store that is being opened for writing, before its writer's thread starts. */
#ifndef ENS_STORE_PARTS_H
#define ENS_STORE_PARTS_H

#include "store/file/journal.h"
#include "store/file/place.h"
#include "store/store.h"
#include "store/writer.h"

typedef struct ens_store_parts {
  ens_place place;
  int fd; /* holds the writer's lock; -1: none */
  ens_database *db;
  ens_writer *writer;
} ens_store_parts;
void ens_store_parts_clear(ens_store_parts *parts); /* closes all of them */

/* ENS_CONFIG if the file system has no locks, without which SQLite cannot keep two programs apart. Call it before
 * SQLite opens the file of parts->fd. */
ens_status ens_store_parts_check_locks(const ens_store_parts *parts, ens_error *error);

/* Opens the database for writing, after the lock, and checks that it is a store. */
ens_status ens_store_parts_attach(ens_store_parts *parts, const ens_store_options *options, ens_error *error);

/* Sets the journal. Warns if `journal` is risky on this file system. */
ens_status ens_store_parts_begin_journal(ens_store_parts *parts, ens_journal journal, const ens_store_options *options,
                                         ens_error *error);

static inline double ens_store_busy_limit(const ens_store_options *options) {
  return options->busy_limit > 0 ? options->busy_limit : 600;
}
/* SQLite's own wait, after which the commit is tried again. */
static inline int ens_store_busy_ms(const ens_store_options *options) {
  double limit = ens_store_busy_limit(options);
  return limit < 10 ? (int)(1000 * limit) : 10000;
}
static inline double ens_store_full_limit(const ens_store_options *options) {
  return options->full_limit > 0 ? options->full_limit : 60;
}

#endif
