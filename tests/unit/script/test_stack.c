/* The guards of script/state/stack.h: in debug builds a wrong balance aborts, a right one does not. */
#include "script/state/stack.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script/state/compat.h"
#include "unit.h"

static void push(lua_State *L, int n) {
  ENS_STACK(L, -0, +1);
  for (int i = 0; i < n; i++) lua_pushnil(L);
}

static void swap(lua_State *L, int n) {
  ENS_STACK_RANGE(L, -2, +0, +1);
  lua_settop(L, n);
}

static int answer(lua_State *L) {
  ENS_RESULTS(L, 2, 2);
  lua_settop(L, (int)lua_tointeger(L, 1));
  return 2;
}

/* Whether the call aborts, in a process of its own. */
static bool aborts(void (*call)(lua_State *L, int n), int height, int n) {
  pid_t child = fork();
  if (child == 0) {
    lua_State *L = luaL_newstate();
    fclose(stderr);
    lua_settop(L, height);
    call(L, n);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void call_answer(lua_State *L, int n) {
  lua_pushcfunction(L, answer);
  lua_pushinteger(L, n);
  lua_call(L, 1, 2);
}

#ifdef ENS_DEBUG
static const bool checked = true;
#else
static const bool checked = false;
#endif

TEST(a_right_balance_passes) {
  CHECK(!aborts(push, 0, 1));
  CHECK(!aborts(swap, 3, 1));
  CHECK(!aborts(swap, 3, 2));
  CHECK(!aborts(call_answer, 0, 2));
}

TEST(a_wrong_balance_aborts) {
  CHECK(aborts(push, 0, 0) == checked);
  CHECK(aborts(push, 0, 2) == checked);
  CHECK(aborts(swap, 3, 0) == checked);
  CHECK(aborts(swap, 3, 3) == checked);
  CHECK(aborts(swap, 1, 0) == checked);
}

TEST(too_few_results_abort) {
  if (checked) CHECK(aborts(call_answer, 0, 1));
}

int main(void) {
  RUN(a_right_balance_passes);
  RUN(a_wrong_balance_aborts);
  RUN(too_few_results_abort);
  return unit_report();
}
