#include "run/ranks.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "data/array.h"
#include "eval/crash.h"
#include "eval/ranks/cluster.h"
#include "eval/ranks/servant.h"
#include "process/process.h"
#include "process/sources.h"
#include "sys/clock.h"

static struct {
  ens_ranks *ranks; /* of rank 0; NULL: this process is alone, or not the first */
  int rank;         /* -1: alone */
  ens_launcher launcher;
  bool warned;
} job = {.rank = -1};

unsigned ens_run_ranks(void) {
  return job.ranks ? (unsigned)job.ranks->size : 1;
}

int ens_run_rank(void) {
  return job.rank;
}

int ens_run_launched(void) {
  ens_launcher launcher;
  return ens_launcher_read(&launcher) ? launcher.rank : 0;
}

const char *ens_run_host(void) {
  static char host[ENS_RANK_HOST_BYTES];
  if (!*host) ens_rank_host(host);
  return host;
}

ens_run_traffic ens_run_count_traffic(void) {
  if (!job.ranks) return (ens_run_traffic){0};
  const ens_link *link = job.ranks->link;
  return (ens_run_traffic){.proposals = ens_link_sent(link, ENS_LETTER_WORK).bytes,
                           .results = ens_link_received(link, ENS_LETTER_RESULT).bytes,
                           .data = ens_link_sent(link, ENS_LETTER_PIECE).bytes};
}

void ens_run_abort(int status) {
  if (job.ranks) ens_link_abort(job.ranks->link, status);
  _exit(status);
}

/* ---- joining ---- */

/* Beside the program where it was built, then where it was installed. */
static const char *const *plugin_folders(void) {
  static char beside[PATH_MAX], installed[PATH_MAX + 32];
  static const char *folders[] = {beside, installed, NULL};
  ssize_t length = readlink("/proc/self/exe", beside, sizeof beside - 1);
  beside[length > 0 ? length : 0] = '\0';
  char *slash = strrchr(beside, '/');
  if (slash) *slash = '\0';
  snprintf(installed, sizeof installed, "%s/../lib/ensemble-lua", beside);
  return folders;
}

/* What must be the same on all ranks: functions travel as the engine's own bytecode. */
static const char *program_name(const char *engine) {
  static char name[96];
  snprintf(name, sizeof name, "ensemble-lua %s, %s", ens_run_version(), engine);
  return name;
}

static ens_status explain(const ens_launcher *launcher, ens_error *error) {
  ens_error why = ENS_ERROR_NONE;
  char times[32] = "several times";
  ens_error_move(&why, error);
  if (launcher->size) snprintf(times, sizeof times, "%d times", launcher->size);
  ens_error_set(error, ENS_CONFIG,
                "the program was started %s by %s, but its processes cannot work as one: %s\n"
                "  (--no-mpi makes each of them do the whole run by itself)",
                times, launcher->name, ens_error_text(&why));
  ens_error_clear(&why);
  return ENS_CONFIG;
}

/* The first rank tells what all of them meet, and most launchers end the job then. What another host lacks, its first
 * rank tells after that. */
static const double first_word_seconds = 2;

static ens_status refuse(const ens_launcher *launcher, ens_error *error) {
  if (launcher->rank != 0) ens_clock_sleep(first_word_seconds);
  if (launcher->rank == 0 || launcher->first_here) return explain(launcher, error);
  return ens_error_set(error, ENS_CONFIG, "%s", ""); /* no word */
}

static atomic_int received;

static void on_signal(int number) {
  received = number;
}

static int take_signal(void) {
  return atomic_exchange(&received, 0);
}

/* The first rank decides when the job ends: the others tell it of signals, and go on. */
static void catch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
}

static int serve(ens_link *link, const char *program, ens_run_unpack *unpack) {
  ens_servant_config config = {.cpus = (unsigned)ens_run_cpus(),
                               .program = program,
                               .unpack = unpack,
                               .signalled = take_signal,
                               .forget = ens_run_sources_forget};
  char name[ENS_RANK_NAME_BYTES];
  ens_rank_name(ens_link_rank(link), name);
  catch_signals();
  ens_crash_catch(name, NULL);
  ens_run_sources_ask(ens_servant_ask);
  int status = ens_servant_run(link, &config);
  ens_crash_release();
  return status;
}

