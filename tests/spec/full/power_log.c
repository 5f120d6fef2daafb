/* Loaded before a program (LD_PRELOAD): logs its operations on the files of the folder POWER_DIR (write, truncate,
 * sync, name, unlink), in order, into the file POWER_LOG. power.py makes the results of power cuts from the log.
 *
 * A record: one letter, then 8-byte numbers inode, offset, length, then `length` bytes. The record is written after the
 * call has returned, so a logged sync has reached the disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 4096 };
static unsigned char tracked[MOST];
static int log_fd = -1;
static const char *folder;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  folder = getenv("POWER_DIR");
  const char *path = getenv("POWER_LOG");
  if (folder && path) log_fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void record(char what, uint64_t inode, uint64_t offset, const void *data, uint64_t length) {
  char *all = malloc(25 + length);
  if (!all || log_fd < 0) abort();
  uint64_t numbers[3] = {inode, offset, length};
  all[0] = what;
  memcpy(all + 1, numbers, sizeof numbers);
  if (length) memcpy(all + 25, data, length);
  if (REAL(write)(log_fd, all, 25 + length) != (ssize_t)(25 + length)) abort();
  free(all);
}

static uint64_t inode_of(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static int is_ours(const char *path) {
  size_t n = folder ? strlen(folder) : 0;
  return n && strncmp(path, folder, n) == 0 && (path[n] == '/' || !path[n]) && !strstr(path, "-shm");
}

static void record_name(char what, const char *path, uint64_t inode) {
  record(what, inode, 0, path + strlen(folder), strlen(path + strlen(folder)));
}

/* N: the name of a new file, whose inode may be that of a removed one; L: another name of a file; X: a name is removed.
 * The changes are safe after the next sync of the folder (D). */
static int opened(int fd, const char *path, int is_new) {
  if (fd < 0 || fd >= MOST || !is_ours(path)) return fd;
  tracked[fd] = 1;
  if (is_new) record_name('N', path, inode_of(fd));
  return fd;
}

#define OPEN(name, ...)                                                  \
  va_list args;                                                          \
  va_start(args, flags);                                                 \
  mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;              \
  va_end(args);                                                          \
  pthread_mutex_lock(&lock);                                             \
  int is_new = is_ours(path) && (flags & O_CREAT) && access(path, F_OK); \
  int fd = opened(REAL(name)(__VA_ARGS__, flags, mode), path, is_new);   \
  pthread_mutex_unlock(&lock);                                           \
  return fd
int open(const char *path, int flags, ...) {
  OPEN(open, path);
}
int open64(const char *path, int flags, ...) {
  OPEN(open64, path);
}
int openat(int at, const char *path, int flags, ...) {
  OPEN(openat, at, path);
}
int openat64(int at, const char *path, int flags, ...) {
  OPEN(openat64, at, path);
}

int close(int fd) {
  if (fd >= 0 && fd < MOST) tracked[fd] = 0;
  return REAL(close)(fd);
}

#define AROUND(result, call, tell)                            \
  pthread_mutex_lock(&lock);                                  \
  result = call;                                              \
  if (done >= 0 && fd >= 0 && fd < MOST && tracked[fd]) tell; \
  pthread_mutex_unlock(&lock);                                \
  return done
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
  AROUND(ssize_t done, REAL(pwrite)(fd, data, n, at), record('W', inode_of(fd), (uint64_t)at, data, (uint64_t)done));
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
  AROUND(ssize_t done, REAL(pwrite64)(fd, data, n, at), record('W', inode_of(fd), (uint64_t)at, data, (uint64_t)done));
}
ssize_t write(int fd, const void *data, size_t n) {
  AROUND(ssize_t done, REAL(write)(fd, data, n),
         record('W', inode_of(fd), (uint64_t)(lseek(fd, 0, SEEK_CUR) - done), data, (uint64_t)done));
}
int ftruncate(int fd, off_t size) {
  AROUND(int done, REAL(ftruncate)(fd, size), record('T', inode_of(fd), (uint64_t)size, NULL, 0));
}
int ftruncate64(int fd, off64_t size) {
  AROUND(int done, REAL(ftruncate64)(fd, size), record('T', inode_of(fd), (uint64_t)size, NULL, 0));
}

static char sync_of(int fd) {
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? 'D' : 'S';
}
int fsync(int fd) {
  AROUND(int done, REAL(fsync)(fd), record(sync_of(fd), inode_of(fd), 0, NULL, 0));
}
int fdatasync(int fd) {
  AROUND(int done, REAL(fdatasync)(fd), record(sync_of(fd), inode_of(fd), 0, NULL, 0));
}

static uint64_t inode_at(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int done = REAL(unlink)(path);
  if (done == 0 && is_ours(path)) record_name('X', path, 0);
  pthread_mutex_unlock(&lock);
  return done;
}
int link(const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  int done = REAL(link)(from, to);
  if (done == 0 && is_ours(to)) record_name('L', to, inode_at(to));
  pthread_mutex_unlock(&lock);
  return done;
}
