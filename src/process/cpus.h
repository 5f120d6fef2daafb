/* How many CPUs this process may use. */
#ifndef ENS_PROCESS_CPUS_H
#define ENS_PROCESS_CPUS_H

#include <stddef.h>

/* At least 1: the CPUs of the affinity mask, or fewer if the quota of a control group is smaller. */
size_t ens_cpus_count(void);
/* The quota in CPUs; 0: no limit. groups: a file in the format of /proc/self/cgroup. mount: the folder in which the
 * kernel shows control groups as folders. */
double ens_cpus_of_cgroups(const char *groups, const char *mount);

#endif
