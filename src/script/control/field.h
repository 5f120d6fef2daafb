/* The plain fields of a run's table: a row for each tells its kind and its place in ens_run_config. The row of the same
 * name in lua/ensemble/check/options.lua has the check, the default and the help; an option needs these two rows. */
#ifndef ENS_SCRIPT_CONTROL_FIELD_H
#define ENS_SCRIPT_CONTROL_FIELD_H

#include "run/run.h"
#include "script/state/compat.h"

/* Reads the plain fields of the table at `index` into *out; a missing field leaves its place alone. The values are
 * checked already. Fails with ENS_MEMORY. */
ens_status ens_field_read(lua_State *L, int index, ens_run_config *out, ens_error *error);
/* The same for the rules of 'until'. */
void ens_field_read_rules(lua_State *L, int index, ens_until *out);
/* Pushes the list of the names of the plain fields. */
void ens_field_push_names(lua_State *L);

#endif
