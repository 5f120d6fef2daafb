/* sigaltstack with memory of the thread's own. */
#include "eval/altstack.h"

#include <signal.h>
#include <stdlib.h>

enum { STACK_BYTES = 64 << 10 };

struct ens_altstack {
  stack_t before;
  char bytes[STACK_BYTES];
};

ens_altstack *ens_altstack_enter(void) {
  ens_altstack *stack = malloc(sizeof *stack);
  if (!stack) return NULL;
  stack_t own = {.ss_sp = stack->bytes, .ss_size = sizeof stack->bytes};
  if (sigaltstack(&own, &stack->before) == 0) return stack;
  free(stack);
  return NULL;
}

void ens_altstack_leave(ens_altstack *stack) {
  if (!stack) return;
  sigaltstack(&stack->before, NULL);
  free(stack);
}
