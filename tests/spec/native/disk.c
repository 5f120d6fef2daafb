/* Loaded before a program (LD_PRELOAD): simulates a disk with another file system, without locks, or with errors. It
 * affects only files below the folder DISK_DIR.
 *
 *   DISK_TYPE=0x6969          the type that fstatfs returns
 *   DISK_LOCKS=37             every lock of a part of a file fails with this errno
 *   DISK_CALL=write|sync      after DISK_AFTER successful calls, these calls fail with DISK_ERRNO
 *   DISK_ERRNO=28
 *   DISK_SECONDS=1            the calls succeed again so long after the first error (none given: never)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? strtol(text, NULL, 0) : otherwise;
}

static int is_ours(int fd) {
  char link[64], path[PATH_MAX];
  const char *folder = getenv("DISK_DIR");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = folder ? readlink(link, path, sizeof path - 1) : -1;
  if (n < 0) return 0;
  path[n] = '\0';
  return !strncmp(path, folder, strlen(folder));
}

/* ---- calls that fail ---- */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fails(const char *call, int fd) {
  static _Atomic long calls;
  static _Atomic double since;
  const char *wanted = getenv("DISK_CALL");
  if (!wanted || strcmp(wanted, call) != 0 || !is_ours(fd)) return 0;
  if (atomic_fetch_add(&calls, 1) < number("DISK_AFTER", 0)) return 0;
  if (since == 0.0) since = now();
  if (now() - since >= (double)number("DISK_SECONDS", LONG_MAX)) return 0;
  errno = (int)number("DISK_ERRNO", EIO);
  return 1;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
  return fails("write", fd) ? -1 : REAL(pwrite)(fd, data, n, at);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
  return fails("write", fd) ? -1 : REAL(pwrite64)(fd, data, n, at);
}
int fsync(int fd) {
  return fails("sync", fd) ? -1 : REAL(fsync)(fd);
}
int fdatasync(int fd) {
  return fails("sync", fd) ? -1 : REAL(fdatasync)(fd);
}

/* ---- another file system ---- */

static void rename_type(int fd, struct statfs *out) {
  if (getenv("DISK_TYPE") && is_ours(fd)) out->f_type = number("DISK_TYPE", 0);
}
int fstatfs(int fd, struct statfs *out) {
  int done = REAL(fstatfs)(fd, out);
  if (done == 0) rename_type(fd, out);
  return done;
}
int fstatfs64(int fd, struct statfs64 *out) {
  return fstatfs(fd, (struct statfs *)out);
}

static int locks_fail(int fd, int command) {
  if (!getenv("DISK_LOCKS") || !is_ours(fd)) return 0;
  if (command != F_SETLK && command != F_SETLKW && command != F_GETLK) return 0;
  errno = (int)number("DISK_LOCKS", ENOLCK);
  return 1;
}

#define FCNTL(name)                      \
  va_list args;                          \
  va_start(args, command);               \
  void *argument = va_arg(args, void *); \
  va_end(args);                          \
  return locks_fail(fd, command) ? -1 : REAL(name)(fd, command, argument)
int fcntl(int fd, int command, ...) {
  FCNTL(fcntl);
}
int fcntl64(int fd, int command, ...) {
  FCNTL(fcntl64);
}
