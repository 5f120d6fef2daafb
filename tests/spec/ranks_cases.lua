-- Cases with several ranks, for the specs of both MPIs: a list of { name, function(launcher) }, with engine = true if a
-- case depends on the engine.
local assert = require "luassert"
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"
local ranks = require "tests.spec.ranks"

-- Draws random numbers, has a blob, and is slow enough that every rank gets evaluations.
local MODEL = [[
local ensemble = require "ensemble"
return { parameters = { "x", "y" }, blobs = { "draw" }, log_prob = function(theta)
  local draw = math.random()
  ensemble.sleep(0.0004)
  return -0.5 * (theta.x ^ 2 + theta.y ^ 2) + 0.1 * draw, draw
end }]]

local RUN = [[
local ensemble = require "ensemble"
ensemble.run { model = "model.lua", walkers = 12, steps = tonumber(arg[2]), seed = 7, progress = "none", quiet = true,
  start = ensemble.ball({ 0, 0 }, 0.5), output = arg[1], commit_every = 0.05 }]]

local function directory()
  local dir = helper.directory()
  dir:write("model.lua", MODEL)
  dir:write("run.lua", RUN)
  return dir
end

local function same_chains(launcher)
  local dir = directory()
  local alone = dir:run { "--workers", 2, "run.lua", "alone.db", 40 }
  assert.equal(0, alone.status, alone.stderr)
  for _, shape in ipairs { { 1, 2 }, { 2, 1 }, { 3, 2 }, { 5, 1 }, { 7, 1 } } do
    local name = ("%dx%d.db"):format(shape[1], shape[2])
    local result = launcher:run(dir, shape[1], { "--workers", shape[2], "run.lua", name, 40 })
    assert.equal(0, result.status, result.stderr)
    assert.equal("", result.stderr)
    assert.equal(helper.digest(dir:file("alone.db")), helper.digest(dir:file(name)), name)
    local info = dir:run { "info", name, "--json" }
    assert.truthy(info.stdout:find(('"workers":%d,"ranks":%d,'):format(shape[1] * shape[2], shape[1]), 1, true),
      info.stdout)
    local seen = {}
    for rank, evaluations in info.stdout:gmatch('{"rank":(%d+),"worker":%d+,"host":"[^"]+","evaluations":(%d+)') do
      seen[rank] = (seen[rank] or 0) + tonumber(evaluations)
    end
    local sum = 0
    for rank = 0, shape[1] - 1 do
      assert.truthy((seen[tostring(rank)] or 0) > 0, info.stdout)
      sum = sum + seen[tostring(rank)]
    end
    assert.equal(12 + 40 * 12, sum)
  end
end

-- Captured and shared values, modules that only the first rank can find, and nested data with an array of 8 MB.
local INLINE = [[
local ensemble = require "ensemble"
local scale = require "scale"
local numbers = {}
for i = 1, 1000000 do numbers[i] = i % 10 end
local shared = { 2, 3 }
shared.itself = shared
local function weigh(x) shared[1] = 2 return x * scale.factor * shared.itself[1] end
offset = 0.5
local sampler = ensemble.run { walkers = 8, steps = 30, seed = 3, progress = "none", quiet = true, workers = 2,
  start = ensemble.ball({ 0, 0 }, 0.5),
  data = { big = ensemble.array(numbers), deep = { name = "abc", list = { 1, 2, 3 } } },
  model = { parameters = { "x", "y" }, blobs = { "sum", "other" },
    setup = function(data) total = data.big:sum() end,
    log_prob = function(theta, data)
      local late = require "late"
      return -0.5 * (theta.x ^ 2 + theta.y ^ 2), total + late.extra, weigh(offset) + #data.deep.name + data.big[15]
    end } }
for _, x in ipairs(sampler:chain { flat = true }:totable()) do print(("%a %a"):format(x[1], x[2])) end
local blobs = sampler:blobs { flat = true }
print(blobs.sum[1], blobs.other[1], blobs.other:mean())
]]

