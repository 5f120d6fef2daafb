/* Shared libraries of the user. They are loaded once and never unloaded, because threads of theirs may run in them. */
#ifndef ENS_EVAL_LIBRARY_H
#define ENS_EVAL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef enum ens_symbol_kind { ENS_SYMBOL_FUNCTION, ENS_SYMBOL_DATA } ens_symbol_kind;

/* Loads the library and finds the symbol; may be called any number of times. `path` as for dlopen: with a slash, or a
 * name that the linker looks up. *size is the number of bytes of a constant, 0 if that is not known; size may be NULL.
 * ENS_CONFIG: the library cannot be loaded, or the symbol is missing or of the other kind. */
ens_status ens_library_find(const char *path, const char *symbol, ens_symbol_kind kind, void **address, size_t *size,
                            ens_error *error);
/* The file that holds this address, and the address's offset in it; NULL: no library does. The library stays loaded. */
const char *ens_library_of(const void *address, size_t *offset);
/* The inverse: loads the file and finds the address in this process. ENS_CONFIG if the file cannot be loaded. */
ens_status ens_library_at(const char *file, size_t offset, void **address, ens_error *error);
/* Writes "/usr/lib/libm.so.6: sin", or the offset if the function has no name there. False: it is in no library. */
bool ens_library_name(const void *address, char *out, size_t size);
/* A checksum of the contents of the library's file and of the name `what`. */
void ens_library_fingerprint(const char *path, const char *what, char out[64]);
/* ENS_CONFIG if the fingerprint differs from that of another rank: another library would give another chain, and its
 * functions have other offsets. */
ens_status ens_library_expect(const char *path, const char *what, const char *fingerprint, ens_error *error);

#endif
