/* The methods that change a work array in place, and ensemble.work, which makes one. */
#ifndef ENS_SCRIPT_LIB_WORK_LIB_H
#define ENS_SCRIPT_LIB_WORK_LIB_H

#include "script/value/operand.h"

/* Adds the methods to the table on top. */
void ens_work_add_methods(lua_State *L);
/* The work array at 1, for a method that changes it. Raises an error for a read-only array. */
const ens_array *ens_work_check(lua_State *L, const ens_caller *caller);
/* ensemble.work(n, m, ...), of zeros, or ensemble.work(nested table or array), of those numbers: the work array, or nil
 * and a message. */
int ens_work_make(lua_State *L);

#endif