static ens_status read_text(const char *path, char **text, size_t *size, int *number, ens_error *error) {
  return ens_run_read_text("model module", path, text, size, number, error);
}

/* Launchers end the others when one process ends badly: what is printed must be out by then. */
void ens_run_leave(int exit_status) {
  ens_ranks *ranks = job.ranks;
  job.ranks = NULL;
  if (ranks) fflush(NULL);
  ens_ranks_destroy(ranks, exit_status);
  if (exit_status) ens_launcher_keep_status(&job.launcher);
}

static void leave_at_exit(void) {
  ens_run_leave(0);
}

ens_status ens_run_join(const char *engine, ens_run_unpack *unpack, bool *served, int *exit_status, ens_error *error) {
  ens_launcher *launcher = &job.launcher;
  ens_link *link = NULL;
  *served = false;
  if (!ens_launcher_read(launcher)) return ENS_OK;
  ens_status status = ens_link_open(launcher, plugin_folders(), &link, error);
  if (status) return refuse(launcher, error);
  ens_launcher_mark();
  if (ens_link_size(link) == 1) {
    ens_link_close(link);
    return ENS_OK;
  }
  prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0); /* nanoseconds: short sleeps are short */
  job.rank = ens_link_rank(link);
  if (job.rank != 0) {
    *exit_status = serve(link, program_name(engine), unpack);
    *served = true;
    return ENS_OK;
  }
  ens_array_share_large();
  atexit(leave_at_exit); /* libraries of a model may call exit */
  static const ens_ranks_hooks hooks = {.signalled = ens_process_take_signal, .read_text = read_text};
  return ens_ranks_create(link, (unsigned)ens_run_cpus(), program_name(engine), &hooks, &job.ranks, error);
}

/* ---- workers ---- */

/* A launcher that binds a rank to one core, as some do by themselves, leaves the others unused. `used`: CPUs of the
 * host that its ranks have together. */
static bool warn_of_rank(const ens_run_config *config, const ens_rank *rank, int number, unsigned used) {
  bool idle = rank->one_core && used < rank->allowed && !config->workers_given;
  bool crowded = rank->one_core && config->workers_given && config->workers > rank->affinity;
  if (!idle && !crowded) return false;
  ens_process_note(
      "warning: the launcher has bound rank %d to one core of host %s, where the job has %u CPUs, %s: mpiexec "
      "--bind-to "
      "none, or --map-by slot:PE=N for N CPUs a rank (srun --cpus-per-task=N)",
      number, rank->host, rank->allowed,
      crowded               ? "so that its workers share it"
      : rank->affinity == 1 ? "so that it has one worker, and CPUs are left over"
                            : "so that CPUs are left over");
  return true;
}

static void warn_of_binding(const ens_run_config *config) {
  const ens_ranks *ranks = job.ranks;
  ens_rank alone;
  if (job.warned || config->quiet || !job.launcher.name) return;
  if (!ranks) {
    ens_rank_describe(&alone, 0, 1);
    job.warned = warn_of_rank(config, &alone, 0, alone.affinity);
  }
  for (int r = 0; ranks && r < ranks->size && !job.warned; r++)
    job.warned = warn_of_rank(config, &ranks->rank[r], r, ens_ranks_cpus_used(ranks, r));
}

static void on_lost(void *context, const char *text) {
  ens_run_abandon(context, text);
}

ens_status ens_run_make_evaluator(ens_run *run, ens_error *error) {
  const ens_run_config *config = &run->config;
  ens_watch watch = {
      .timeout = config->eval_timeout, .context = run, .report = ens_run_on_slow, .asked = ens_run_on_asked};
  warn_of_binding(config);
  if (!job.ranks) return ens_pool_create(run->model, config->workers, &watch, &run->evaluator, error);
  ens_cluster_config cluster = {.workers = config->workers_given ? config->workers : 0,
                                .watch = watch,
                                .rank_timeout = config->rank_timeout,
                                .lost = on_lost};
  return ens_cluster_create(job.ranks, run->model, &cluster, &run->evaluator, error);
}
