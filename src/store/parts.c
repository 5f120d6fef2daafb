/* Steps that creating and resuming share: attach the connection, check locks, begin the journal. */
#include "store/parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/format/schema.h"

void ens_store_parts_clear(ens_store_parts *parts) {
  ens_writer_destroy(parts->writer);
  ens_database_close(parts->db);
  if (parts->fd >= 0) close(parts->fd);
  ens_place_clear(&parts->place);
  *parts = (ens_store_parts){.fd = -1};
}

ens_status ens_store_parts_check_locks(const ens_store_parts *parts, ens_error *error) {
  char name[48];
  if (ens_place_has_locks(parts->fd)) return ENS_OK;
  int number = errno;
  ens_place_name_system(parts->fd, name);
  return ens_error_set(error, ENS_CONFIG,
                       "'%s' cannot be written: its file system, %s, locks no files (%s): give an output on a disk of "
                       "this machine, and copy it when the run is over",
                       parts->place.path, name, strerror(number));
}

ens_status ens_store_parts_attach(ens_store_parts *parts, const ens_store_options *options, ens_error *error) {
  ens_status status = ens_database_open(parts->place.file, parts->place.path, SQLITE_OPEN_READWRITE,
                                        ens_store_busy_ms(options), &parts->db, error);
  if (!status) status = ens_journal_guard(parts->db, parts->fd, error);
  return status ? status : ens_schema_check(parts->db, error);
}

ens_status ens_store_parts_begin_journal(ens_store_parts *parts, ens_journal journal, const ens_store_options *options,
                                         ens_error *error) {
  char name[48];
  ens_status status = ens_journal_begin(parts->db, parts->fd, journal, error);
  if (status || journal != ENS_JOURNAL_WAL || ens_place_is_local(parts->fd) || !options->note) return status;
  ens_place_name_system(parts->fd, name);
  options->note(
      "warning: the file system of '%s' is %s: with journal wal no other machine may open the file while it is "
      "written",
      parts->place.path, name);
  return status;
}
