/* Reads the variables of Open MPI, MPICH and Slurm. MPICH's launcher forgets a status, so that a small process
 * holds its output until the rank is reaped. */
#include "eval/ranks/launcher.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/clock.h"

/* The first row whose variable `there` is set counts. Slurm sets its variables for every task of a step, even if it
 * gives MPI no help (--mpi=none): then no plugin can join the processes. A batch script is not a task of a step. */
static const struct row {
  const char *name, *there, *rank, *size, *local, *mpi[2];
  bool hydra;
} rows[] = {
    {"mpiexec of Open MPI",
     "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_RANK",
     "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_LOCAL_RANK",
     {"openmpi", "mpich"},
     false},
    {"mpiexec of MPICH", "HYDI_CONTROL_FD", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", {"mpich", "openmpi"}, true},
    {"mpiexec of MPICH", "MPI_LOCALNRANKS", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", {"mpich", "openmpi"}, true},
    {"srun with PMIx", "PMIX_RANK", "PMIX_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", {"openmpi", "mpich"}, false},
    {"a launcher with PMI", "PMI_SIZE", "PMI_RANK", "PMI_SIZE", "SLURM_LOCALID", {"mpich", "openmpi"}, false},
    {"srun",
     "SLURM_STEP_NUM_TASKS",
     "SLURM_PROCID",
     "SLURM_STEP_NUM_TASKS",
     "SLURM_LOCALID",
     {"openmpi", "mpich"},
     false},
};

static const char joined[] = "ENSEMBLE_LUA_JOINED", timeout[] = "ENSEMBLE_JOIN_TIMEOUT";
enum { PATIENCE = 300, MOST_PATIENCE = 86400 };

static int number_of(const char *variable, int fallback) {
  const char *text = getenv(variable);
  return text && *text ? atoi(text) : fallback;
}

static unsigned read_patience(void) {
  int seconds = number_of(timeout, PATIENCE);
  return seconds < 1 || seconds > MOST_PATIENCE ? PATIENCE : (unsigned)seconds;
}

bool ens_launcher_read(ens_launcher *out) {
  *out = (ens_launcher){0};
  if (getenv(joined)) return false;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row *row = &rows[i];
    if (!getenv(row->there)) continue;
    *out = (ens_launcher){.name = row->name, .rank = number_of(row->rank, 0), .size = number_of(row->size, 0)};
    out->first_here = number_of(row->local, 0) == 0;
    out->hydra = row->hydra;
    out->patience = read_patience();
    memcpy(out->mpi, row->mpi, sizeof out->mpi);
    return out->size != 1;
  }
  return false;
}

void ens_launcher_mark(void) {
  setenv(joined, "1", 1);
}

/* Seconds. The limit matters if a child process of the model also holds the output open. */
static const double glance = 0.001, longest_end = 5;

static bool is_reaped(pid_t process) {
  return kill(process, 0) != 0 && errno == ESRCH;
}

/* The first output that closes wakes the launcher, which then reaps the processes that have ended. */
static void outlive(pid_t process) {
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  close(STDIN_FILENO);
  double end = ens_clock_now() + longest_end;
  while (getppid() == process && ens_clock_now() < end) ens_clock_sleep(glance);
  close(STDERR_FILENO);
  while (!is_reaped(process) && ens_clock_now() < end) ens_clock_sleep(glance);
  _exit(0);
}

void ens_launcher_keep_status(const ens_launcher *launcher) {
  pid_t process = getpid();
  if (launcher->hydra && fork() == 0) outlive(process);
}
