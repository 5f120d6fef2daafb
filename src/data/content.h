/* The bytes of a file for as long as somebody holds them: small files are read, large ones mapped, so that arrays can
 * lie in them and nothing is copied. Counted references, from any thread. Must not know what the bytes mean.
 *
 * A mapped file that is made shorter behind the program's back ends the process with SIGBUS at the next touch of what
 * is gone; a handler says which file it was. */
#ifndef ENS_DATA_CONTENT_H
#define ENS_DATA_CONTENT_H

#include <stddef.h>

#include "base/error.h"

typedef struct ens_content {
  const unsigned char *bytes; /* at a multiple of 16 */
  size_t size;
} ens_content;

/* Of a regular file; else ENS_IO. ENS_MEMORY. */
ens_status ens_content_open(const char *path, ens_content **out, ens_error *error);
/* It is a regular file that can be opened, for libraries that open it themselves. ENS_IO. */
ens_status ens_content_check(const char *path, ens_error *error);
/* Fresh memory that may be written to until it is shared; NULL: none. */
ens_content *ens_content_create(size_t size, unsigned char **bytes);
ens_content *ens_content_retain(ens_content *content);
void ens_content_release(void *content); /* NULL is fine */

#endif
