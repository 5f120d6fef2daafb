/* Arguments of functions on many numbers: a number, an array, or a list of numbers. */
#ifndef ENS_SCRIPT_VALUE_OPERAND_H
#define ENS_SCRIPT_VALUE_OPERAND_H

#include <stdbool.h>

#include "data/array.h"
#include "script/state/compat.h"
#include "script/value/caller.h"

/* An argument. Its numbers are borrowed from the value on the stack, or from the userdata that a list is read into. */
typedef struct ens_operand {
  ens_array view; /* of rank 0 if the argument is a number */
  double number;
} ens_operand;

/* Reads the argument at `index`, which messages call `name`; pushes a userdata for a list. Raises an error for a value
 * of any other type. */
void ens_operand_read(lua_State *L, int index, const ens_caller *caller, const char *name, ens_operand *out);
/* Stretches a number to the shape of `target`, as a view of itself. Raises an error if an array or list has another
 * shape. */
void ens_operand_fit(lua_State *L, const ens_caller *caller, const char *name, ens_operand *operand,
                     const ens_array *target);
/* Pushes "3" or "2 x 3". */
const char *ens_operand_push_shape(lua_State *L, const ens_array *array);

#endif
