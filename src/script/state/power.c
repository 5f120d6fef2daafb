/* x ^ 2 under LuaJIT. Its compiler turns it into x * x, but its interpreter calls pow, which rounds differently for one
 * x in some thousand. Each thread compiles a function at a time of its own, so the same model could give different bits
 * in different workers. This program's pow therefore squares by multiplying, as Lua 5.4 does. No other function or
 * operator differed between LuaJIT's compiler and its interpreter. */
#include "script/state/compat.h"

#if LUA_VERSION_NUM < 504

#include <dlfcn.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef double power(double x, double y);

static power *library_pow(void) {
  static _Atomic(power *) found;
  power *function = atomic_load_explicit(&found, memory_order_relaxed);
  if (function) return function;
  void *address = dlsym(RTLD_NEXT, "pow");
  memcpy(&function, &address, sizeof address); /* POSIX guarantees this conversion, ISO C does not */
  atomic_store_explicit(&found, function, memory_order_relaxed);
  return function;
}

double pow(double x, double y) {
  return y == 2 ? x * x : library_pow()(x, y);
}

#endif