local function inline_models(launcher)
  local dir = helper.directory()
  dir:write("scale.lua", "return { factor = 2 }")
  dir:write("late.lua", "return { extra = 0.25 }")
  local alone = dir:script(INLINE)
  assert.equal(0, alone.status, alone.stderr)
  assert.truthy(alone.stdout:find("4500000.25", 1, true), alone.stdout:sub(-60))
  local result = launcher:run(dir, 3, { "launch.sh", helper.program, dir:file("run.lua"), program = "/bin/sh",
    elsewhere = "cd /" })
  assert.equal(0, result.status, result.stderr)
  assert.equal(alone.stdout, result.stdout)
end

local function resumes(launcher)
  local dir = directory()
  assert.equal(0, dir:run({ "--workers", 2, "run.lua", "whole.db", 60 }).status)
  local three = launcher:run(dir, 3, { "--workers", 1, "run.lua", "run.db", 20 })
  assert.equal(0, three.status, three.stderr)
  local two = dir:run { "--workers", 2, "run.lua", "run.db", 40 }
  assert.equal(0, two.status, two.stderr)
  local back = launcher:run(dir, 2, { "resume", "run.db", "--steps", 20 })
  assert.equal(0, back.status, back.stderr)
  assert.equal(helper.digest(dir:file("whole.db")), helper.digest(dir:file("run.db")))
  local sessions = helper.sql(dir:file("run.db"), "SELECT ranks FROM session ORDER BY session_id")
  assert.same({ { "3" }, { "1" }, { "2" } }, sessions)
end

-- A run whose model does `how` on all ranks except the first.
local function fails_elsewhere(how, fields)
  return ([[
local ensemble = require "ensemble"
local sampler = ensemble.run { walkers = 8, steps = 4000, seed = 3, progress = "none", workers = 1,
  start = ensemble.ball({ 0, 0 }, 0.1), output = "run.db", %s
  model = { parameters = { "x", "y" }, log_prob = function(theta)
    local rank = os.getenv "OMPI_COMM_WORLD_RANK" or os.getenv "PMI_RANK" or "0"
    ensemble.sleep(0.001)
    if rank ~= "0" and theta.x > 0.8 then %s end
    return -0.5 * (theta.x ^ 2 + theta.y ^ 2)
  end } }
print(sampler:info().errors + sampler:info().nans)
]]):format(fields or "", how)
end

local function errors(launcher)
  local dir = helper.directory()
  dir:write("run.lua", fails_elsewhere('error("it broke")'))
  local result = launcher:run(dir, 3, { "run.lua" })
  assert.equal(1, result.status, result.stderr)
  assert.truthy(result.stderr:find("ensemble%-lua: run.lua:7: it broke\n  at step %d+, walker %d+, rank [12] %(host "
    .. "[%w._-]+%): x = "), result.stderr)
  assert.truthy(result.stderr:find("run.lua:7: in function", 1, true), result.stderr)
  assert.truthy(dir:run({ "info", "run.db" }).stdout:find("status%s+failed"))
  dir:write("run.lua", (fails_elsewhere("return 0 / 0", 'on_nan = "reject", quiet = true,'):gsub("4000", "40")
    :gsub("run.db", "nan.db")))
  result = launcher:run(dir, 2, { "run.lua" })
  assert.equal(0, result.status, result.stderr)
  assert.truthy(tonumber(result.stdout) > 0, result.stdout)
end

local function timeouts(launcher)
  local dir = helper.directory()
  dir:write("run.lua", fails_elsewhere("while true do ensemble.sleep(0.001) end", "eval_timeout = 0.3,"))
  local result = launcher:run(dir, 2, { "run.lua" })
  assert.equal(1, result.status, result.stderr)
  assert.truthy(result.stderr:find("worker 1 of rank 1 %(host [%w._-]+%) is at one evaluation for 0.%d+ s"),
    result.stderr)
  assert.truthy(result.stderr:find("interrupted: it lasted longer than eval_timeout", 1, true), result.stderr)
