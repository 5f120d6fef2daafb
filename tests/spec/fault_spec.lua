-- Faults during a run: signals, a crash in C, exhausted memory, bytecode instead of text. Every committed step stays,
-- and the same command resumes the run. See docs/reference/messages.md and store.md.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local is_sanitized = helper.program:find("/address") or helper.program:find("/thread")

local SCRIPT = [=[
local ensemble = require "ensemble"
ensemble.run {
  model = "model.lua", start = ensemble.ball({ 0, 1 }, 1), walkers = 8, steps = tonumber(arg[1] or 40), seed = 7,
  commit_every = 0.01, output = "run.db", quiet = true,
}
]=]

local function model(code)
  return [=[
local ensemble = require "ensemble"
local n, at = 0, tonumber(os.getenv "AT" or 0)
return { parameters = { "x", "y" }, log_prob = function(t)
  n = n + 1
  if n == at then ]=] .. code .. [=[ end
  return -0.5 * (t.x * t.x + t.y * t.y)
end }
]=]
end

local function fresh(code)
  local dir = helper.directory()
  dir:write("model.lua", model(code))
  dir:write("run.lua", SCRIPT)
  return dir
end

local function has(text, words) assert.truthy(text:find(words, 1, true), text) end

local function finds(text, pattern) assert.truthy(text:find(pattern), text) end

local function same(...) assert(python.call("storecheck.py", "same", ...)) end

local function prefix(short, long) return tonumber(assert(python.call("storecheck.py", "prefix", short, long))) end

-- Resumes the run in this directory, and compares it with an uninterrupted run of the same script.
local function assert_goes_on(dir, workers)
  local path = dir:file("run.db")
  local whole = dir:run { "--workers", 1, "--output", "whole.db", "run.lua", 40 }
  assert.equal(0, whole.status, whole.stderr)
  if dir:read("run.db") then prefix(path, dir:file("whole.db")) end
  local result = dir:run { "--workers", workers, "run.lua", 40 }
  assert.equal(0, result.status, result.stderr)
  same(dir:file("whole.db"), path)
end

describe(helper.name .. " at a signal", function()
  it("reports its progress and continues (SIGUSR2)", function()
    for workers = 1, 2 do
      local dir = fresh('os.execute("kill -USR2 $PPID") ensemble.sleep(0.1)')
      local result = dir:run { "--workers", workers, "run.lua", env = { AT = 60 } }
      assert.equal(0, result.status, result.stderr)
      finds(result.stderr, "ensemble%-lua: status: %d+ of 40 steps, [%d.]+ steps/s, [%d.]+ evaluations/s,"
        .. " acceptance 0%.%d+, [%d.]+ s in this session\n")
      finds(result.stderr, "ensemble%-lua: status: %d+ steps are committed to run%.db\n")
      finds(result.stderr, "ensemble%-lua: status: worker " .. workers
        .. ": %d+ evaluations, busy %d+ %% of the time\n")
      assert_goes_on(dir, 1)
    end
  end)

  it("reports the evaluation that it waits for (SIGUSR2)", function()
    local dir = fresh('os.execute("kill -USR2 $PPID") ensemble.sleep(4.5)')
    local result = dir:run { "--workers", 1, "run.lua", env = { AT = 60 } }
    assert.equal(0, result.status, result.stderr)
    has(result.stderr, "ensemble-lua: status: the run waits for evaluations\n")
    finds(result.stderr, "ensemble%-lua: status: %d+ steps are committed to run%.db\n")
    finds(result.stderr, "ensemble%-lua: worker 1 is at one evaluation for [%d.]+ s [^\n]*step %d+, walker %d+: "
      .. "x = %-?[%d.]+, y = %-?[%d.]+\n")
  end)

  it("stops at SIGHUP as at SIGTERM", function()
    local dir = fresh 'os.execute("kill -HUP $PPID")'
    local result = dir:run { "--workers", 2, "run.lua", env = { AT = 60 } }
    assert.equal(75, result.status, result.stderr)
    assert_goes_on(dir, 2)
  end)

  it("reports the evaluation that its stop waits for (SIGTERM)", function()
    for workers = 1, 2 do
      local dir = fresh('os.execute("kill -TERM $PPID") ensemble.sleep(4.5)')
      local result = dir:run { "--workers", workers, "run.lua", env = { AT = 60 } }
      assert.equal(75, result.status, result.stderr)
      finds(result.stderr, "ensemble%-lua: worker %d is at one evaluation for [%d.]+ s [^\n]*step %d+, walker %d+: "
        .. "x = [^\n]+, y = [^\n]+; the stop waits for it %(SIGINT again leaves at once, with the steps that are "
        .. "saved%)\n")
      assert_goes_on(dir, 1)
    end
  end)

  it("ends at once with the committed steps (SIGINT twice)", function()
    if helper.program:find("/thread") then return end -- ThreadSanitizer holds signals back while a thread sleeps
    -- Repeated, because two signals in quick succession may merge into one.
    local dir = fresh('os.execute("(sleep 0.1; while kill -INT $PPID; do sleep 0.3; done) 2>/dev/null &")'
      .. " ensemble.sleep(60)")
    local result = dir:run { "--workers", 2, "run.lua", 40, env = { AT = 60 }, timeout = 30 }
    assert.equal(130, result.status, result.stderr)
    finds(result.stderr, "\nensemble%-lua: left at once\nensemble%-lua: %d+ steps are safe in run%.db: "
      .. "run the same command again to resume\n")
    assert_goes_on(dir, 2)
  end)
end)

