/* Shared libraries that a user names: loaded once, and never unloaded, for threads of their own may run in them. */
#ifndef ENS_EVAL_LIBRARY_H
#define ENS_EVAL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef enum ens_symbol_kind { ENS_SYMBOL_FUNCTION, ENS_SYMBOL_DATA } ens_symbol_kind;

/* `path` as dlopen takes it: with a slash, or a name that the linker looks up. Any number of times. ENS_CONFIG says
 * what is wrong with the file, or that the symbol is missing or of the other kind. For data *size is how many bytes it
 * has, 0 where that is not known; NULL: not asked for. */
ens_status ens_library_find(const char *path, const char *symbol, ens_symbol_kind kind, void **address, size_t *size,
                            ens_error *error);
/* The file that holds this address, and how far into it: NULL where no library does. The library stays loaded. */
const char *ens_library_of(const void *address, size_t *offset);
/* The other way round: the address in this process; loads the file. ENS_CONFIG says why it cannot. */
ens_status ens_library_at(const char *file, size_t offset, void **address, ens_error *error);
/* "/usr/lib/libm.so.6: sin", or with the offset where the function has no name there. False: in no library. */
bool ens_library_name(const void *address, char *out, size_t size);
/* Changes when the library's file or `what` of it does; not with the place that it lies in. */
void ens_library_fingerprint(const char *path, const char *what, char out[64]);
/* ENS_CONFIG where it is not what another process, a rank of the same job, has found: another library would give
 * another chain, and a function is not where it is there. */
ens_status ens_library_expect(const char *path, const char *what, const char *fingerprint, ens_error *error);

#endif
