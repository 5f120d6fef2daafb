/* Reader of FITS tables and images, by NASA's CFITSIO (which has a permissive licence). If the program was built
 * without CFITSIO, the reader returns an error. */
#ifndef ENS_DATA_FITS_H
#define ENS_DATA_FITS_H

#include <stdbool.h>

#include "base/error.h"
#include "data/node.h"

/* Reads a header-data unit: the one with this number (1 is the primary one), or with this EXTNAME if the number is 0
 * (upper and lower case are equal), or if name is NULL too, the first table, or else the first image. A binary or ASCII
 * table becomes a table of columns, named by TTYPE, or "c3" without one. A column is an array [row], a vector column
 * [row][element]; TDIM gives the axes, in C's order, the reverse of FITS's. An image becomes an array in C's order too.
 * Numbers are scaled by TSCAL and TZERO; nulls are NaN; logicals are 0 and 1. Columns of text, complex numbers, bits
 * and elements of different lengths are skipped. If there is no such unit, `*found` is false, and `out` is a table of
 * the names or numbers of all units, each skipped with a reason ("is a table"). `out` is overwritten; after an error it
 * is empty. ENS_IO; ENS_CONFIG for a bad file; ENS_MEMORY. */
ens_status ens_fits_read(const char *path, size_t number, const char *name, bool *found, ens_node *out,
                         ens_error *error);

#endif
