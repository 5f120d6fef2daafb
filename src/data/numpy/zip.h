/* Reads the members of a zip archive, stored or deflated. Follows PKWARE's APPNOTE 6.3 with zip64 and data descriptors
 * (the sizes are those of the directory); one disk only. Knows nothing of the members' contents. */
#ifndef ENS_DATA_NUMPY_ZIP_H
#define ENS_DATA_NUMPY_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "data/content.h"

typedef struct ens_zip_member {
  char *name;          /* has no NUL inside; may be invalid UTF-8 */
  bool deflated;       /* else stored */
  uint32_t crc;        /* CRC-32 of the unpacked bytes */
  size_t begin;        /* of the packed bytes in the archive */
  size_t packed, size; /* bytes in the archive; declared bytes after unpacking */
} ens_zip_member;

/* Zero-initialised, it is empty. */
typedef struct ens_zip {
  const char *path; /* borrowed, for messages */
  ens_content *content;
  ens_zip_member *member;
  size_t nmembers, capacity;
} ens_zip;

/* Reads the directory; borrows `path` until close. Errors begin with "path: byte N: ". ENS_CONFIG: the file is not an
 * archive, or it contradicts itself: members overlap or lie outside the file, or a size is more than 1032 times the
 * packed size, which deflate cannot reach. ENS_IO, ENS_MEMORY. */
ens_status ens_zip_open(const char *path, ens_zip *out, ens_error *error);
/* Returns the bytes of a member, after it has checked size and CRC. A stored member is used where it is in the archive,
 * from byte `begin` on; a deflated member is unpacked into new memory. The caller releases `out`. */
ens_status ens_zip_unpack(const ens_zip *zip, const ens_zip_member *member, ens_content **out, size_t *begin,
                          ens_error *error);
void ens_zip_close(ens_zip *zip);

#endif
