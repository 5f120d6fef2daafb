/* How a store that is made or found becomes one that writes. */
#ifndef ENS_STORE_LAUNCH_H
#define ENS_STORE_LAUNCH_H

#include "store/file/journal.h"
#include "store/file/place.h"
#include "store/store.h"
#include "store/writer.h"

/* What a running store consists of. ens_store_launch takes all of it, whatever it returns. */
typedef struct ens_store_parts {
  ens_place place;
  int fd; /* holds the writer's lock; -1: none */
  ens_database *db;
  ens_writer *writer;
} ens_store_parts;
void ens_store_parts_clear(ens_store_parts *parts);

/* Refuses a file system on which SQLite cannot keep two programs apart. Before SQLite opens the file at parts->fd. */
ens_status ens_store_check_locks(const ens_store_parts *parts, ens_error *error);

/* Starts the writer's thread. */
ens_status ens_store_launch(ens_store_parts *parts, ens_shape shape, const ens_store_options *options, ens_store **out,
                            ens_error *error);

/* Opens the file for writing, after its lock, and sees that it is a store. */
ens_status ens_store_attach(ens_store_parts *parts, const ens_store_options *options, ens_error *error);

/* Sets the journal, and warns where what was asked for has its dangers. */
ens_status ens_store_begin_journal(ens_store_parts *parts, ens_journal journal, const ens_store_options *options,
                                   ens_error *error);

static inline double ens_store_busy_limit(const ens_store_options *options) {
  return options->busy_limit > 0 ? options->busy_limit : 600;
}
/* SQLite's own wait, after which a commit begins anew. */
static inline int ens_store_busy_ms(const ens_store_options *options) {
  double limit = ens_store_busy_limit(options);
  return limit < 10 ? (int)(1000 * limit) : 10000;
}
static inline double ens_store_full_limit(const ens_store_options *options) {
  return options->full_limit > 0 ? options->full_limit : 60;
}

#endif
