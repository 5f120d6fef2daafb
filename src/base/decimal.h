/* A number as text where nothing may be called: in a signal handler of a process whose memory may be broken. */
#ifndef ENS_BASE_DECIMAL_H
#define ENS_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

enum { ENS_DECIMAL_SIZE = 32 };

/* As printf's %.17g in the C locale, byte for byte; returns the length without the NUL. Calls nothing, no memory. */
size_t ens_decimal_write(double x, char out[ENS_DECIMAL_SIZE]);
size_t ens_decimal_write_count(uint64_t n, char out[ENS_DECIMAL_SIZE]); /* as %llu */

#endif
