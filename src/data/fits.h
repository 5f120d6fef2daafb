/* Reader of FITS tables and images, by NASA's CFITSIO (a permissive licence). A program that was built without it has
 * it, too: it says so. */
#ifndef ENS_DATA_FITS_H
#define ENS_DATA_FITS_H

#include <stdbool.h>

#include "base/error.h"
#include "data/node.h"

/* A header-data unit: by its number (1 is the primary one), by its EXTNAME (in any case; number 0), or the first table,
 * else the first image, that there is (number 0, name NULL). A table, binary or ASCII, becomes a table of columns by
 * their TTYPE (c3 where there is none): arrays [row], of vector columns [row][element], of TDIM with axes in C's order,
 * the reverse of FITS's. An image becomes an array in that order, too. Numbers are scaled by TSCAL and TZERO; nulls are
 * NaN; logicals are 0 and 1. Columns of text, complex numbers, bits and elements of different lengths are left out.
 * `*found` is false where there is no such unit: then `out` is a table of the names or numbers of all units, each left
 * out and why ("is a table"). `out` is filled anew; on failure it is empty. ENS_IO, ENS_CONFIG for a bad file,
 * ENS_MEMORY. */
ens_status ens_fits_read(const char *path, size_t number, const char *name, bool *found, ens_node *out,
                         ens_error *error);

#endif
