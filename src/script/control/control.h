/* The control state: the Lua state in which the user's script runs. */
#ifndef ENS_SCRIPT_CONTROL_CONTROL_H
#define ENS_SCRIPT_CONTROL_CONTROL_H

/* Runs the command line (lua/ensemble/cli/main.lua) and returns the exit status. */
int ens_control_main(int argc, char **argv);

#endif
