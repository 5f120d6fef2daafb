/* A list of the loaded libraries; a fingerprint is taken from the bytes of the file. */
#include "eval/library.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "eval/foreign.h"

static ens_status load(const char *path, void **library, ens_error *error) {
  *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!*library) return ens_error_set(error, ENS_CONFIG, "the library cannot be loaded: %s", dlerror());
  ens_foreign_set_loaded(*library);
  return ENS_OK;
}

static ens_status reject_missing(const char *path, const char *symbol, ens_symbol_kind kind, ens_error *error) {
  if (kind == ENS_SYMBOL_DATA)
    return ens_error_set(error, ENS_CONFIG,
                         "'%s' has no symbol '%s': a library defines it as in ensemble_model.h; for a bare function "
                         "give { symbol = \"f\", parameters = { ... } }",
                         path, symbol);
  return ens_error_set(error, ENS_CONFIG,
                       "'%s' has no symbol '%s': check the function's name, and that it is neither static nor mangled "
                       "(extern \"C\" in C++)",
                       path, symbol);
}

/* The linker's entry for the symbol at this address; NULL: there is none. */
static const ElfW(Sym) * symbol_at(const void *address) {
  Dl_info info;
  void *entry = NULL;
  bool known = dladdr1(address, &info, &entry, RTLD_DL_SYMENT) && entry && info.dli_saddr == address;
  return known ? entry : NULL;
}

/* A call of data or a read of code would crash. */
static ens_status check_kind(const char *path, const char *symbol, ens_symbol_kind kind, const void *address,
                             size_t *size, ens_error *error) {
  const ElfW(Sym) *entry = symbol_at(address);
  int type = entry ? ELF64_ST_TYPE(entry->st_info) : STT_NOTYPE;
  if (size) *size = entry ? (size_t)entry->st_size : 0;
  if (kind == ENS_SYMBOL_FUNCTION && (type == STT_OBJECT || type == STT_TLS))
    return ens_error_set(error, ENS_CONFIG, "'%s' of '%s' is data: give the name of a function", symbol, path);
  if (kind == ENS_SYMBOL_DATA && type == STT_FUNC)
    return ens_error_set(error, ENS_CONFIG, "'%s' of '%s' is a function: it must be a constant of type ensemble_model",
                         symbol, path);
  return ENS_OK;
}

ens_status ens_library_find(const char *path, const char *symbol, ens_symbol_kind kind, void **address, size_t *size,
                            ens_error *error) {
  void *library;
  ens_status status = load(path, &library, error);
  if (status) return status;
  *address = dlsym(library, symbol);
  if (!*address) return reject_missing(path, symbol, kind, error);
  return check_kind(path, symbol, kind, *address, size, error);
}

const char *ens_library_of(const void *address, size_t *offset) {
  Dl_info info;
  if (!dladdr(address, &info) || !info.dli_fname) return NULL;
  if (!dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD)) return NULL;
  *offset = (size_t)((const char *)address - (const char *)info.dli_fbase);
  return info.dli_fname;
}

static bool is_own_program(const char *file) {
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  program[length > 0 ? length : 0] = '\0';
  return strcmp(program, file) == 0;
}

ens_status ens_library_at(const char *file, size_t offset, void **address, ens_error *error) {
  struct link_map *map = NULL;
  void *library = dlopen(is_own_program(file) ? NULL : file, RTLD_NOW | RTLD_LOCAL);
  if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map))
    return ens_error_set(error, ENS_CONFIG, "the library cannot be loaded: %s", dlerror());
  *address = (char *)map->l_addr + offset;
  return ENS_OK;
}

bool ens_library_name(const void *address, char *out, size_t size) {
  Dl_info info;
  size_t offset = 0;
  const char *file = ens_library_of(address, &offset);
  if (!file) return false;
  bool named = dladdr(address, &info) && info.dli_sname && info.dli_saddr == address;
  if (named)
    snprintf(out, size, "%s: %s", file, info.dli_sname);
  else
    snprintf(out, size, "%s: the function at 0x%zx", file, offset);
  return true;
}

/* The file in which the linker found the library. */
static const char *file_of(const char *path) {
  struct link_map *map = NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  bool known = library && dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map->l_name && *map->l_name;
  return known ? map->l_name : path;
}

void ens_library_fingerprint(const char *path, const char *what, char out[64]) {
  uLong sum = crc32_z(0, (const Bytef *)what, strlen(what));
  size_t total = 0, n;
  FILE *file = fopen(file_of(path), "rb");
  for (Bytef bytes[4096]; file && (n = fread(bytes, 1, sizeof bytes, file)) > 0; total += n)
    sum = crc32_z(sum, bytes, n);
  if (file) fclose(file);
  snprintf(out, 64, "crc32:%08lx:%zu", (unsigned long)sum, total);
}

ens_status ens_library_expect(const char *path, const char *what, const char *fingerprint, ens_error *error) {
  char here[64];
  ens_library_fingerprint(path, what, here);
  if (strcmp(here, fingerprint) == 0) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG,
                       "%s: the library on this host differs from that of rank 0: install the same file on all hosts",
                       path);
}
