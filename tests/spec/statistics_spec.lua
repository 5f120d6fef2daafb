-- The chain has the target's moments. Seeds are fixed. A tolerance is four standard errors of the ensemble's mean,
-- computed from the chain and its autocorrelation time; it is never a number that passed once.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local SCRIPT = assert(helper.read(helper.root .. "/tests/spec/targets.lua"))

describe(helper.name .. " samples", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function sample(words)
    local result = dir:script(SCRIPT, words)
    assert.equal(0, result.status, result.stderr)
    return result.stdout, result.stderr
  end

  local function has_moments(target, name)
    if not python.with "numpy" then return pending("no python3 has numpy") end
    assert(python.call_with("numpy", "chaincheck.py", target, dir:file(name .. ".db"), name))
  end

  it("a correlated Gaussian in five dimensions", function()
    local text, warnings = sample { "gaussian", "stretch", 1, 10000 }
    assert.equal("", warnings)
    local acceptance, tau = text:match("^(%S+) (%S+)\n")
    -- emcee's quickstart prints 0.552 and 57.1 for such a Gaussian; affine maps do not change the stretch move.
    assert.is_true(math.abs(acceptance - 0.552) < 0.005, acceptance)
    -- Sokal: a window of M = 5 tau gives a relative variance of 2 (2 M + 1) / N, here with 32 walkers in 5 dimensions.
    local error = math.sqrt(2 * (2 * 5 * 57.1 + 1) / (9500 * 32 * 5))
    assert.is_true(math.abs(tau / 57.1 - 1) < 4 * error, tau)
    has_moments("moments", "gaussian")
  end)

  it("the line of Hogg, Bovy and Lang, whose posterior is known", function()
    sample { "hogg", "stretch", 2, 8000 }
    has_moments("moments", "hogg")
  end)

  -- Walkers begin up to 50 standard deviations away, and the last ones arrive long after five autocorrelation times.
  -- The error of the standard deviation uses the kurtosis of the gamma distribution.
  it("a posterior, without the steps from a wide prior to it", function()
    local text = dir:script([[
      local ensemble = require "ensemble"
      local model = { priors = { rate = ensemble.prior.uniform(0, 50) } }
      function model.log_likelihood(theta) return 40 * math.log(theta.rate) - 8 * theta.rate end
      for seed = 1, 6 do
        local s = ensemble.run { model = model, steps = 1000, seed = seed, quiet = true }:summary()
        print(s.parameters.rate.mean, s.parameters.rate.sd, s.parameters.rate.ess)
      end]]).stdout
    local mean, sd, n = 41 / 8, math.sqrt(41) / 8, 0
    for got_mean, got_sd, ess in text:gmatch("(%S+)\t(%S+)\t(%S+)\n") do
      n = n + 1
      assert.is_true(math.abs(got_mean - mean) < 4 * sd / math.sqrt(ess), text)
      assert.is_true(math.abs(got_sd - sd) < 4 * sd * math.sqrt((2 + 6 / 41) / 4 / ess), text)
    end
    assert.equal(6, n)
  end)

  it("emcee's test of a normal distribution, within its own limits too", function()
    local text = sample { "normal", "stretch", 3, 2000 }
    local n = 0
    for fraction in text:gmatch("\n(%S+)") do
      n = n + 1
      assert.is_true(tonumber(fraction) > 0.1 and tonumber(fraction) < 0.9, fraction)
    end
    assert.equal(32, n)
    has_moments("moments", "normal")
    has_moments("normal_limits", "normal")
  end)
end)
