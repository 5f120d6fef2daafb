/* argv in, exit status out. */
#include "process/job.h"
#include "process/process.h"
#include "process/sources.h"
#include "script/control/control.h"

int main(int argc, char **argv) {
  ens_process_begin(ENS_MODELS_DIR);
  int status = ens_control_main(argc, argv);
  ens_job_leave(status);
  ens_process_end();
  ens_sources_free();
  return status;
}
