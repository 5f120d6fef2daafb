/* An anonymous file of memory (memfd); others open it through /proc and compare a random token with its name. */
#include "data/shared.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel shows this name, which contains the token, as the target of the descriptor's link in /proc. */
#define NAME "ensemble-lua-%016" PRIx64

static uint64_t draw_token(void) {
  uint64_t token = 0;
  if (getrandom(&token, sizeof token, 0) != (ssize_t)sizeof token) token = (uint64_t)getpid();
  return token ? token : 1;
}

static bool map(int file, size_t size, int protection, ens_shared *out) {
  void *memory = mmap(NULL, size, protection, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) return false;
  out->memory = memory;
  out->size = size;
  return true;
}

bool ens_shared_create(size_t size, ens_shared *out) {
  char name[64];
  *out = (ens_shared){.file = -1, .token = draw_token()};
  snprintf(name, sizeof name, NAME, out->token);
  out->file = memfd_create(name, MFD_CLOEXEC);
  if (out->file < 0) return false;
  /* Allocate the memory now: without it, a later write would end the process. */
  if (posix_fallocate(out->file, 0, (off_t)size) == 0 && map(out->file, size, PROT_READ | PROT_WRITE, out)) return true;
  close(out->file);
  out->file = -1;
  return false;
}

static uint64_t token_of_link(const char *link) {
  char target[128];
  ssize_t length = readlink(link, target, sizeof target - 1);
  if (length <= 0) return 0;
  target[length] = '\0';
  uint64_t token = 0;
  return sscanf(target, "/memfd:ensemble-lua-%" SCNx64, &token) == 1 ? token : 0;
}

uint64_t ens_shared_token(int file) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  return token_of_link(link);
}

bool ens_shared_open(int64_t process, int file, uint64_t token, size_t size, ens_shared *out) {
  char link[64];
  struct stat status;
  *out = (ens_shared){.file = -1, .token = token};
  snprintf(link, sizeof link, "/proc/%" PRId64 "/fd/%d", process, file);
  if (!token || token_of_link(link) != token) return false;
  int opened = open(link, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  bool fine = fstat(opened, &status) == 0 && (size_t)status.st_size >= size && map(opened, size, PROT_READ, out);
  close(opened);
  return fine;
}

void ens_shared_close(ens_shared *shared) {
  if (shared->memory) munmap(shared->memory, shared->size);
  if (shared->file >= 0) close(shared->file);
  *shared = (ens_shared){.file = -1};
}
