/* The bytes of a file, as long as somebody holds a reference; any thread may. Small files are read, large ones mapped,
 * so that arrays can use the bytes without a copy. Knows nothing of the meaning of the bytes.
 *
 * If another program makes a mapped file shorter, the next access to the lost bytes ends the process with SIGBUS; a
 * handler reports the file. */
#ifndef ENS_DATA_CONTENT_H
#define ENS_DATA_CONTENT_H

#include <stddef.h>

#include "base/error.h"

typedef struct ens_content {
  const unsigned char *bytes; /* aligned to 16 bytes */
  size_t size;
} ens_content;

/* ENS_IO: the file cannot be read, or is not a regular file. ENS_MEMORY. */
ens_status ens_content_open(const char *path, ens_content **out, ens_error *error);
/* Checks that the file is a regular file and can be opened; for libraries that open it themselves. ENS_IO. */
ens_status ens_content_check(const char *path, ens_error *error);
/* New memory, which the caller may write until it shares it. NULL: no memory. */
ens_content *ens_content_create(size_t size, unsigned char **bytes);
ens_content *ens_content_retain(ens_content *content);
void ens_content_release(void *content); /* NULL is fine */

#endif
