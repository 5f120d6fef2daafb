-- Ranks whose MPI fails without the launcher's notice: each wait has a limit, and the sampled steps are saved.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"
local ranks = require "tests.spec.ranks"

local RUN = [[
local ensemble = require "ensemble"
ensemble.run { walkers = 8, steps = 100000, seed = 3, progress = "none", workers = 1, rank_timeout = 3,
  start = ensemble.ball({ 0, 0 }, 0.5), output = "run.db", commit_every = 1000, quiet = true,
  model = { parameters = { "x", "y" }, log_prob = function(theta)
    ensemble.sleep(0.002)
    return -0.5 * (theta.x ^ 2 + theta.y ^ 2)
  end } }]]

describe(helper.name .. " with ranks whose MPI fails", function()
  local launcher, missing = ranks.find "openmpi"
  if not launcher then
    pending("skipped: " .. missing)
    return
  end

  local function run(fault, env)
    local dir = helper.directory()
    local real = helper.program:match("^(.*)/") .. "/ensemble-mpi-openmpi.so"
    local plugin = compile.library("faulty_wire", ("-D_GNU_SOURCE -DREAL='\"%s\"'"):format(real))
    os.execute(("cp %s %s && cp %s %s"):format(helper.quote(helper.program), helper.quote(dir:file("ensemble-lua")),
      helper.quote(plugin), helper.quote(dir:file("ensemble-mpi-openmpi.so"))))
    dir:write("run.lua", RUN)
    env = env or {}
    env.FAULT = fault
    return launcher:run(dir, 3, { "run.lua", program = dir:file("ensemble-lua"), env = env, timeout = 40 }), dir
  end

  -- commit_every is longer than the run, so all saved steps come from its end.
  local function assert_saved(dir, status)
    local info = dir:run { "info", "run.db", "--json" }
    assert.truthy(tonumber(info.stdout:match('"steps":(%d+)')) > 5, info.stdout .. info.stderr)
    assert.equal(status, info.stdout:match('"status":"(%a+)"'))
  end

  it("does not wait for ever for a rank that does not join", function()
    local result = run("join", { ENSEMBLE_JOIN_TIMEOUT = 2 })
    assert.truthy(result.status ~= 0 and result.status ~= 124, result.stderr)
    assert.truthy(result.stderr:find("rank 0 of 3 has waited 2 s for the other ranks (ENSEMBLE_JOIN_TIMEOUT)", 1, true),
      result.stderr)
  end)

  it("saves and ends if it cannot send", function()
    local result, dir = run("send")
    assert.equal(1, result.status, result.stderr)
    assert.truthy(result.stderr:find("rank [12] %(host [%w._-]+%) cannot be sent messages any more: the run ends; "
      .. "every step so far is saved in run.db"), result.stderr)
    assert_saved(dir, "failed")
  end)

  it("ends even if MPI does not end the job", function()
    local result, dir = run("abort")
    assert.equal(1, result.status, result.stderr)
    assert.truthy(result.stderr:find("MPI does not end the job: the process ends", 1, true), result.stderr)
    assert_saved(dir, "failed")
  end)

  it("does not wait for ever for the rest of a message", function()
    local result, dir = run("receive")
    assert.equal(1, result.status, result.stderr)
    assert.truthy(result.stderr:find("has been silent for 3 s: the run ends", 1, true), result.stderr)
    assert_saved(dir, "failed")
  end)

  it("handles a signal that arrives while ranks introduce themselves", function()
    local result = run("signal")
    assert.equal(75, result.status, result.stderr)
    assert.falsy(result.stderr:find("another program", 1, true), result.stderr)
  end)
end)