local CRASHES = [=[
#include <stddef.h>
#include <stdlib.h>
static int n;
static int now(void) {
  const char *at = getenv("AT");
  return __atomic_add_fetch(&n, 1, __ATOMIC_RELAXED) == (at ? atoi(at) : 0);
}
static double value(const double *t) { return -0.5 * (t[0] * t[0] + t[1] * t[1]); }
static double deep(const double *t, long k) {
  volatile char room[4096];
  room[k % 4096] = (char)k;
  return k < 0 ? value(t) : deep(t, k + 1) + room[k % 4096];
}
double fault(const double *t, size_t ndim, void *context) {
  if (now()) *(volatile int *)16 = 1;
  return value(t);
}
double give_up(const double *t, size_t ndim, void *context) {
  if (now()) abort();
  return value(t);
}
double overflow(const double *t, size_t ndim, void *context) { return now() ? deep(t, 0) : value(t); }
]=]

local WAITING = [=[
static int talking;
static void *talk(void *unused) {
  for (; write(2, "talk\n", 5); talking = 1) continue;
  return unused;
}
double fault_beside_talk(const double *t, size_t ndim, void *c) {
  pthread_t talker;
  if (now()) {
    pthread_create(&talker, NULL, talk, NULL);
    while (!__atomic_load_n(&talking, __ATOMIC_RELAXED)) continue;
    *(volatile int *)16 = 1;
  }
  return value(t);
}
double wait_and_fault(const double *t, size_t n_, void *c) {
  struct timespec a = {0, 2000000};
  nanosleep(&a, NULL);
  return fault(t, n_, c);
}
]=]

