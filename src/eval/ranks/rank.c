/* The name of the host, and a count of the CPUs and cores that the launcher lets the rank use. */
#include "eval/ranks/rank.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "sys/host.h"

void ens_rank_host(char host[ENS_RANK_HOST_BYTES]) {
  ens_host_name(host, ENS_RANK_HOST_BYTES);
  for (char *c = host; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) *c = '_';
}

void ens_rank_name(int number, char name[ENS_RANK_NAME_BYTES]) {
  char host[ENS_RANK_HOST_BYTES];
  ens_rank_host(host);
  snprintf(name, ENS_RANK_NAME_BYTES, "rank %d (host %s), ", number, host);
}

/* Batch systems limit a job's CPUs by cgroups, which the affinity of a bound rank hides. So this thread asks for all
 * CPUs for a moment and counts those that it gets. */
static unsigned count_allowed(const cpu_set_t *own) {
  cpu_set_t all;
  memset(&all, 0xff, sizeof all);
  unsigned count = (unsigned)CPU_COUNT(own);
  if (sched_setaffinity(0, sizeof all, &all)) return count;
  if (!sched_getaffinity(0, sizeof all, &all)) count = (unsigned)CPU_COUNT(&all);
  sched_setaffinity(0, sizeof *own, own);
  return count;
}

/* The kernel lists the CPUs of a core as "0-1" or "0,32". */
static unsigned count_of_core(size_t cpu) {
  char path[96];
  unsigned first, last, count = 0;
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
  FILE *file = fopen(path, "r");
  while (file && fscanf(file, "%u", &first) == 1) {
    last = first;
    if (fscanf(file, "-%u", &last) == 1 && last < first) last = first;
    count += last - first + 1;
    if (fgetc(file) != ',') break;
  }
  if (file) fclose(file);
  return count ? count : 1;
}

static void describe_binding(ens_rank *rank, const cpu_set_t *set) {
  size_t first = 0;
  while (first < CPU_SETSIZE && !CPU_ISSET(first, set)) first++;
  rank->affinity = (unsigned)CPU_COUNT(set);
  rank->allowed = count_allowed(set);
  rank->one_core = rank->affinity <= count_of_core(first);
}

void ens_rank_describe(ens_rank *rank, int node, unsigned cpus) {
  cpu_set_t set;
  *rank = (ens_rank){.node = node, .cpus = cpus, .here = true};
  ens_rank_host(rank->host);
  if (sched_getaffinity(0, sizeof set, &set)) return;
  describe_binding(rank, &set);
  for (size_t i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &set)) rank->mask = (rank->mask ^ (i + 1)) * 0x100000001b3u;
}
