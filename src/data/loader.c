/* dlopen and dlsym for a table of functions, once in the process; one mutex for all these libraries. */
#include "data/loader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t inside = PTHREAD_MUTEX_INITIALIZER;

static ens_status load(ens_loader *loader, ens_error *error) {
  void *library = dlopen(loader->library, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return ens_error_set(error, ENS_CONFIG, "%s files are read by %s, which cannot be loaded here: %s", loader->format,
                         loader->library, dlerror());
  for (size_t i = 0; i < loader->nsymbols; i++) {
    void *address = dlsym(library, loader->symbol[i].name);
    if (!address)
      return ens_error_set(error, ENS_CONFIG,
                           "%s files are read by %s, but the installed one has no %s: it may be another version",
                           loader->format, loader->library, loader->symbol[i].name);
    memcpy((char *)loader->table + loader->symbol[i].offset, &address, sizeof address);
  }
  return loader->begin ? loader->begin(error) : ENS_OK;
}

ens_status ens_loader_enter(ens_loader *loader, ens_error *error) {
  pthread_mutex_lock(&inside);
  ens_status status = loader->loaded ? ENS_OK : load(loader, error);
  loader->loaded = !status;
  if (status) pthread_mutex_unlock(&inside);
  return status;
}

void ens_loader_leave(void) {
  pthread_mutex_unlock(&inside);
}
