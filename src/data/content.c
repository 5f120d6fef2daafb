/* Opens a regular file, reads or maps it, and counts references. A list of the mapped files lets the handler of
 * SIGBUS name the file. */
#include "data/content.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_READ = 1 << 20 }; /* bytes: a larger file is mapped */

typedef struct holder {
  ens_content base;
  atomic_size_t holders;
  char *path;   /* of a mapped file, else NULL */
  void *memory; /* of a file that was read, else NULL */
} holder;

/* ---- the mapped files, for the handler of SIGBUS ---- */

enum { MOST_NAMED = 256 }; /* the handler cannot name the files of further mappings */
static _Atomic(const holder *) mapped[MOST_NAMED];
static struct sigaction before;

static void say(const char *text) {
  for (size_t left = strlen(text); left;) {
    ssize_t n = write(STDERR_FILENO, text, left);
    if (n <= 0) return;
    text += n;
    left -= (size_t)n;
  }
}

static const char *path_at(const void *address) {
  for (int i = 0; i < MOST_NAMED; i++) {
    const holder *at = atomic_load(&mapped[i]);
    if (at && (uintptr_t)address - (uintptr_t)at->base.bytes < at->base.size) return at->path;
  }
  return NULL;
}

/* Reports the file. Then the earlier handler acts, when the instruction is tried again. */
static void on_bus(int number, siginfo_t *info, void *context) {
  (void)context;
  const char *path = path_at(info->si_addr);
  if (path) {
    say("ensemble-lua: ");
    say(path);
    say(": SIGBUS: this data file was made shorter, or could not be read any more, while it was in use: large data "
        "files are mapped, not copied, and must not change during a run\n");
  }
  sigaction(number, &before, NULL);
  if (info->si_code <= 0) raise(number);
}

static void remember(const holder *content) {
  static atomic_flag caught = ATOMIC_FLAG_INIT;
  struct sigaction action = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  if (!atomic_flag_test_and_set(&caught)) sigaction(SIGBUS, &action, &before);
  for (int i = 0; i < MOST_NAMED; i++) {
    const holder *none = NULL;
    if (atomic_compare_exchange_strong(&mapped[i], &none, content)) return;
  }
}

static void forget(const holder *content) {
  for (int i = 0; i < MOST_NAMED; i++) {
    const holder *this = content;
    if (atomic_compare_exchange_strong(&mapped[i], &this, NULL)) return;
  }
}

/* ---- opening ---- */

static ens_status read_all(holder *content, const char *path, int file, size_t size, ens_error *error) {
  char *to = content->memory = malloc(size ? size : 1);
  if (!to) return ens_error_memory(error);
  while (content->base.size < size) {
    ssize_t count = read(file, to + content->base.size, size - content->base.size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ens_error_set(error, ENS_IO, "%s: %s", path, strerror(errno));
    if (count == 0) break;
    content->base.size += (size_t)count;
  }
  content->base.bytes = content->memory;
  return ENS_OK;
}

static ens_status map_all(holder *content, const char *path, int file, size_t size, ens_error *error) {
  content->path = strdup(path);
  if (!content->path) return ens_error_memory(error);
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (bytes == MAP_FAILED) return ens_error_set(error, ENS_IO, "%s: it cannot be mapped: %s", path, strerror(errno));
  content->base = (ens_content){bytes, size};
  remember(content);
  return ENS_OK;
}

static ens_status open_regular(const char *path, int *file, size_t *size, ens_error *error) {
  struct stat about;
  *file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* O_NONBLOCK: do not wait for the writer of a pipe */
  if (*file < 0 || fstat(*file, &about) != 0) return ens_error_set(error, ENS_IO, "%s: %s", path, strerror(errno));
  if (!S_ISREG(about.st_mode)) {
    const char *what = S_ISDIR(about.st_mode) ? "a folder" : "a pipe or a device";
    return ens_error_set(error, ENS_IO, "%s: it is %s: give the name of a file", path, what);
  }
  *size = (size_t)about.st_size;
  return ENS_OK;
}

ens_status ens_content_check(const char *path, ens_error *error) {
  int file;
  size_t size;
  ens_status status = open_regular(path, &file, &size, error);
  if (file >= 0) close(file);
  return status;
}

static ens_status take_file(holder *content, const char *path, int file, size_t size, ens_error *error) {
  return size > MOST_READ ? map_all(content, path, file, size, error) : read_all(content, path, file, size, error);
}

static holder *create(void) {
  holder *content = calloc(1, sizeof *content);
  if (content) atomic_init(&content->holders, 1);
  return content;
}

ens_status ens_content_open(const char *path, ens_content **out, ens_error *error) {
  *out = NULL;
  int file;
  size_t size;
  ens_status status = open_regular(path, &file, &size, error);
  holder *content = status ? NULL : create();
  if (!status) status = content ? take_file(content, path, file, size, error) : ens_error_memory(error);
  if (file >= 0) close(file);
  if (status) {
    ens_content_release(content);
    return status;
  }
  *out = &content->base;
  return ENS_OK;
}

ens_content *ens_content_create(size_t size, unsigned char **bytes) {
  holder *content = create();
  if (!content) return NULL;
  content->memory = malloc(size ? size : 1);
  if (!content->memory) {
    ens_content_release(content);
    return NULL;
  }
  *bytes = content->memory;
  content->base = (ens_content){content->memory, size};
  return &content->base;
}

/* ---- references ---- */

ens_content *ens_content_retain(ens_content *base) {
  atomic_fetch_add_explicit(&((holder *)base)->holders, 1, memory_order_relaxed);
  return base;
}

void ens_content_release(void *base) {
  holder *content = base;
  if (!content || atomic_fetch_sub_explicit(&content->holders, 1, memory_order_acq_rel) != 1) return;
  if (content->path && content->base.bytes) {
    forget(content);
    munmap((void *)content->base.bytes, content->base.size);
  }
  free(content->path);
  free(content->memory);
  free(content);
}
