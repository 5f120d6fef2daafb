/* x ^ 2 under LuaJIT. Its compiler makes x * x of it, where its interpreter calls pow, which rounds otherwise for one x
 * in some thousand; and when a function is compiled depends on the thread. So that a model gives the same bits in every
 * worker, this program's pow squares by multiplying, as Lua 5.4 does. Of all functions and operators only this one
 * differed between LuaJIT's compiler and its interpreter. */
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
  memcpy(&function, &address, sizeof address); /* POSIX means it; ISO C has no such conversion */
  atomic_store_explicit(&found, function, memory_order_relaxed);
  return function;
}

double pow(double x, double y) {
  return y == 2 ? x * x : library_pow()(x, y);
}

#endif
