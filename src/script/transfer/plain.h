/* Parcels of data as the other engine writes them: whole numbers are integers in Lua 5.4 only. */
#ifndef ENS_SCRIPT_TRANSFER_PLAIN_H
#define ENS_SCRIPT_TRANSFER_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Rewrites the numbers among the values in bytes[size]; no length changes. False: there are values other than numbers,
 * strings, booleans, arrays, tables of them, and values that every state has; the bytes are then undefined. */
bool ens_plain_swap_engine(char *bytes, size_t size);

#endif
