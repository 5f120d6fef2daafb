/* The effect of a function on the Lua stack. Each function that takes a lua_State states it in its first line, in the
 * notation of Lua's manual, and debug builds (-DENS_DEBUG, which every SANITIZER= build sets) check it whenever the
 * function returns: a wrong balance prints the function's name and place and aborts. Errors that Lua raises skip the
 * check. In other builds the lines cost nothing.
 *
 *   ENS_STACK(L, -1, +2)            pops one value, then pushes two
 *   ENS_STACK_RANGE(L, -0, +1, +3)  pops none, pushes one to three
 *   ENS_RESULTS(L, 1, 3)            a function that Lua calls: returns one to three values, the topmost ones
 *
 * -o counts the caller's values that the function takes, +p the values that remain above the others when it returns. */
#ifndef ENS_SCRIPT_STATE_STACK_H
#define ENS_SCRIPT_STATE_STACK_H

#include <lua.h>

/* More values than Lua's stack can hold: any number of them. */
enum { ENS_STACK_MANY = 1 << 24 };

#ifdef ENS_DEBUG

#include <limits.h>

/* The range of the stack's height when the function returns. */
typedef struct ens_stack {
  lua_State *L;
  int taken, low, high;
  const char *file, *function;
  int line;
} ens_stack;

/* Aborts with a message if the height is outside the range. */
void ens_stack_leave(const ens_stack *stack);

#define ENS_STACK_GUARD(L, taken, low, high) \
  __attribute__((cleanup(ens_stack_leave)))  \
  const ens_stack ens_stack_guard = {L, taken, low, high, __FILE__, __func__, __LINE__}
#define ENS_STACK_RANGE(L, o, p, q) \
  ENS_STACK_GUARD(L, lua_gettop(L) + (o), lua_gettop(L) + (o) + (p), lua_gettop(L) + (o) + (q))
#define ENS_RESULTS(L, p, q) ENS_STACK_GUARD(L, 0, p, INT_MAX)

#else

#define ENS_STACK_RANGE(L, o, p, q) ((void)(L))
#define ENS_RESULTS(L, p, q) ((void)(L))

#endif

#define ENS_STACK(L, o, p) ENS_STACK_RANGE(L, o, p, p)

#endif
