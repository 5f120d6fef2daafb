/* Loads the libraries for file formats that few runs read (HDF5, FITS). The build needs their headers; the program
 * loads a library when it first reads a file of that format. If they were linked, every start of the program would load
 * them with their dependencies (libcurl and libssl on Debian), and the program would not start without them. These
 * libraries do not support threads, so only one thread at a time may be inside any of them. */
#ifndef ENS_DATA_LOADER_H
#define ENS_DATA_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct ens_loader_symbol {
  const char *name;
  size_t offset; /* of the symbol's pointer in the table */
} ens_loader_symbol;

typedef struct ens_loader {
  const char *format, *library; /* "HDF5", "libhdf5.so.103" */
  const ens_loader_symbol *symbol;
  size_t nsymbols;
  void *table;                           /* pointers to functions and data, filled when it is loaded */
  ens_status (*begin)(ens_error *error); /* called once, with the table filled; NULL: nothing to do */
  bool loaded;
} ens_loader;

/* Waits until no other thread is inside, and loads the library if necessary. ENS_CONFIG: it cannot be loaded; then do
 * not call ens_loader_leave. */
ens_status ens_loader_enter(ens_loader *loader, ens_error *error);
void ens_loader_leave(void);

/* A row of a table of symbols. The name may be a macro for the symbol of one version. */
#define ENS_LOADER_TEXT(name) #name
#define ENS_LOADER_SYMBOL(table, name) {ENS_LOADER_TEXT(name), offsetof(table, name)},
#define ENS_LOADER_POINTER(name) __typeof__(name) *name;

#endif
