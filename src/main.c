/* argv in, exit status out. */
#include "run/run.h"
#include "script/state/control.h"

int main(int argc, char **argv) {
  ens_process_begin(ENS_MODELS_DIR);
  int status = ens_control_main(argc, argv);
  ens_job_leave(status);
  ens_process_end();
  return status;
}