describe(helper.name .. " with a model in C that", function()
  local dir

  setup(function()
    dir = helper.directory()
    dir:write("crash.c", "#include <pthread.h>\n#include <time.h>\n#include <unistd.h>\n" .. CRASHES .. WAITING)
    assert.truthy(os.execute(("cc -O0 -w -fPIC -shared -pthread -o %s %s"):format(helper.quote(dir:file("crash.so")),
      helper.quote(dir:file("crash.c")))))
    dir:write("run.lua", (SCRIPT:gsub('"model.lua"',
      'ensemble.native("./crash.so", { symbol = os.getenv "F", parameters = { "x", "y" } })')))
  end)

  -- Under a sanitizer, its report follows and its exit status replaces the signal's.
  local function crash(f, signal, workers, words)
    os.remove(dir:file("run.db"))
    local result = dir:run { "--workers", workers, "run.lua", 40, env = { F = f, AT = 100 } }
    if not is_sanitized then assert.equal(128 + signal, result.status, result.stderr) end
    assert.not_equal(0, result.status)
    local told = result.stderr:gsub("^[talk\n]+", "")
    finds(told, "^ensemble%-lua: [^\n]*crash%.so: " .. f .. ": the model crashed %(" .. words .. "[^\n]*%)\n"
      .. "  at step 1[123], walker %d, worker [12]: x = %-?%d%.%d+, y = %-?%d%.%d+\n"
      .. "ensemble%-lua: %d+ steps are safe in run%.db: run the same command again to resume\n")
    local whole = dir:run { "--output", "whole.db", "run.lua", 40, env = { F = f } }
    assert.equal(0, whole.status, whole.stderr)
    local safe = tonumber(told:match("(%d+) steps are safe"))
    assert.is_true(prefix(dir:file("run.db"), dir:file("whole.db")) >= safe)
    result = dir:run { "run.lua", 40, env = { F = f } }
    assert.equal(0, result.status, result.stderr)
    same(dir:file("whole.db"), dir:file("run.db"))
    os.remove(dir:file("whole.db"))
  end

  for workers = 1, 2 do
    local on = (" (%d worker%s)"):format(workers, workers == 1 and "" or "s")
    it("touches memory that is not its own" .. on, function()
      crash("fault", 11, workers, "SIGSEGV: it used memory")
    end)
    it("does so after slow evaluations" .. on, function() crash("wait_and_fault", 11, workers, "SIGSEGV") end)
    it("calls abort" .. on, function() crash("give_up", 6, workers, "SIGABRT: it called abort") end)
    it("overflows its stack" .. on, function() crash("overflow", 11, workers, "SIGSEGV[^\n]*stack overflowed") end)
  end
  it("crashes while another thread writes: the report stays in one piece", function()
    crash("fault_beside_talk", 11, 1, "SIGSEGV")
  end)
end)

describe(helper.name .. " whose model takes all memory", function()
  local HUNGRY = { strings = 'local all = {} while true do all[#all + 1] = ("x"):rep(100000) .. #all end',
    tables = "local all = {} while true do all[#all + 1] = { n } end" }
  -- A sanitizer's shadow memory exceeds any limit on the address space.
  for kind, code in pairs(is_sanitized and {} or HUNGRY) do
    for workers = 1, 2 do
      it(("for %s, with %d of workers: an ordinary error"):format(kind, workers), function()
        local dir = fresh(code)
        local limited = 'ulimit -v 500000; exec "$0" "$@"'
        local result = dir:run { "-c", limited, helper.program, "--workers", workers, "run.lua", env = { AT = 60 },
          program = "/bin/sh" }
        assert.equal(1, result.status, result.stderr)
        finds(result.stderr, "ensemble%-lua: %d+ steps? up to the error %l+ saved in run%.db\n")
        finds(result.stderr, "ensemble%-lua: model%.lua:%d+: not enough memory\n  at step %d+, walker %d: x = ")
        assert_goes_on(dir, workers)
      end)
    end
  end
end)

