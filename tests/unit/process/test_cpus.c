/* Quotas of control groups, from folders that look like the kernel's. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/cpus.h"
#include "unit.h"

static char folder[] = "/tmp/test_cpus_XXXXXX";

static void write_file(const char *name, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  for (char *slash = path + sizeof folder; (slash = strchr(slash, '/')); *slash++ = '/') {
    *slash = '\0';
    mkdir(path, 0700);
  }
  FILE *file = fopen(path, "w");
  if (!file || fputs(text, file) < 0 || fclose(file)) abort();
}

/* What the process that is in `groups` gets, its mount being `mount` of the folder. */
static double cpus(const char *groups, const char *mount) {
  char list[256], root[256];
  write_file("groups", groups);
  snprintf(list, sizeof list, "%s/groups", folder);
  snprintf(root, sizeof root, "%s/%s", folder, mount);
  return ens_cpus_of_cgroups(list, root);
}

TEST(version_2_has_one_file_a_group) {
  write_file("two/job/cpu.max", "150000 100000\n");
  CHECK_NEAR(cpus("0::/job\n", "two"), 1.5, 0);
  write_file("two/job/step/cpu.max", "max 100000\n");
  CHECK_NEAR(cpus("0::/job/step\n", "two"), 1.5, 0);
  write_file("two/job/step/cpu.max", "50000 100000\n");
  CHECK_NEAR(cpus("0::/job/step\n", "two"), 0.5, 0);
  CHECK_NEAR(cpus("0::/other\n", "two"), 0, 0);
}

TEST(the_least_of_all_above_counts) {
  write_file("least/a/cpu.max", "200000 100000\n");
  write_file("least/a/b/cpu.max", "800000 100000\n");
  write_file("least/a/b/c/cpu.max", "max 100000\n");
  CHECK_NEAR(cpus("0::/a/b/c\n", "least"), 2, 0);
  CHECK_NEAR(cpus("0::/a/b/c/gone/d\n", "least"), 2, 0);
}

TEST(a_container_sees_its_group_as_the_root) {
  write_file("root/cpu.max", "300000 100000\n");
  CHECK_NEAR(cpus("0::/\n", "root"), 3, 0);
  CHECK_NEAR(cpus("0::/docker/1234\n", "root"), 3, 0);
}

TEST(version_1_has_two_files_a_group) {
  const char *groups = "7:memory:/job\n3:cpuset:/set\n2:cpu,cpuacct:/job\n1:name=systemd:/\n";
  write_file("one/cpu/job/cpu.cfs_quota_us", "250000\n");
  write_file("one/cpu/job/cpu.cfs_period_us", "100000\n");
  write_file("one/cpu/set/cpu.cfs_quota_us", "100000\n");
  write_file("one/cpu/set/cpu.cfs_period_us", "100000\n");
  CHECK_NEAR(cpus(groups, "one"), 2.5, 0);
  write_file("one/cpu/job/cpu.cfs_quota_us", "-1\n");
  CHECK_NEAR(cpus(groups, "one"), 0, 0);
}

TEST(what_is_not_there_limits_nothing) {
  CHECK_NEAR(cpus("", "nowhere"), 0, 0);
  CHECK_NEAR(cpus("no line of this kind\n0:\n", "nowhere"), 0, 0);
  CHECK_NEAR(ens_cpus_of_cgroups("/nowhere/groups", "/nowhere"), 0, 0);
}

int main(void) {
  char command[64];
  if (!mkdtemp(folder)) return 1;
  RUN(version_2_has_one_file_a_group);
  RUN(the_least_of_all_above_counts);
  RUN(a_container_sees_its_group_as_the_root);
  RUN(version_1_has_two_files_a_group);
  RUN(what_is_not_there_limits_nothing);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) | unit_report();
}
