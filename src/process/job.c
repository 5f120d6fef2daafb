/* Joins the other ranks through the link of eval/ranks, serves rank 0 on the others, and leaves at the end. */
#include "process/job.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "data/array.h"
#include "eval/crash.h"
#include "process/cpus.h"
#include "process/process.h"
#include "process/signals.h"
#include "process/sources.h"
#include "sys/clock.h"

/* A process joins one job at most. */
static struct {
  ens_ranks *ranks; /* of rank 0; NULL: the process is alone, or another rank */
  int rank;         /* -1: alone */
  ens_launcher launcher;
  atomic_int signal; /* that another rank than 0 has received and not yet passed on; 0: none */
  char host[ENS_RANK_HOST_BYTES], program[96], beside[PATH_MAX], installed[PATH_MAX + 32];
} job = {.rank = -1};

unsigned ens_job_size(void) {
  return job.ranks ? (unsigned)job.ranks->size : 1;
}

int ens_job_rank(void) {
  return job.rank;
}

int ens_job_launched(void) {
  ens_launcher launcher;
  return ens_launcher_read(&launcher) ? launcher.rank : 0;
}

const char *ens_job_host(void) {
  if (!*job.host) ens_rank_host(job.host);
  return job.host;
}

const char *ens_job_launcher(void) {
  return job.launcher.name;
}

ens_ranks *ens_job_ranks(void) {
  return job.ranks;
}

ens_job_traffic ens_job_count_traffic(void) {
  if (!job.ranks) return (ens_job_traffic){0};
  const ens_link *link = job.ranks->link;
  return (ens_job_traffic){.proposals = ens_link_sent(link, ENS_LETTER_WORK).bytes,
                           .results = ens_link_received(link, ENS_LETTER_RESULT).bytes,
                           .data = ens_link_sent(link, ENS_LETTER_PIECE).bytes};
}

void ens_job_abort(int status) {
  if (job.ranks) ens_link_abort(job.ranks->link, status);
  _exit(status);
}

/* ---- joining ---- */

/* The folder of the program as built, then that of an installed program. */
static const char *const *plugin_folders(void) {
  static const char *const folders[] = {job.beside, job.installed, NULL};
  ssize_t length = readlink("/proc/self/exe", job.beside, sizeof job.beside - 1);
  job.beside[length > 0 ? length : 0] = '\0';
  char *slash = strrchr(job.beside, '/');
  if (slash) *slash = '\0';
  snprintf(job.installed, sizeof job.installed, "%s/../lib/ensemble-lua", job.beside);
  return folders;
}

/* All ranks must have the same program and engine, since functions are sent as the engine's bytecode. */
static const char *program_name(const char *engine) {
  snprintf(job.program, sizeof job.program, "ensemble-lua %s, %s", ens_process_version(), engine);
  return job.program;
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

/* All ranks usually meet the same error. Rank 0 reports it, and most launchers then end the job. The first rank of each
 * other host waits this long before it reports, in case only its host has the error. */
static const double first_word_seconds = 2;

static ens_status report(const ens_launcher *launcher, ens_error *error) {
  if (launcher->rank != 0) ens_clock_sleep(first_word_seconds);
  if (launcher->rank == 0 || launcher->first_here) return explain(launcher, error);
  return ens_error_set(error, ENS_CONFIG, "%s", ""); /* another rank reports */
}

static void on_signal(int number) {
  job.signal = number;
}

static int take_signal(void) {
  return atomic_exchange(&job.signal, 0);
}

/* Rank 0 decides when the job ends. The other ranks pass signals to it and continue. */
static void catch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
}

static int serve(ens_link *link, const char *program, ens_servant_unpack *unpack) {
  ens_servant_config config = {.cpus = (unsigned)ens_cpus_count(),
                               .program = program,
                               .unpack = unpack,
                               .signalled = take_signal,
                               .forget = ens_sources_forget};
  char name[ENS_RANK_NAME_BYTES];
  ens_rank_name(ens_link_rank(link), name);
  catch_signals();
  ens_crash_catch(name, NULL);
  ens_sources_ask(ens_servant_ask);
  int status = ens_servant_run(link, &config);
  ens_crash_release();
  return status;
}

static ens_status read_text(const char *path, char **text, size_t *size, int *number, ens_error *error) {
  return ens_sources_read("model module", path, text, size, number, error);
}

/* A launcher may end all processes when one ends with an error, so that output is flushed first. */
void ens_job_leave(int exit_status) {
  ens_ranks *ranks = job.ranks;
  job.ranks = NULL;
  if (ranks) fflush(NULL);
  ens_ranks_destroy(ranks, exit_status);
  if (exit_status) ens_launcher_keep_status(&job.launcher);
}

static void leave_at_exit(void) {
  ens_job_leave(0);
}

ens_status ens_job_join(const char *engine, ens_servant_unpack *unpack, bool *served, int *exit_status,
                        ens_error *error) {
  ens_launcher *launcher = &job.launcher;
  ens_link *link = NULL;
  *served = false;
  if (!ens_launcher_read(launcher)) return ENS_OK;
  ens_status status = ens_link_open(launcher, plugin_folders(), &link, error);
  if (status) return report(launcher, error);
  ens_launcher_mark();
  if (ens_link_size(link) == 1) {
    ens_link_close(link);
    return ENS_OK;
  }
  prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0); /* nanoseconds, so that short sleeps stay short */
  job.rank = ens_link_rank(link);
  if (job.rank != 0) {
    *exit_status = serve(link, program_name(engine), unpack);
    *served = true;
    return ENS_OK;
  }
  ens_array_share_large();
  atexit(leave_at_exit); /* libraries of a model may call exit */
  static const ens_ranks_hooks hooks = {.signalled = ens_signals_take, .read_text = read_text};
  return ens_ranks_create(link, (unsigned)ens_cpus_count(), program_name(engine), &hooks, &job.ranks, error);
}
