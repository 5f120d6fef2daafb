/* The least of the affinity mask and the quotas of all control groups above the process, version 1 or 2. */
#include "process/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads at most two numbers from a file and returns their count; the word "max" is no number. */
static int read_numbers(const char *folder, const char *name, double *first, double *second) {
  char path[2 * PATH_MAX + 32];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  int n = fscanf(file, "%lf %lf", first, second);
  fclose(file);
  return n;
}

/* Version 2 of control groups has one file, version 1 has two. 0: no limit. */
static double quota_of(const char *folder) {
  double quota = 0, period = 0, ignored;
  int n = read_numbers(folder, "cpu.max", &quota, &period);
  if (n < 1 && read_numbers(folder, "cpu.cfs_quota_us", &quota, &ignored) == 1)
    n = 1 + read_numbers(folder, "cpu.cfs_period_us", &period, &ignored);
  return n == 2 && quota > 0 && period > 0 ? quota / period : 0;
}

/* The smallest quota of the group at `path` and of all groups above it, since a quota holds for all groups below. A
 * missing path limits nothing: a container may see its own group as the root of the mount. */
static double least_quota(const char *mount, const char *controller, const char *path) {
  char folder[2 * PATH_MAX];
  double least = 0;
  int root = snprintf(folder, sizeof folder, "%s%s", mount, controller);
  snprintf(folder + root, sizeof folder - (size_t)root, "%s", path);
  for (;;) {
    double quota = quota_of(folder);
    if (quota > 0 && (least <= 0 || quota < least)) least = quota;
    char *last = strrchr(folder + root, '/');
    if (!last) return least;
    *last = '\0';
  }
}

static bool has_cpu(const char *controllers, size_t length) {
  for (const char *at = controllers, *end = controllers + length; at < end;) {
    size_t n = strcspn(at, ",:");
    if (n == 3 && strncmp(at, "cpu", 3) == 0) return true;
    at += n + 1;
  }
  return false;
}

double ens_cpus_of_cgroups(const char *groups, const char *mount) {
  char line[PATH_MAX];
  double least = 0;
  FILE *file = fopen(groups, "r");
  while (file && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path) continue;
    size_t length = (size_t)(path - controllers) - 1;
    if (length && !has_cpu(controllers + 1, length)) continue;
    double quota = least_quota(mount, length ? "/cpu" : "", path + 1);
    if (quota > 0 && (least <= 0 || quota < least)) least = quota;
  }
  if (file) fclose(file);
  return least;
}

size_t ens_cpus_count(void) {
  cpu_set_t set;
  long n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
  double limit = ens_cpus_of_cgroups("/proc/self/cgroup", "/sys/fs/cgroup");
  if (limit > 0 && limit < (double)n) n = (long)(limit + 0.5);
  return n < 1 ? 1 : (size_t)n;
}