describe(helper.name .. " that finds the journal of a store that was moved away", function()
  it("moves it aside with a warning, and does not apply it to the new store", function()
    local dir = fresh([=[
os.execute(os.getenv "PROGRAM" .. " info --json run.db >seen; until grep -q '\"steps\":11,' seen; do sleep 0.02; "
  .. os.getenv "PROGRAM" .. " info --json run.db >seen; done; kill -KILL $PPID")
]=])
    assert.equal(137, dir:run({ "--workers", 1, "--journal", "wal", "run.lua",
      env = { AT = 100, PROGRAM = helper.program } }).status)
    assert.truthy(dir:read("run.db-wal"))
    assert(os.rename(dir:file("run.db"), dir:file("old.db")))
    dir:write("run.lua", (SCRIPT:gsub("seed = 7", "seed = 8")))
    local result = dir:run { "run.lua" }
    assert.equal(0, result.status, result.stderr)
    local line = ("a journal of another store of this name was left here: it is now '%s' (put it beside that store, "
      .. "or remove it)"):format(dir:file("run.db-wal.left-over-1"))
    has(result.stderr, "ensemble-lua: warning: " .. line .. "\n")
    assert.same({ { "warning", line } }, helper.sql(dir:file("run.db"), "SELECT level, message FROM log"))
    assert.same({ { "8", "40" } }, helper.sql(dir:file("run.db"), "SELECT seed, nstored FROM run"))
    assert(os.rename(dir:file("run.db-wal.left-over-1"), dir:file("old.db-wal")))
    local whole = dir:run { "--output", "whole.db", "--seed", 7, "run.lua" }
    assert.equal(0, whole.status, whole.stderr)
    assert.is_true(prefix(dir:file("old.db"), dir:file("whole.db")) >= 11)
  end)
end)

describe(helper.name .. " loads source text only:", function()
  local dir

  setup(function()
    dir = helper.directory()
    dir:write("make.lua", [=[
local code = string.dump(load "return { parameters = { 'x' }, log_prob = function(t) return -t.x * t.x end }")
for _, name in ipairs { "script.lua", "model.lua", "module.lua" } do
  local file = io.open(name, "wb")
  file:write(code)
  file:close()
end
]=])
    assert.equal(0, dir:run({ "make.lua" }).status)
  end)

  for name, case in pairs {
    ["a script"] = { nil, "script.lua is a compiled chunk: only source text is run" },
    ["a model"] = { 'require("ensemble").run { model = "model.lua", steps = 2, start = {} }',
      "model.lua: a model is loaded as text only, and this is bytecode" },
    ["a module"] = { 'require "module"', "./module.lua is a compiled chunk: only source text is run" },
    dofile = { 'dofile "module.lua"', "module.lua is a compiled chunk: only source text is run" },
    loadfile = { 'assert(loadfile("module.lua", "b"))', "module.lua is a compiled chunk: only source text is run" },
    ["a module of a model"] = { 'require("ensemble").run { model = { parameters = { "x" }, log_prob = function() '
      .. 'return require "module" end }, steps = 2, start = require("ensemble").ball({ 0 }, 1) }',
      "./module.lua is a compiled chunk: only source text is run" },
  } do
    it(name, function()
      if case[1] then dir:write("run.lua", case[1]) end
      local result = dir:run { case[1] and "run.lua" or "script.lua" }
      assert.equal(1, result.status, result.stderr)
      has(result.stderr, case[2])
    end)
  end

  it("source text loads as usual", function()
    dir:write("part.lua", "#!/usr/bin/env lua\nlocal name, place = ...\nreturn { name, place, x }")
    dir:write("broken.lua", "return +")
    dir:write("run.lua", [=[
local part = require "part"
assert(part[1] == "part" and package.loaded.part == part)
assert(dofile("part.lua")[1] == nil)
assert(loadfile("part.lua", "t", { x = 3 })()[3] == 3)
local f, message = loadfile "broken.lua"
assert(f == nil and message:find("^broken.lua:1: "), message)
f, message = loadfile "missing.lua"
assert(f == nil and message == "cannot open missing.lua: No such file or directory", message)
local ok, why = pcall(require, "missing")
assert(not ok and why:find("module 'missing' not found:", 1, true), why)
assert(why:find("no file './missing.lua'", 1, true), why)
ok, why = pcall(require, "broken")
assert(not ok and why:find("error loading module 'broken' from file './broken.lua':\n\tbroken.lua:1:")
  or why:find("error loading module 'broken' from file './broken.lua':\n\t./broken.lua:1:", 1, true), why)
print("fine")
]=])
    local result = dir:run { "run.lua" }
    assert.equal("fine\n", result.stdout, result.stderr)
  end)
end)