end

local function broken_models(launcher)
  local dir = helper.directory()
  dir:write("run.lua", [[
    local ensemble = require "ensemble"
    ensemble.run { steps = 5, start = ensemble.ball({ 0 }, 1), workers = 1, model = { parameters = { "x" },
      setup = function()
        if (os.getenv "OMPI_COMM_WORLD_RANK" or os.getenv "PMI_RANK") == "1" then error("no licence here") end
      end, log_prob = function() return 0 end } }]])
  local result = launcher:run(dir, 3, { "run.lua" })
  assert.equal(1, result.status, result.stderr)
  assert.truthy(result.stderr:find("no licence here\n  on rank 1 %(host [%w._-]+%)"), result.stderr)
end

-- Rank 0's setup raises an error while rank 1 is still in its own. Rank 1 then asks for a module that only rank 0 has.
local function late_questions(launcher)
  local dir = helper.directory()
  dir:write("late.lua", "return {}")
  dir:write("run.lua", [[
    local ensemble = require "ensemble"
    ensemble.run { steps = 5, start = ensemble.ball({ 0 }, 1), workers = 1, model = { parameters = { "x" },
      setup = function()
        if (os.getenv "OMPI_COMM_WORLD_RANK" or os.getenv "PMI_RANK" or "0") == "0" then error("no licence here") end
        ensemble.sleep(0.5)
        require "late"
      end, log_prob = function() return 0 end } }]])
  local result = launcher:run(dir, 2, { "launch.sh", helper.program, dir:file("run.lua"), program = "/bin/sh",
    elsewhere = "cd /" })
  assert.equal(1, result.status, result.stderr)
  assert.truthy(result.stderr:find("no licence here", 1, true), result.stderr)
  assert.falsy(result.stderr:find("has not ended", 1, true), result.stderr)
end

---------------------------------------------------------------------------------------------------- models in C
-- A bare function f, and a model that describes itself, with a random number and a parameter as blobs and memory from
-- setup to teardown. On other ranks than the first, BARE and HOW are the statements that they run if x > 0.8.
local LIBRARY = [[
#include <ensemble_model.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static const char *const names[] = {"x", "y"};
static const ensemble_blob blobs[] = {{.name = "u"}, {.name = "v"}};
static int is_first(void) {
  const char *rank = getenv("OMPI_COMM_WORLD_RANK");
  if (!rank) rank = getenv("PMI_RANK");
  return !rank || atoi(rank) == 0;
}
static double value_of(const double *t) {
  usleep(400);
  return -0.5 * (t[0] * t[0] + t[1] * t[1]);
}
double f(const double *t, size_t n, void *c) {
  (void)n, (void)c;
  if (!is_first() && t[0] > 0.8) BARE;
  return value_of(t);
}
static int log_prob(ensemble_worker *worker, const double *t, double *value, double *row) {
  if (!is_first() && t[0] > 0.8) HOW;
  *value = value_of(t);
  row[0] = worker->random->uniform(worker);
  row[1] = t[0] + *(double *)worker->context;
  return 0;
}
static int setup(ensemble_worker *worker) {
  double *memory = malloc(sizeof *memory);
  ensemble_array array;
  if (!memory || worker->data->array(worker, "shift", &array)) return 1;
  *memory = array.values[1];
  worker->context = memory;
  fprintf(stderr, "setup\n");
  return 0;
}
static void teardown(ensemble_worker *worker) {
  free(worker->context);
  fprintf(stderr, "teardown\n");
}
const ensemble_model ensemble_model_v1 = {.abi = ENSEMBLE_MODEL_ABI, .size = sizeof(ensemble_model), .ndim = 2,
  .parameters = names, .nblobs = 2, .blobs = blobs, .setup = setup, .teardown = teardown, .log_prob = log_prob};
]]

