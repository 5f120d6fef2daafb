-- `ensemble-lua resume RUN.db` resumes a run from its store alone, and gives the chain of an uninterrupted run.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local MODULE = [=[
return { scale = 0.5 }
]=]

local MODEL = [=[
local m = require "parts.scale"
local ensemble = require "ensemble"
local evaluations, at = 0, tonumber(os.getenv "AT" or 0)
return { parameters = { "x", "y" }, log_prob = function(t, data)
  evaluations = evaluations + 1
  if evaluations == at then os.execute("kill -" .. os.getenv "SIGNAL" .. " $PPID") end
  local log_prob = -m.scale * data.a[1] * (t.x * t.x + t.y * t.y)
  return log_prob
end }
]=]

local SCRIPT = [=[
local ensemble = require "ensemble"
local more = require "settings"
local s = ensemble.run {
  model = "model.lua", data = { a = ensemble.read_csv("data.csv").a }, start = ensemble.ball({ 0, 1 }, 1),
  walkers = 8, steps = more.steps, seed = tonumber(arg[1]), commit_every = 0.01, output = "run.db",
}
print("step " .. s:last().step, arg[0], #arg, arg[1], arg[2], s:info().steps)
]=]

local function same(...) assert(python.call("storecheck.py", "same", ...)) end

describe(helper.name .. " resume", function()
  local function fresh(script)
    local dir = helper.directory()
    dir:write("run.lua", script or SCRIPT)
    dir:write("model.lua", MODEL)
    dir:write("parts/scale.lua", MODULE)
    dir:write("settings.lua", "return { steps = 200 }")
    dir:write("data.csv", "a\n1\n2\n")
    return dir
  end

  local whole

  setup(function()
    whole = fresh()
    assert.equal(0, whole:run({ "run.lua", "7", "b c" }).status)
  end)

  -- A run that a signal ended in its middle.
  local function broken(script, signal, ...)
    local dir = fresh(script)
    local words = { "--workers", 1, "run.lua", "7", "b c", env = { AT = 900, SIGNAL = signal or "KILL" }, ... }
    local result = dir:run(words)
    assert.equal(signal == "TERM" and 75 or 137, result.status, result.stderr)
    return dir
  end

  local function remove(dir, ...)
    for _, name in ipairs { ... } do assert(os.remove(dir:file(name))) end
  end

  it("resumes a killed run with its arguments", function()
    local dir = broken()
    local result = dir:run { "resume", "run.db" }
    assert.equal(0, result.status, result.stderr)
    assert.equal("step 200\trun.lua\t2\t7\tb c\t200\n", (result.stdout:gsub("200%.0", "200")))
    same(whole:file("run.db"), dir:file("run.db"))
  end)

  it("uses the stored texts if the files are gone, with a message", function()
    local dir = broken(nil, "TERM")
    remove(dir, "run.lua", "model.lua", "parts/scale.lua", "settings.lua")
    local result = dir:run { "resume", "run.db" }
    assert.equal(0, result.status, result.stderr)
    for _, name in ipairs { "run.lua", "./settings.lua", "model.lua", "./parts/scale.lua" } do
      local line = "ensemble-lua: " .. name .. " no longer exists: its stored text is used\n"
      local first, last = result.stderr:find(line, 1, true)
      assert.truthy(first, result.stderr)
      assert.is_nil(result.stderr:find(line, last, true), "said twice")
    end
    same(whole:file("run.db"), dir:file("run.db"))
  end)

  it("uses the stored texts if the files have changed, with a message", function()
    local dir = broken()
    dir:write("run.lua", "error 'not this one'")
    dir:write("model.lua", "error 'not this one'")
    dir:write("parts/scale.lua", "return { scale = 1 }")
    dir:write("settings.lua", "return { steps = 3 }")
    local result = dir:run { "resume", "run.db" }
    assert.equal(0, result.status, result.stderr)
    for _, name in ipairs { "run.lua", "./settings.lua", "model.lua", "./parts/scale.lua" } do
      assert.truthy(result.stderr:find("ensemble-lua: " .. name
        .. " has changed since the run was made: its stored text is used\n", 1, true), result.stderr)
    end
    same(whole:file("run.db"), dir:file("run.db"))
  end)

  it("works from another folder, in the run's own folder", function()
    local dir, elsewhere = broken(), helper.directory()
    local result = elsewhere:run { "resume", dir:file("run.db") }
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stderr:find("the run resumes in its folder " .. dir.path, 1, true), result.stderr)
    same(whole:file("run.db"), dir:file("run.db"))
  end)

  it("works after the whole folder was moved", function()
    local dir, elsewhere = broken(), helper.directory()
    local place = elsewhere:file("moved")
    assert(os.rename(dir.path, place))
    os.execute("mkdir " .. helper.quote(dir.path) .. " && rmdir " .. helper.quote(dir.path))
    local result = elsewhere:run { "resume", "moved/run.db" }
    assert.equal(0, result.status, result.stderr)
    os.execute("mkdir -p " .. helper.quote(dir.path))
    same(whole:file("run.db"), place .. "/run.db")
  end)

  it("resumes a store under another name", function()
    local dir = broken()
    assert(os.rename(dir:file("run.db"), dir:file("other.db")))
    assert.equal(0, dir:run({ "resume", "other.db" }).status)
    assert.is_nil(dir:read("run.db"))
    same(whole:file("run.db"), dir:file("other.db"))
  end)

  it("resumes the run of a script from standard input", function()
    local dir = fresh()
    local result = dir:run { "--steps", 60, "-", "7", stdin = SCRIPT:gsub("tonumber%(arg%[1%]%)", "7") }
    assert.equal(0, result.status, result.stderr)
    result = dir:run { "resume", "--steps", 140, "run.db" }
    assert.equal(0, result.status, result.stderr)
    same(whole:file("run.db"), dir:file("run.db"))
  end)

  it("keeps the seed that was drawn, and options before the script", function()
    local dir = fresh(SCRIPT:gsub("seed = tonumber%(arg%[1%]%)", "seed = os.time()"):gsub(' output = "run.db",', ""))
    local words = { "--workers", 1, "--output", "my.db", "run.lua", env = { AT = 900, SIGNAL = "KILL" } }
    assert.equal(137, dir:run(words).status)
    local seed = helper.sql(dir:file("my.db"), "SELECT seed FROM run")[1][1]
    local result = dir:run { "resume", "my.db" }
    assert.equal(0, result.status, result.stderr)
    assert.equal(seed, helper.sql(dir:file("my.db"), "SELECT seed FROM run")[1][1])
    assert.equal("200", helper.sql(dir:file("my.db"), "SELECT nstored FROM run")[1][1])
  end)

  describe("and steps:", function()
    local function steps(dir) return tonumber(helper.sql(dir:file("run.db"), "SELECT nstored FROM run")[1][1]) end

    it("a finished run without --steps has nothing to do", function()
      local before = whole:read("run.db")
      local result = whole:run { "resume", "run.db" }
      assert.equal(0, result.status)
      assert.equal("ensemble-lua: run.db is finished: it has all 200 steps (more: " .. helper.name
        .. " resume run.db --steps N)\n", result.stderr)
      assert.equal("", result.stdout)
      assert.is_true(before == whole:read("run.db"))
    end)

    it("--steps adds to the steps that the script gives", function()
      local dir = fresh()
      dir:write("settings.lua", "return { steps = 150 }")
      assert.equal(0, dir:run({ "run.lua", "7" }).status)
      assert.equal(0, dir:run({ "resume", "run.db", "--steps", 30 }).status)
      assert.equal(180, steps(dir))
      assert.equal(0, dir:run({ "resume", "--steps=20", "run.db" }).status)
      same(whole:file("run.db"), dir:file("run.db"))
    end)

    it("an interrupted --steps resumes without the option, as its message says", function()
      local dir = fresh()
      dir:write("settings.lua", "return { steps = 50 }")
      assert.equal(0, dir:run({ "run.lua", "7" }).status)
      local env = { AT = 300, SIGNAL = "TERM" }
      local result = dir:run { "resume", "run.db", "--steps", 150, "--workers", 1, env = env }
      assert.equal(75, result.status, result.stderr)
      local words = ("of 200 steps, all saved in run.db: resume with %s resume run.db\n"):format(helper.name)
      assert.truthy(result.stderr:find(words, 1, true), result.stderr)
      assert.equal(0, dir:run({ "resume", "run.db" }).status)
      same(whole:file("run.db"), dir:file("run.db"))
    end)

    it("a script in phases does not repeat finished phases", function()
      local phases = SCRIPT:gsub("ensemble%.run", "ensemble.sampler")
        .. "s:run(60)\ns:run(80)\nfor state in s:sample { steps = 60 } do last = state.step end\n"
      local dir = broken((phases:gsub("print[^\n]*", "")))
      local result = dir:run { "resume", "run.db" }
      assert.equal(0, result.status, result.stderr)
      same(whole:file("run.db"), dir:file("run.db"))
      assert.equal(0, dir:run({ "resume", "run.db", "--steps", 25 }).status)
      assert.equal(225, steps(dir))
    end)
  end)

  describe("rejects", function()
    it("other data, naming them", function()
      local dir = broken()
      dir:write("data.csv", "a\n1\n3\n")
      local result = dir:run { "resume", "run.db" }
      assert.equal(2, result.status)
      local words = "'run.db' holds a run that this one cannot continue:\n  the data have changed: data.a (data.csv)\n"
      assert.truthy(result.stderr:find(words, 1, true), result.stderr)
    end)

    it("a store without a script", function()
      local dir = fresh()
      local code = SCRIPT:gsub("tonumber%(arg%[1%]%)", "7"):gsub("print[^\n]*", "")
      assert.equal(0, dir:run({ "-e", code }).status)
      local result = dir:run { "resume", "run.db" }
      assert.equal(2, result.status)
      assert.equal("ensemble-lua: 'run.db' holds no script: it was made by code of a command line, a prompt or another "
        .. "program; run that again to resume\n", result.stderr)
    end)

    it("a script that now has another output", function()
      local dir = broken('local name = os.getenv("NAME") or "run.db"\n' .. SCRIPT:gsub('"run.db"', "name"))
      local result = dir:run { "resume", "run.db", env = { NAME = "new.db" } }
      assert.equal(2, result.status)
      assert.truthy(result.stderr:find(
        "run.db: its script did not resume it: none of its outputs is 'run.db'\n", 1, true), result.stderr)
    end)

    it("files that are not stores, and unknown words", function()
      local dir = fresh()
      assert.truthy(dir:run({ "resume", "data.csv" }).stderr:find("^ensemble%-lua: 'data%.csv' is not "))
      assert.equal(2, dir:run({ "resume" }).status)
      assert.equal(2, dir:run({ "resume", "run.db", "--seed", 3 }).status)
      assert.not_equal(0, dir:run({ "resume", "missing.db" }).status)
    end)
  end)

  it("has a help", function()
    for _, words in ipairs { { "help", "resume" }, { "resume", "--help" } } do
      local result = whole:run(words)
      assert.equal(0, result.status)
      assert.equal(("usage: %s resume RUN.db [options]\n"):format(helper.name), result.stdout:match("^[^\n]*\n"))
      assert.truthy(result.stdout:find("\n  --steps N          add N to the steps of the script\n", 1, true))
    end
  end)
end)

