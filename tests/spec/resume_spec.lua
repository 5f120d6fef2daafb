-- An interrupted run resumes to the chain of an uninterrupted one: stopped by a signal at any moment, killed, out of
-- time, and with another number of workers afterwards. See docs/reference/store.md.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

-- The model ends its own program at evaluation AT, counted in each worker, so the machine's load hardly moves that
-- moment. `sh`'s parent is the program. The signal must arrive before the evaluation ends, and so before the run can
-- end. Hence popen: the program ignores SIGINT while os.execute waits.
local MODEL = [=[
local ensemble = require "ensemble"
local model = { parameters = { "x", "y" }, blobs = { "noise" } }
local evaluations, signal, at = 0, os.getenv "SIGNAL", tonumber(os.getenv "AT" or 0)
function model.log_prob(theta)
  evaluations = evaluations + 1
  if evaluations == at then
    io.popen(("kill -%s $PPID"):format(signal)):close()
  end
  local noise = math.random()
  if noise < 0.3 then ensemble.sleep(0.001 * noise) end
  return -0.5 * (theta.x * theta.x + theta.y * theta.y) + 0.1 * noise, noise
end
return model
]=]

local SCRIPT = [=[
local ensemble = require "ensemble"
local tuned = arg[1] == "tuned"
local moves = ensemble.moves
ensemble.run {
  model = "model.lua", start = ensemble.ball({ 0, 1 }, 1), walkers = 9, steps = 60, thin_by = tonumber(arg[1]) or 1,
  tune = tuned and 30 or nil,
  moves = tuned and { { moves.de { gamma0 = 5 }, 2 }, moves.slice { mu = 0.2 }, moves.side { delayed = 0.5 } } or nil,
  seed = 7, commit_every = 0.02, output = "run.db", quiet = true,
}
]=]

local TWICE = "INT $PPID; env true; kill -INT" -- from the terminal, and from a parent that forwards it
local ENDED = { TERM = 75, INT = 75, USR1 = 75, KILL = 137, [TWICE] = 75 }

local function prefix(short, long) return tonumber(assert(python.call("storecheck.py", "prefix", short, long))) end

local function assert_same(...) assert(python.call("storecheck.py", "same", ...)) end

