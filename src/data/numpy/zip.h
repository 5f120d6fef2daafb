/* The members of a zip archive: where their bytes are and how they are packed. PKWARE's APPNOTE 6.3, with zip64 and
 * data descriptors (the sizes are the directory's); one disk; stored and deflated members. Must not know what members
 * mean. */
#ifndef ENS_DATA_NUMPY_ZIP_H
#define ENS_DATA_NUMPY_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "data/content.h"

typedef struct ens_zip_member {
  char *name;          /* without NUL; not checked to be UTF-8 */
  bool deflated;       /* else stored */
  uint32_t crc;        /* CRC-32 of what is unpacked */
  size_t begin;        /* of the packed bytes in the archive */
  size_t packed, size; /* bytes: there are so many in the archive; so many are declared when unpacked */
} ens_zip_member;

/* Zero-initialised: empty. */
typedef struct ens_zip {
  const char *path; /* borrowed, for messages */
  ens_content *content;
  ens_zip_member *member;
  size_t nmembers, capacity;
} ens_zip;

/* Reads the directory; borrows `path` until close. Errors name "path: byte N: ". ENS_CONFIG for what is no archive, or
 * one that cannot be right: members outside the file or over each other, sizes that deflate cannot reach (it packs 1032
 * to 1 at most). ENS_IO, ENS_MEMORY. */
ens_status ens_zip_open(const char *path, ens_zip *out, ens_error *error);
/* A member's bytes, its size and CRC as declared: in the archive itself where it is stored, `begin` telling where, else
 * unpacked into fresh memory. The caller releases `out`. */
ens_status ens_zip_unpack(const ens_zip *zip, const ens_zip_member *member, ens_content **out, size_t *begin,
                          ens_error *error);
void ens_zip_close(ens_zip *zip);

#endif
