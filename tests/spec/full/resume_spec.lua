-- Each move, mixtures, thinning, odd numbers of walkers, blobs, priors. The run is stopped and killed at several
-- moments, and `resume` continues it with other workers, without script and model. It must give the chain of an
-- uninterrupted run.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local SCRIPT = [=[
local ensemble = require "ensemble"
local m = ensemble.moves
ensemble.run {
  model = "model.lua", seed = 11, steps = 150, thin_by = %s, walkers = %s, start = %s, moves = %s,
  commit_every = 0.01, output = "run.db", quiet = true,
}
]=]

local MODEL = [=[
local ensemble = require "ensemble"
local n, at, prior = 0, tonumber(os.getenv "AT" or 0), ensemble.prior
local model = { parameters = { "x", "y", "z" }, blobs = { "noise" } }
local function value(t)
  n = n + 1
  if n == at then os.execute("kill -" .. os.getenv "SIGNAL" .. " $PPID") end
  local noise = math.random()
  return -0.5 * (t.x * t.x + t.y * t.y / 4 + t.z * t.z) + 0.1 * noise, noise
end
]=]

local PLAIN = MODEL .. "model.log_prob = value\nreturn model"
local PRIORS = MODEL .. "model.log_likelihood = value\n"
  .. "model.priors = { x = prior.uniform(-5, 5), y = prior.normal(0, 3), z = prior.uniform(-2, 4) }\nreturn model"
local BALL = "ensemble.ball({ 0, 1, 2 }, 0.5)"

local CASES = {
  { "the default moves", "nil" },
  { "stretch", "m.stretch {}" },
  { "de", "m.de {}", thin = 3 },
  { "snooker", "m.snooker {}" },
  { "walk", "m.walk { s = 4 }", walkers = 13 },
  { "kde", "m.kde {}" },
  { "side", "m.side {}", walkers = 11 },
  { "gaussian, all at once", "m.gaussian { cov = 0.5 }" },
  { "gaussian, one at random", "m.gaussian { cov = { 0.5, 1, 0.2 }, mode = 'random' }", thin = 2 },
  { "gaussian, one after the other", "m.gaussian { cov = 0.5, mode = 'sequential', factor = 2 }", thin = 3 },
  { "gaussian, correlated", "m.gaussian { cov = { { 1, 0.2, 0 }, { 0.2, 2, 0 }, { 0, 0, 1 } } }" },
  { "all of them", "{ { m.stretch {}, 1 }, { m.de {}, 1 }, { m.snooker {}, 1 }, { m.walk { s = 3 }, 1 }, { m.kde {} },"
    .. " { m.side {}, 1 }, { m.gaussian { cov = 0.5, mode = 'sequential' }, 2 } }", thin = 2, walkers = 17 },
  { "priors, begun from them", "nil", model = PRIORS, start = '"prior"', walkers = 15 },
}

describe(helper.name .. " resumes from the store alone with", function()
  for _, case in ipairs(CASES) do
    it(case[1], function()
      local script = SCRIPT:format(case.thin or 1, case.walkers or 12, case.start or BALL, case[2])
      local function fresh()
        local dir = helper.directory()
        dir:write("run.lua", script)
        dir:write("model.lua", case.model or PLAIN)
        return dir
      end
      local whole, dir = fresh(), fresh()
      local result = whole:run { "--workers", 3, "run.lua" }
      assert.equal(0, result.status, result.stderr)
      result = dir:run { "--workers", 1, "run.lua", env = { AT = 300, SIGNAL = "TERM" } }
      assert.equal(75, result.status, result.stderr)
      assert(os.remove(dir:file("run.lua")))
      assert(os.remove(dir:file("model.lua")))
      for workers, signal in ipairs { "KILL", "TERM" } do
        result = dir:run { "resume", "run.db", "--workers", workers, env = { AT = 200, SIGNAL = signal } }
        assert.equal(signal == "KILL" and 137 or 75, result.status, result.stderr)
      end
      result = dir:run { "resume", "run.db", "--workers", 4 }
      assert.equal(0, result.status, result.stderr)
      assert(python.call("storecheck.py", "same", whole:file("run.db"), dir:file("run.db")))
    end)
  end
end)