describe(helper.name .. " and a changed module of a model", function()
  it("does not resume unless forced, which the store's log records", function()
    local dir = helper.directory()
    dir:write("model.lua", MODEL)
    dir:write("parts/scale.lua", MODULE)
    dir:write("settings.lua", "return { steps = 50 }")
    dir:write("data.csv", "a\n1\n2\n")
    dir:write("run.lua", SCRIPT)
    assert.equal(0, dir:run({ "run.lua", "7" }).status)
    dir:write("parts/scale.lua", "return { scale = 2 }")
    local result = dir:run { "--steps", 60, "run.lua", "8" }
    assert.equal(2, result.status)
    local list = "\n  seed: 7 there, 8 here\n  the model's module ./parts/scale.lua has changed\n"
    assert.truthy(result.stderr:find(list, 1, true), result.stderr)
    result = dir:run { "--steps", 60, "--resume", "force", "run.lua", "8" }
    assert.equal(0, result.status, result.stderr)
    local line = "a forced continuation, from step 50 on:\n  seed: 7 there, 8 here\n"
      .. "  the model's module ./parts/scale.lua has changed"
    local shown = "ensemble-lua: " .. line:gsub("\n", "\nensemble-lua: ") .. "\n"
    assert.truthy(result.stderr:find(shown, 1, true), result.stderr)
    local path = dir:file("run.db")
    assert.same({ { "warning", line } }, helper.sql(path, "SELECT level, message FROM log"))
    assert.same({ { "8", "60" } }, helper.sql(path, "SELECT seed, nstored FROM run"))
    assert.equal(0, dir:run({ "--steps", 70, "run.lua", "8" }).status)
    dir:write("run.lua", (SCRIPT:gsub("walkers = 8", "walkers = 10")))
    result = dir:run { "--steps", 80, "--resume", "force", "run.lua", "8" }
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("\n  walkers: 8 there, 10 here\n", 1, true), result.stderr)
  end)
end)
