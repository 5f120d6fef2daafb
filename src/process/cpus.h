/* Internal to run.c and its kin; the rest is in run.h. */
#ifndef ENS_PROCESS_CPUS_H
#define ENS_PROCESS_CPUS_H

/* CPUs' worth of time that the quotas allow; 0: no limit. groups: a file like /proc/self/cgroup; mount: where the
 * groups are folders. */
double ens_run_cgroup_cpus(const char *groups, const char *mount);

#endif
