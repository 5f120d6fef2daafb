/* The globals that the user's code made travel beside a value: from the control state to a worker's. */
#ifndef ENS_SCRIPT_TRANSFER_GLOBALS_H
#define ENS_SCRIPT_TRANSFER_GLOBALS_H

#include "script/transfer/decoder.h"
#include "script/transfer/encoder.h"

/* Appends pairs of name and value, ended by nil. A global that cannot be copied goes as the reason why not. */
ens_status ens_globals_put(ens_encoder *encoder);
/* Appends those globals that the functions in the parcel name, and those that these name: nothing ends them. */
ens_status ens_globals_put_named(ens_encoder *encoder);
/* Sets the state's globals from what ens_globals_put appended. Reading a global that could not be copied is an error
 * that gives the reason. */
void ens_globals_take(ens_decoder *decoder);

#endif
