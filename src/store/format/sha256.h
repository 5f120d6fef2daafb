/* SHA-256 (FIPS 180-4) of a text in memory, which identifies a script. Knows nothing of stores. */
#ifndef ENS_STORE_FORMAT_SHA256_H
#define ENS_STORE_FORMAT_SHA256_H

#include <stddef.h>

/* Writes 64 lower-case hexadecimal digits and a NUL. `data` may be NULL if `size` is 0. */
void ens_sha256_hex(const void *data, size_t size, char out[65]);

#endif
