/* An excerpt of a file's text for a message. */
#ifndef ENS_DATA_EXCERPT_H
#define ENS_DATA_EXCERPT_H

#include <stddef.h>

enum { ENS_EXCERPT_BYTES = 40, ENS_EXCERPT_SIZE = 4 * ENS_EXCERPT_BYTES + 4 };

/* Writes a short text on one line, without control characters. Returns `out`. */
const char *ens_excerpt(char out[static ENS_EXCERPT_SIZE], const char *text, size_t length);

#endif
