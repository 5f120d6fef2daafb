/* One console and one set of handlers for the process; models are found beside the program, then in the compiled
 * folders. */
#include "process/process.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/foreign.h"
#include "sys/clock.h"

enum { MOST_FOLDERS = 3 };

/* A process has one screen and one start. */
static struct {
  ens_console *console;
  double begun;
  char models_dir[MOST_FOLDERS][PATH_MAX];
} process;

/* ---- the screen ---- */

ens_console *ens_process_console(void) {
  return process.console;
}

void ens_process_print_line(const char *prefix, const char *text, size_t size) {
  if (process.console) ens_console_line(process.console, stdout, prefix, text, size);
}

void ens_process_note(const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (process.console) ens_console_line(process.console, stderr, "ensemble-lua: ", text, strlen(text));
}

/* ---- folders of models ---- */

static void add_models_dir(int *count, const char *base, const char *rest) {
  char path[2 * PATH_MAX], full[PATH_MAX];
  struct stat status;
  snprintf(path, sizeof path, "%s%s", base, rest);
  if (*count == MOST_FOLDERS || !realpath(path, full) || stat(full, &status) || !S_ISDIR(status.st_mode)) return;
  for (int i = 0; i < *count; i++)
    if (strcmp(process.models_dir[i], full) == 0) return;
  memcpy(process.models_dir[(*count)++], full, sizeof full);
}

/* Folders beside the program, as it was installed or built, come before the folder that the build was given. */
static void find_models_dirs(const char *installed) {
  char program[PATH_MAX];
  int count = 0;
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0) {
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    add_models_dir(&count, program, "/../share/ensemble-lua/models");
    add_models_dir(&count, program, "/../models");
    add_models_dir(&count, program, "/../../models");
  }
  add_models_dir(&count, installed, "");
}

const char *ens_process_models_dir(int i) {
  return i < MOST_FOLDERS && process.models_dir[i][0] ? process.models_dir[i] : NULL;
}

/* ---- seeds, versions, threads ---- */

/* 53 bits fit the numbers of every Lua engine. */
ens_status ens_process_draw_seed(char digits[24], ens_error *error) {
  uint64_t bits;
  if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
    return ens_error_set(error, ENS_IO, "the system gives no random seed (%s): set seed", strerror(errno));
  snprintf(digits, 24, "%llu", (unsigned long long)(bits >> 11));
  return ENS_OK;
}

const char *ens_process_version(void) {
  return ENS_VERSION;
}

void ens_process_set_blas_threads(unsigned threads) {
  ens_foreign_set_environment(threads);
  ens_foreign_set_loaded(NULL);
}

/* ---- begin and end ---- */

double ens_process_seconds(void) {
  return ens_clock_now() - process.begun;
}

void ens_process_begin(const char *models_dir) {
  process.begun = ens_clock_now();
  ens_process_set_blas_threads(1);
  process.console = ens_console_create(stderr);
  find_models_dirs(models_dir);
}

void ens_process_end(void) {
  ens_console_destroy(process.console);
  process.console = NULL;
}