local function library(how, bare)
  return compile.library(LIBRARY, ("-D_GNU_SOURCE '-DHOW=%s' '-DBARE=%s'"):format(how or "(void)0", bare or "(void)0"))
end

local function native_script(path, bare, fields)
  return ([[
local ensemble = require "ensemble"
local sampler = ensemble.run { walkers = 8, steps = tonumber(arg[1]), seed = 3, progress = "none", quiet = true,
  start = ensemble.ball({ 0, 0 }, 0.3), data = { shift = ensemble.array { 1, 2 } }, %s
  model = ensemble.native(%q%s) }
local blobs = sampler:blobs { flat = true }
for i, at in ipairs(sampler:chain { flat = true }:totable()) do
  print(("%%a %%a %%a %%a"):format(at[1], at[2], blobs and blobs.u[i] or 0, blobs and blobs.v[i] or 0))
end]]):format(fields or "", path, bare and ', { symbol = "f", parameters = { "x", "y" } }' or "")
end

local function native_models(launcher)
  local dir = helper.directory()
  for _, bare in ipairs { true, false } do
    dir:write("run.lua", native_script(library(), bare))
    local alone = dir:run { "--workers", 2, "run.lua", 30 }
    assert.equal(0, alone.status, alone.stderr)
    assert.truthy(#alone.stdout > 240 * 20)
    local result = launcher:run(dir, 3, { "--workers", 2, "run.lua", 30 })
    assert.equal(0, result.status, result.stderr)
    assert.equal(alone.stdout, result.stdout)
    local count = bare and 0 or 6
    assert.equal(count, select(2, result.stderr:gsub("setup\n", "")), result.stderr)
    assert.equal(count, select(2, result.stderr:gsub("teardown\n", "")), result.stderr)
  end
end

local function native_failures(launcher)
  local dir = helper.directory()
  local says = 'return snprintf(worker->message, worker->message_size, "x is %g", t[0])'
  local at = "\n  at step %d+, walker %d+, rank [12] %(host [%w._-]+%): x = "
  local cases = { -- HOW; BARE; the text on stderr; fields
    { says, nil, "so: log_prob failed: x is [%d.]+" .. at },
    { nil, "return NAN", "so: f returned NaN" .. at },
    { "raise(SIGSEGV)", nil, "crash" },
    { "for (;;) pause()", nil, "worker 1 of rank [12] %(host [%w._-]+%) is at one evaluation for 0.%d+ s",
      "eval_timeout = 0.3," },
  }
  for _, case in ipairs(cases) do
    dir:write("run.lua", native_script(library(case[1], case[2]), case[2] ~= nil,
      (case[4] or "") .. 'workers = 1, output = "run.db", commit_every = 0.01,'))
    local result = launcher:run(dir, 3, { "run.lua", 4000 })
    assert.truthy(result.status ~= 0 and result.status ~= 124, result.stderr)
    if case[3] == "crash" then
      assert.truthy(result.stderr:find("model crashed %(SIG%a+"), result.stderr)
      assert.truthy(result.stderr:find("x = [%d.]+, y = "), result.stderr)
    else
      assert.truthy(result.stderr:find(case[3]), result.stderr)
    end
    local info = dir:run { "info", "run.db", "--json" }
    assert.equal(0, info.status, info.stderr)
    assert.falsy(info.stdout:find('"status":"running"', 1, true), info.stdout)
    os.remove(dir:file("run.db"))
  end
  dir:write("run.lua", native_script(library(says), false, 'workers = 1, on_error = "reject",') .. [[

print(sampler:info().errors > 0)]])
  local result = launcher:run(dir, 2, { "run.lua", 60 })
  assert.equal(0, result.status, result.stderr)
  assert.truthy(result.stdout:find("\ntrue\n$"), result.stdout:sub(-80))
end

-- Another library at the same path would give another chain. Here the file changes after rank 0 has loaded it.
local function other_library(launcher)
  local dir = helper.directory()
  os.execute(("cp %s %s && cp %s %s"):format(library(), dir:file("model.so"), library("return 1"), dir:file("new.so")))
  dir:write("run.lua", (native_script("./model.so", true):gsub("ensemble%.run", "ensemble.sampler")
    :gsub("local blobs", 'os.rename("new.so", "model.so")\nsampler:run()\n%0')))
  local result = launcher:run(dir, 2, { "run.lua", 5 })
  assert.equal(2, result.status, result.stderr)
  assert.truthy(result.stderr:find("model.so: the library on this host differs from that of rank 0: "
    .. "install the same file on all hosts\n  "
    .. "on rank 1 %(host [%w._-]+%)"), result.stderr)
end

-- A long run with a store. The model of each rank writes its process number into a file.
local LONG = [[
local ensemble = require "ensemble"
ensemble.run { walkers = 8, steps = 100000, seed = 3, progress = "none", workers = 1, commit_every = 0.05,
  rank_timeout = 3,
  start = ensemble.ball({ 0, 0 }, 0.5), output = "run.db",
  model = { parameters = { "x", "y" }, setup = function()
    local rank = os.getenv "OMPI_COMM_WORLD_RANK" or os.getenv "PMI_RANK" or "0"
    local number = io.open("/proc/self/stat"):read("*n")
    local file = io.open("pid" .. rank, "w")
    file:write(number)
    file:close()
  end, log_prob = function(theta)
    ensemble.sleep(0.005)
    return -0.5 * (theta.x ^ 2 + theta.y ^ 2)
  end } }
]]

local function steps_of(dir)
  local info = dir:run { "info", "run.db", "--json" }
  return tonumber(info.stdout:match('"steps":(%d+)')), info.stdout:match('"status":"(%a+)"'), info.stdout
end

local function start_long(launcher, n)
  local dir = helper.directory()
  dir:write("run.lua", LONG)
  local child = launcher:start(dir, n, { "run.lua" })
  assert.truthy(helper.eventually(function()
    return (helper.read(dir:file("run.db")) and steps_of(dir) or 0) > 5
  end, 30), child:stderr())
  return dir, child
end

-- Compares the store with a run of as many steps in one process.
local function is_true_chain(dir)
  local steps = steps_of(dir)
  dir:write("alone.lua", (LONG:gsub("run%.db", "alone.db"):gsub("sleep%(0.005%)", "sleep(0)")))
  local alone = dir:run { "--steps", steps, "alone.lua" }
  assert.equal(0, alone.status, alone.stderr)
  assert.equal(helper.digest(dir:file("alone.db")), helper.digest(dir:file("run.db")))
end

local function killed_ranks(launcher)
  local dir, child = start_long(launcher, 3)
  os.execute(("kill -KILL %d"):format(ranks.number(dir, "pid2")))
  local result = child:wait(20)
  assert.truthy(result.status ~= 0 and result.status ~= 124, result.stderr)
  is_true_chain(dir)
end

-- With the first rank killed, the store has the last commit, with the counts of its steps.
local function killed_first(launcher)
  local dir, child = start_long(launcher, 3)
  local others = { ranks.number(dir, "pid1"), ranks.number(dir, "pid2") }
  os.execute(("kill -KILL %d"):format(ranks.number(dir, "pid0")))
  local result = child:wait(20)
  assert.truthy(result.status ~= 0 and result.status ~= 124, result.stderr)
  for _, number in ipairs(others) do
    assert.truthy(helper.eventually(function() return not helper.read(("/proc/%d/stat"):format(number)) end, 20))
  end
  local steps, status, info = steps_of(dir)
  assert.equal("stopped", status)
  local evaluations = tonumber(info:match('"evaluations":(%d+)'))
  assert.truthy(evaluations >= 8 * (1 + steps), info)
  is_true_chain(dir)
end

-- A stopped rank neither ends nor answers, as on a host that has lost its network.
local function silent_ranks(launcher)
  local dir, child = start_long(launcher, 3)
  local number = ranks.number(dir, "pid2")
  os.execute(("kill -STOP %d"):format(number))
  local result = child:wait(30)
  assert.equal(1, result.status, result.stderr)
  assert.truthy(result.stderr:find("rank 2 %(host [%w._-]+%) has been silent for 3 s: the run ends; every step "
    .. "so far is saved in run.db"), result.stderr)
  assert.equal("failed", (select(2, steps_of(dir))))
  assert.truthy(helper.eventually(function() return not helper.read(("/proc/%d/stat"):format(number)) end, 20))
  is_true_chain(dir)
end

-- mpiexec forwards some signals. Open MPI's exits with status 1 on SIGTERM, regardless of its processes, and kills them
-- after a second; batch systems should therefore send SIGUSR1. MPICH's may report status 0 for a rank that is alone on
-- its host, unless the program prevents it (launcher.h).
local function signals(launcher)
  for _, row in ipairs { { 3, "USR1" }, { 3, "TERM" }, { 1, "USR1" }, { 1, "TERM" } } do
    local n, signal = row[1], row[2]
    local dir, child = start_long(launcher, n)
    child:signal(signal)
    local result = child:wait(20)
    local expected = signal == "TERM" and launcher.mpi == "openmpi" and 1 or 75
    assert.equal(expected, result.status, result.stderr)
    assert.truthy(result.stderr:find("stopped after %d+ of 100000 steps, all saved in run.db"), result.stderr)
    assert.equal("stopped", (select(2, steps_of(dir))))
    is_true_chain(dir)
  end
end

-- A launcher may end the job before the evaluations in flight end, so the program first reports the steps that are
-- saved. Here the evaluations wait for a file.
local function waiting_stops(launcher)
  local dir = helper.directory()
  dir:write("run.lua", (LONG:gsub("ensemble.sleep%(0.005%)", [[
    ensemble.sleep(0.005)
    local rank = os.getenv "OMPI_COMM_WORLD_RANK" or os.getenv "PMI_RANK" or "0"
    if rank ~= "0" and io.open("wait") then
      io.open("waits", "w"):close()
      while not io.open("go") do ensemble.sleep(0.01) end
    end]])
    :gsub("commit_every = 0.05", "commit_every = 1000")))
  local child = launcher:start(dir, 2, { "run.lua" })
  helper.eventually(function() return dir:read("run.db") end, 30)
  dir:write("wait", "")
  assert.truthy(helper.eventually(function() return dir:read("waits") end, 30), child:stderr())
  child:signal "USR1"
  local told = helper.eventually(function()
    return child:stderr():match("stopping: (%d+) steps? %l+ saved in run.db; waiting for the evaluations in flight")
  end, 30)
  assert.truthy(told, child:stderr())
  local saved = steps_of(dir)
  dir:write("go", "")
  local result = child:wait(20)
  assert.equal(75, result.status, result.stderr)
  assert.equal(tonumber(told), saved)
end

-- SIGUSR2 goes to the first rank, which reports the status of all ranks.
local function status_of_ranks(launcher)
  local dir, child = start_long(launcher, 3)
  os.execute(("kill -USR2 %d"):format(ranks.number(dir, "pid0")))
  local told = helper.eventually(function() return child:stderr():find("rank 2", 1, true) end, 30)
  child:signal "USR1"
  local result = child:wait(20)
  assert.truthy(told, result.stderr)
  for rank = 0, 2 do
    local line = "status: rank %d %%(host [%%w._-]+%%): 1 worker, %%d+ evaluations, busy %%d+ %%%% of the time\n"
    assert.truthy(result.stderr:find(line:format(rank)), result.stderr)
  end
  local info = dir:run { "info", "run.db" }
  for rank = 0, 2 do
    local line = "\nrank %d        [%%w._-]+, 1 worker, %%d+ evaluations, busy %%d+ %%%% of the time"
    assert.truthy(info.stdout:find(line:format(rank)), info.stdout)
  end
end

local function signal_to_one(launcher)
  local dir, child = start_long(launcher, 2)
  os.execute(("kill -USR1 %d"):format(ranks.number(dir, "pid1")))
  local result = child:wait(20)
  assert.equal(75, result.status, result.stderr)
  assert.equal("stopped", (select(2, steps_of(dir))))
end

local function without_plugin(launcher)
  local dir = directory()
  os.execute(("cp %s %s"):format(helper.quote(helper.program), helper.quote(dir:file("ensemble-lua"))))
  local program = dir:file("ensemble-lua")
  local result = launcher:run(dir, 3, { "run.lua", "run.db", 5, program = program })
  assert.equal(2, result.status, result.stderr)
  local _, count = result.stderr:gsub("the program was started 3 times by mpiexec of [%a ]+, but its processes cannot "
    .. "work as one: there is no ensemble%-mpi%-" .. launcher.mpi .. "%.so", "")
  assert.equal(1, count, result.stderr)
  assert.falsy(dir:read("run.db"))
  result = launcher:run(dir, 2, { "--no-mpi", "-e", "print('alone')", program = program })
  assert.equal(0, result.status, result.stderr)
  assert.equal("alone\nalone\n", result.stdout)
end

local function scripts(launcher)
  local dir = directory()
  dir:write("several.lua", [[
local ensemble = require "ensemble"
print("begins")
for i = 1, 3 do
  local sampler = ensemble.run { model = "model.lua", walkers = 8, steps = 5, seed = i, quiet = true, progress = "none",
    start = ensemble.ball({ 0, 0 }, 0.5), workers = i }
  print(i, sampler:info().timing.ranks, sampler:info().timing.workers)
  if i == tonumber(arg[1]) then os.exit(7) end
end]])
  local result = launcher:run(dir, 2, { "several.lua" })
  assert.equal(0, result.status, result.stderr)
  assert.equal("begins\n1\t2\t2\n2\t2\t4\n3\t2\t6\n", result.stdout)
  result = launcher:run(dir, 2, { "several.lua", 2 })
  assert.equal(7, result.status, result.stderr)
  result = launcher:run(dir, 3, { "-e", "print('no run')" })
  assert.equal(0, result.status, result.stderr)
  assert.equal("no run\n", result.stdout)
  result = launcher:run(dir, 3, { "-e", "error('before a run')" })
  assert.equal(1, result.status, result.stderr)
  local _, count = result.stderr:gsub("before a run", "")
  assert.truthy(count >= 1 and not result.stdout:find("%S"), result.stderr)
  result = launcher:run(dir, 2, { "--version" })
  assert.equal(0, result.status, result.stderr)
  assert.equal(1, select(2, result.stdout:gsub("\n", "")), result.stdout)
end

-- Open MPI binds each of a few ranks to one core by default. Here taskset does the same for both MPIs.
local function bindings(launcher)
  local dir = directory()
  local pipe = io.popen("nproc")
  local cpus = tonumber(pipe:read("*l"))
  pipe:close()
  local text = "warning: the launcher has bound rank 0 to one core of host [%w._-]+, where the job has " .. cpus
    .. " CPUs, so that %s: mpiexec %-%-bind%-to none, or %-%-map%-by slot:PE=N"
  local function warned(n, cpu, words, why)
    local call = { "-c", cpu, helper.program, program = "taskset" }
    for _, word in ipairs(words) do call[#call + 1] = word end
    call[#call + 1] = "run.lua"
    local result = launcher:run(dir, n, call)
    assert.equal(0, result.status, result.stderr)
    local found = result.stderr:find(text:gsub("%%s", why)) ~= nil
    return found, result.stderr
  end
  if cpus == 1 then return end
  dir:write("run.lua", (RUN:gsub("tonumber%(arg%[2%]%)", "5"):gsub("output = arg%[1%], ", "")
    :gsub("quiet = true,", "")))
  for n = 1, 2 do
    local found, stderr = warned(n, "0", {}, "it has one worker, and CPUs are left over")
    assert.is_true(found, stderr)
  end
  local found, stderr = warned(2, "0", { "--workers", 2 }, "its workers share it")
  assert.is_true(found, stderr)
  local _, all = warned(2, ("0-%d"):format(cpus - 1), {}, "")
  assert.falsy(all:find("the launcher has bound", 1, true), all)
  _, all = warned(1, "0", { "--quiet" }, "")
  assert.falsy(all:find("the launcher has bound", 1, true), all)
end

local function output(launcher)
  local dir = helper.directory()
  dir:write("run.lua", [[
    local ensemble = require "ensemble"
    ensemble.run { steps = 1, walkers = 4, start = ensemble.ball({ 0 }, 1), workers = 1, quiet = true,
      progress = "none",
      model = { parameters = { "x" }, setup = function() print("here") end, log_prob = function() return 0 end } }]])
  local result = launcher:run(dir, 2, { "run.lua" })
  assert.equal(0, result.status, result.stderr)
  assert.truthy(result.stdout:find("[rank 0, worker 1] here\n", 1, true), result.stdout)
  assert.truthy(result.stdout:find("[rank 1, worker 1] here\n", 1, true), result.stdout)
end

-- After a request to stop, the run reports the setup that it waits for.
local function long_setups(launcher)
  local dir = helper.directory()
  dir:write("run.lua", [[
    local ensemble = require "ensemble"
    ensemble.run { steps = 5, start = ensemble.ball({ 0 }, 1), workers = 1, walkers = 4, quiet = true,
      model = { parameters = { "x" }, setup = function()
        local rank = os.getenv "OMPI_COMM_WORLD_RANK" or os.getenv "PMI_RANK" or "0"
        if rank == "0" then return end
        io.stderr:write("begins\n")
        while not io.open("go") do ensemble.sleep(0.05) end
      end, log_prob = function() return 0 end } }]])
  local child = launcher:start(dir, 2, { "run.lua" })
  assert.truthy(helper.eventually(function() return child:stderr():find("begins", 1, true) end, 30), child:stderr())
  child:signal "USR1"
  local told = helper.eventually(function() return child:stderr():find("at its setup", 1, true) end, 30)
  dir:write("go", "")
  local result = child:wait(20)
  assert.truthy(told, result.stderr)
  assert.truthy(result.stderr:find("worker 1 of rank 1 %(host [%w._-]+%) is at its setup for [%d.]+ s; the stop waits "
    .. "for it"), result.stderr)
  assert.equal(75, result.status, result.stderr)
end

local cases = {
  { "gives the chain of one process, with any number of ranks and workers", same_chains, engine = true },
  { "sends inline models, modules and data to all ranks", inline_models, engine = true },
  { "resumes runs that had another number of ranks", resumes },
  { "reports an error on another rank as it does on the first, with its rank", errors, engine = true },
  { "watches evaluations on other ranks", timeouts, engine = true },
  { "names the rank on which a model cannot be made", broken_models },
  { "names the rank whose setup a stop waits for", long_setups },
  { "ends even if another rank is still in its setup", late_questions },
  { "runs models in C on other ranks", native_models },
  { "reports an error of a model in C on another rank, with its rank", native_failures },
  { "rejects another library at the same path", other_library },
  { "ends when a rank is silent, with the steps saved", silent_ranks },
  { "ends when a rank is killed, with the steps saved", killed_ranks },
  { "ends when the first rank is killed, with the steps saved", killed_first },
  { "ends on signals to the launcher, with the steps saved", signals },
  { "ends on a signal to another rank", signal_to_one },
  { "reports the saved steps while a stop waits for evaluations", waiting_stops },
  { "reports the status of each rank", status_of_ranks },
  { "ends with an error if its processes cannot form one run", without_plugin },
  { "ends with the status of the script on the first rank", scripts },
  { "warns if the launcher binds a rank to one core", bindings },
  { "marks the workers' output", output },
}

return cases
