/* argv in, exit status out. */
#include "run/run.h"
#include "script/control/control.h"

int main(int argc, char **argv) {
  ens_run_begin_process(ENS_MODELS_DIR);
  int status = ens_control_main(argc, argv);
  ens_run_leave(status);
  ens_run_end_process();
  return status;
}
