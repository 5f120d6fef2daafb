/* Libraries for formats that few runs read (HDF5, FITS): found by their headers when the program is built, loaded when
 * a file of theirs is first read. Linked, each would cost every start of the program its own start and that of what it
 * brings along (libcurl and libssl, for Debian's), and the program would not run where they are not; as plugins of ours
 * they would have to be found. They are not made for threads: one thread at a time is inside any of them. */
#ifndef ENS_DATA_LOADER_H
#define ENS_DATA_LOADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct ens_loader_symbol {
  const char *name;
  size_t offset; /* of its pointer in the table */
} ens_loader_symbol;

typedef struct ens_loader {
  const char *format, *library; /* "HDF5", "libhdf5.so.103" */
  const ens_loader_symbol *symbol;
  size_t nsymbols;
  void *table;                           /* of pointers to functions and data, filled when loaded */
  ens_status (*begin)(ens_error *error); /* called once, with the table filled; NULL: nothing to do */
  bool loaded;
} ens_loader;

/* Waits for other threads, and loads what was not loaded yet. ENS_CONFIG: it cannot be; then nobody is inside. */
ens_status ens_loader_enter(ens_loader *loader, ens_error *error);
void ens_loader_leave(void);

/* A row of a table of symbols. The name may be a macro that stands for the symbol of a certain version. */
#define ENS_LOADER_TEXT(name) #name
#define ENS_LOADER_SYMBOL(table, name) {ENS_LOADER_TEXT(name), offsetof(table, name)},
#define ENS_LOADER_POINTER(name) __typeof__(name) *name;

#endif
