/* Arguments of functions over many numbers: a number, an array, or a list of numbers. */
#ifndef ENS_SCRIPT_VALUE_OPERAND_H
#define ENS_SCRIPT_VALUE_OPERAND_H

#include <stdbool.h>

#include "data/array.h"
#include "script/state/compat.h"
#include "script/value/caller.h"

/* An argument. The numbers are borrowed from the value on the stack; those of a list are pushed. */
typedef struct ens_operand {
  ens_array view; /* rank 0: a number, at `number` */
  double number;
} ens_operand;

/* Reads the argument at `index`, which messages call `name`. Raises an error for anything else. */
void ens_operand_read(lua_State *L, int index, const ens_caller *caller, const char *name, ens_operand *out);
/* Gives a number the shape of `target`, as a view of itself; raises an error for another shape than that. */
void ens_operand_fit(lua_State *L, const ens_caller *caller, const char *name, ens_operand *operand,
                     const ens_array *target);
/* Pushes "3" or "2 x 3". */
const char *ens_operand_push_shape(lua_State *L, const ens_array *array);

#endif
