/* The check itself, which only debug builds call. */
#include "script/state/stack.h"

#ifdef ENS_DEBUG

#include <stdio.h>
#include <stdlib.h>

void ens_stack_leave(const ens_stack *stack) {
  int height = lua_gettop(stack->L);
  if (stack->taken >= 0 && height >= stack->low && height <= stack->high) return;
  fprintf(stderr, "%s:%d: %s leaves %d values on the Lua stack, not %d to %d, having taken those above %d\n",
          stack->file, stack->line, stack->function, height, stack->low, stack->high, stack->taken);
  abort();
}

#endif
