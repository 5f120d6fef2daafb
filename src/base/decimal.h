/* A number as text without calls and without memory: for a signal handler in a process whose heap may be damaged. */
#ifndef ENS_BASE_DECIMAL_H
#define ENS_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum { ENS_DECIMAL_SIZE = 32 };

/* The same bytes as printf's %.17g in the C locale, and a NUL. Returns the length without the NUL. */
size_t ens_decimal_write(double x, char out[ENS_DECIMAL_SIZE]);
size_t ens_decimal_write_count(uint64_t n, char out[ENS_DECIMAL_SIZE]); /* the same as %llu */

#endif