describe(helper.name .. " resumes a run", function()
  local whole = {} -- thin_by -> path of the uninterrupted run

  local function fresh()
    local dir = helper.directory()
    dir:write("model.lua", MODEL)
    dir:write("run.lua", SCRIPT)
    return dir
  end

  local function sample(dir, workers, thin_by, env)
    return dir:run { env = env, "--workers", workers, "run.lua", thin_by or 1 }
  end

  setup(function()
    for _, thin_by in ipairs { 1, 3, "tuned" } do
      local dir = fresh()
      local result = sample(dir, 2, thin_by)
      assert.equal(0, result.status, result.stderr)
      whole[thin_by] = dir:file("run.db")
    end
  end)

  -- Interrupts the run once at each moment, then lets it run to its end.
  local function interrupted(signal, moments, workers, thin_by)
    local dir, before = fresh(), 0
    for i, moment in ipairs(moments) do
      local result = sample(dir, workers[i], thin_by, { SIGNAL = signal, AT = moment })
      assert.equal(ENDED[signal], result.status, result.stderr)
      if dir:read("run.db") then
        local steps = prefix(dir:file("run.db"), whole[thin_by])
        assert.is_true(steps >= before and steps < 60, ("%d steps, then %d"):format(before, steps))
        before = steps
      end
    end
    local result = sample(dir, workers[#workers], thin_by)
    assert.equal(0, result.status, result.stderr)
    assert_same(whole[thin_by], dir:file("run.db"))
  end

  for _, case in ipairs {
    { "stopped while it starts", "TERM", { 4 }, { 1, 1 } },
    { "stopped in its first step", "TERM", { 12 }, { 1, 2 } },
    { "stopped three times, with other workers each time", "TERM", { 60, 101, 33 }, { 1, 2, 3, 8 } },
    { "stopped between kept steps", "TERM", { 70, 70 }, { 2, 1, 3 }, 3 },
    { "stopped by SIGINT", "INT", { 55 }, { 1, 2 } },
    { "stopped by one Ctrl-C that comes as two signals", TWICE, { 55 }, { 1, 2 } },
    { "stopped by SIGUSR1", "USR1", { 55 }, { 1, 2 } },
    { "killed three times, with other workers each time", "KILL", { 150, 60, 90 }, { 1, 3, 2, 1 } },
    { "killed while it starts", "KILL", { 5 }, { 1, 1 } },
    { "stopped while it tuned its moves, and later", "TERM", { 50, 320, 90 }, { 1, 2, 3, 1 }, "tuned" },
    { "killed while it tuned its moves, and later", "KILL", { 200, 300, 500 }, { 2, 1, 3, 2 }, "tuned" },
    { "killed between kept steps", "KILL", { 300, 170 }, { 2, 1, 2 }, 3 },
  } do
    it("that was " .. case[1], function() interrupted(case[2], case[3], case[4], case[5] or 1) end)
  end

  -- An MPI launcher that ends itself may leave such a process. In a container, nothing may ever reap it.
  it("that was killed, and whose process is a zombie", function()
    local dir = fresh()
    local parent = dir:start { program = "sh", "-c", ([["$@" & echo $! >number; exec sleep 300]]), "sh", helper.program,
      "--steps", 1000000, "run.lua", 1 }
    local number = helper.eventually(function() return tonumber(dir:read("number") or "") end)
    helper.eventually(function()
      return dir:read("run.db") and #helper.sql(dir:file("run.db"), "SELECT step FROM diag") > 0
    end)
    os.execute(("kill -KILL %d"):format(number))
    assert.truthy(helper.eventually(function()
      return helper.read(("/proc/%d/stat"):format(number)):find(") Z ", 1, true)
    end))
    assert.truthy(dir:run({ "info", "run.db" }).stdout:find("status +stopped"))
    local result = dir:run { "--steps", 1, "run.lua", 1 }
    assert.equal(0, result.status, result.stderr)
    parent:signal("KILL")
  end)

  it("that was stopped by a signal from outside, at any moment", function()
    local dir = fresh()
    local function sessions()
      return dir:read("run.db") and #helper.sql(dir:file("run.db"), "SELECT session_id FROM session") or 0
    end
    for wait = 1, 3 do
      local child = dir:start { "--workers", 2, "--steps", 1000000, "run.lua", 3 }
      helper.eventually(function() return sessions() == wait or not child:alive() end)
      os.execute(("sleep %.2f"):format(0.03 * wait))
      child:signal("TERM")
      local result = child:wait(60)
      assert.equal(75, result.status, result.stderr)
      assert.truthy(result.stderr:find("stopped after %d+ of 1000000 steps"), result.stderr)
      assert.truthy(result.stderr:find("run the same command again", 1, true), result.stderr)
    end
    assert.equal(0, sample(dir, 1, 3).status) -- runs to 60 steps if it has fewer
    prefix(whole[3], dir:file("run.db"))
  end)

  it("that ran out of time, even before its first step", function()
    local dir = fresh()
    for _, limit in ipairs { "0.001", "0.02" } do
      local result = dir:run { "--workers", 1, "--time-limit", limit, "run.lua", 3 }
      assert.equal(75, result.status, result.stderr)
    end
    assert.equal(0, sample(dir, 1, 3).status)
    assert_same(whole[3], dir:file("run.db"))
  end)

  it("that is finished: nothing to do, unless more steps are requested", function()
    local dir = fresh()
    assert.equal(0, dir:run({ "--steps", 20, "run.lua" }).status)
    local bytes = helper.digest(dir:file("run.db"))
    local result = dir:run { "--steps", 20, "run.lua" }
    assert.equal(0, result.status, result.stderr)
    assert.equal(bytes, helper.digest(dir:file("run.db")))
    result = dir:run { "--steps", 5, "run.lua" }
    assert.equal(0, result.status, result.stderr)
    assert.equal(bytes, helper.digest(dir:file("run.db")))
    assert.equal(0, sample(dir, 2).status)
    assert_same(whole[1], dir:file("run.db"))
  end)

  it("that is finished, with the same info and summary", function()
    local dir = fresh()
    local text = (SCRIPT:gsub("ensemble%.run {", "local s = ensemble.run {")) .. [=[
local info = s:info()
print(info.status, info.steps, info.evaluations, info.acceptance_fraction, info.timing.workers, #info.per_worker)
for _, move in ipairs(info.moves) do print(move.move, move.proposed, move.acceptance_fraction) end
print(s:summary())]=]
    dir:write("shown.lua", text)
    local first = dir:run { "--workers", 2, "shown.lua" }
    assert.equal(0, first.status, first.stderr)
    assert.truthy(first.stdout:find("^finished\t60\t549[%.0]*\t0%.%d+\t2[%.0]*\t2\nde\t%d+[%.0]*\t0%.%d+\nsnooker\t"),
      first.stdout)
    local again = dir:run { "shown.lua" }
    assert.equal(0, again.status, again.stderr)
    assert.equal(first.stdout, again.stdout)
  end)

  it("that was killed after its last step, before its status was finished", function()
    local dir = fresh()
    assert.equal(0, sample(dir, 1).status)
    assert(python.call("storecheck.py", "unfinish", dir:file("run.db"), "running"))
    assert.equal(0, sample(dir, 1).status)
    assert_same(whole[1], dir:file("run.db"))
  end)

  it("by run(n), which adds n steps to the stored ones", function()
    local dir = fresh()
    assert.equal(0, dir:run({ "--steps", 20, "run.lua" }).status)
    dir:write("more.lua", (SCRIPT:gsub("ensemble%.run {", "local s = ensemble.sampler {"))
      .. "assert(s:info().steps == 20)\nassert(s:run(40).step == 60)\nassert(s:chain():shape() == 60)\n"
      .. "assert(s:last().step == 60)")
    local result = dir:run { "more.lua" }
    assert.equal(0, result.status, result.stderr)
    assert_same(whole[1], dir:file("run.db"))
  end)

  it("and keeps the stored seed if the script has none", function()
    local dir = fresh()
    dir:write("run.lua", (SCRIPT:gsub("seed = 7,", "")))
    assert.equal(0, dir:run({ "--seed", "18446744073709551615", "--steps", 20, "run.lua" }).status)
    assert.equal(0, dir:run({ "run.lua" }).status)
    assert.truthy(dir:run({ "info", "--json", "run.db" }).stdout:find('"seed":18446744073709551615', 1, true))
    local once = fresh()
    assert.equal(0, once:run({ "--seed", "18446744073709551615", "run.lua" }).status)
    assert_same(once:file("run.db"), dir:file("run.db"))
  end)

  describe("but rejects", function()
    local dir

    setup(function()
      dir = fresh()
      dir:write("data.lua", SCRIPT:gsub('"run.db"', '"data.db", data = { a = { 1, 2, { 3 } } }'))
      assert.equal(0, dir:run({ "--steps", 10, "run.lua" }).status)
      assert.equal(0, dir:run({ "--steps", 10, "data.lua" }).status)
    end)

    local function refused(from, pattern, by, expected)
      local path = dir:file(from == "data.lua" and "data.db" or "run.db")
      local before = helper.read(path)
      local text, changes = dir:read(from):gsub(pattern, by)
      assert.equal(1, changes)
      dir:write("changed.lua", text)
      local result = dir:run { "changed.lua" }
      assert.equal(2, result.status, result.stderr)
      assert.truthy(result.stderr:find("^ensemble%-lua[jit]*: changed%.lua:%d+: "), result.stderr)
      assert.truthy(result.stderr:find(expected, 1, true), result.stderr)
      assert.is_true(before == helper.read(path), "the store was touched")
    end

    it("another seed", function() refused("run.lua", "seed = 7", "seed = 8", "seed: 7 there, 8 here") end)
    it("other walkers", function()
      refused("run.lua", "walkers = 9", "walkers = 10", "walkers: 9 there, 10 here")
    end)
    it("another thin_by", function()
      refused("run.lua", "thin_by = [^,]*", "thin_by = 2", "thin_by: 1 there, 2 here")
    end)
    it("other moves", function()
      refused("run.lua", "seed = 7", "seed = 7, moves = ensemble.moves.stretch { a = 3 }", "moves: ")
    end)
    it("another model", function()
      dir:write("other.lua", (MODEL:gsub("0%.1", "0.2")))
      refused("run.lua", "model%.lua", "other.lua", "\n  the model has changed: model.lua there, other.lua here\n")
      dir:write("model.lua", dir:read("other.lua"))
      refused("run.lua", "seed = 7", "seed = 7", "\n  the model has changed: model.lua\n")
      refused("run.lua", '"model%.lua"', '{ parameters = { "x", "y" }, blobs = { "noise" }, log_prob = print }',
        "\n  the model has changed: model.lua there, inline model at changed.lua:4 here\n")
      dir:write("model.lua", MODEL)
    end)
    it("other parameters", function()
      dir:write("other.lua", (MODEL:gsub('"x", "y"', '"x", "q"')))
      refused("run.lua", "model%.lua", "other.lua", "parameters: x y there, x q here")
    end)
    it("other data", function() refused("data.lua", "{ 3 }", "{ 4 }", "the data have changed") end)

    it("other data, naming the fields that differ", function()
      dir:write("a.csv", "x,y\n1,2\n")
      dir:write("b.csv", "x\n1\n")
      local text = SCRIPT:gsub("run%.db", "fields.db"):gsub("seed = 7", [[seed = 7, data = {
        line = ensemble.read_csv("a.csv"), deep = { ensemble.read_csv("b.csv").x }, scale = 2, 5 }]])
      dir:write("fields.lua", text)
      assert.equal(0, dir:run({ "--steps", 5, "fields.lua" }).status)
      assert.equal(0, dir:run({ "--steps", 6, "fields.lua" }).status)
      dir:write("b.csv", "x\n2\n")
      dir:write("fields.lua", (text:gsub("scale = 2", "size = 2")))
      local result = dir:run { "fields.lua" }
      assert.equal(2, result.status)
      local words = "\n  the data have changed: data.deep (b.csv), data.size is new, data.scale is gone\n"
      assert.truthy(result.stderr:find(words, 1, true), result.stderr)
      dir:write("fields.lua", text)
      dir:write("a.csv", "x,y\n1,3\n")
      result = dir:run { "fields.lua" }
      words = "\n  the data have changed: data.deep (b.csv), data.line (a.csv)\n"
      assert.truthy(result.stderr:find(words, 1, true), result.stderr)
    end)

    it("the same numbers in another shape", function()
      local shapes = { "{ 1, 2 }, { 3, 4 }, { 5, 6 }", "{ 1, 2, 3 }, { 4, 5, 6 }" }
      for i, rows in ipairs(shapes) do
        local field = ("seed = 7, data = { table = ensemble.array { %s } }"):format(rows)
        dir:write(("shape%d.lua"):format(i), (SCRIPT:gsub("seed = 7", field):gsub("run%.db", "shape.db")))
      end
      assert.equal(0, dir:run({ "--steps", 10, "shape1.lua" }).status)
      local result = dir:run { "shape2.lua" }
      assert.equal(2, result.status)
      assert.truthy(result.stderr:find("the data have changed", 1, true), result.stderr)
    end)

    it("resume = never with a store, and must without one", function()
      local result = dir:run { "--resume", "never", "run.lua" }
      assert.equal(2, result.status)
      assert.truthy(result.stderr:find("run.db", 1, true))
      result = dir:run { "--resume", "must", "--output", "missing.db", "run.lua" }
      assert.equal(2, result.status)
      assert.truthy(result.stderr:find("missing.db", 1, true))
      assert.is_nil(dir:read("missing.db"))
      assert.equal(0, dir:run({ "--resume", "must", "--steps", 12, "run.lua" }).status)
    end)
  end)
end)
