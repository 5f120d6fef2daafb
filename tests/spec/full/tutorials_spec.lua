-- The figures that emcee's tutorials print, with moves = "emcee". Each printed figure comes from one run and has that
-- run's error. For a tau with a window of 5 tau, Sokal's relative error is sqrt(20 tau / (steps walkers)). The tutorial
-- on moves is in moves_spec.lua.
local helper = require "tests.spec.helper"

local function numbers(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = tonumber(word) end
  return list
end

local function mean(list)
  local sum = 0
  for _, x in ipairs(list) do sum = sum + x end
  return sum / #list
end

-- The relative error of a printed tau and the mean of n of our own.
local function tau_error(tau, steps, n) return math.sqrt(20 * tau / (steps * 32) * (1 + 1 / n)) end

describe(helper.name .. " agrees with emcee's tutorial", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function run(text)
    local result = dir:script("local ensemble = require 'ensemble'\n" .. text)
    assert.equal(0, result.status, result.stderr)
    return numbers(result.stdout)
  end

  -- The move is affine invariant, so of a Gaussian only the number of dimensions matters.
  it("quickstart: acceptance 0.552 and tau 57", function()
    local got = run [[
      for seed = 1, 4 do
        local s = ensemble.sampler { model = "gaussian.lua", walkers = 32, moves = "emcee", seed = seed,
          start = ensemble.ball({ 1, 2, 3, 4, 5 }, { 1, 2, 3, 4, 5 }), progress = "none" }
        s:run(100)
        s:reset()
        s:run(10000)
        local acceptance, tau = 0, 0
        for _, a in ipairs(s:acceptance_fraction()) do acceptance = acceptance + a / 32 end
        for _, t in ipairs(s:autocorr_time()) do tau = tau + t / 5 end
        print(acceptance, tau)
      end]]
    local acceptance, tau = {}, {}
    for i = 1, 4 do acceptance[i], tau[i] = got[2 * i - 1], got[2 * i] end
    assert.near(0.552, mean(acceptance), 0.005)
    assert.near(1, mean(tau) / 57.1, 0.06)
  end)

  it("on fitting a line: tau and quantiles", function()
    local got = run(([[
      local line = ensemble.read_csv(%q)
      for seed = 1, 3 do
        local s = ensemble.run { model = "line.lua", data = { line = line }, walkers = 32, steps = 5000, seed = seed,
          moves = "emcee", start = ensemble.ball({ -1.003, 4.528, -0.79 }, 1e-4), quiet = true }
        for _, tau in ipairs(s:autocorr_time()) do print(tau) end
        for _, p in ipairs(s:summary { discard = 100, thin = 15 }.parameters) do print(p.q16, p.q50, p.q84) end
      end]]):format(helper.root .. "/examples/line.csv"))
    local taus = { 39.2, 40.0, 35.9 }
    local quantiles = { { -1.007, 0.081, 0.077 }, { 4.550, 0.358, 0.366 }, { -0.772, 0.148, 0.161 } }
    for d, tau in ipairs(taus) do
      local ours = mean { got[d], got[12 + d], got[24 + d] }
      assert.near(1, ours / tau, 4 * tau_error(tau, 5000, 3), "tau of parameter " .. d)
      local median, below, above = quantiles[d][1], quantiles[d][2], quantiles[d][3]
      local function ours_of(q)
        local at = 3 + 3 * (d - 1) + q
        return mean { got[at], got[12 + at], got[24 + at] }
      end
      -- Among n draws of a normal distribution, the 16 % quantile has the error 1.51 sd / sqrt(n), the median 1.25 sd /
      -- sqrt(n). Both our run and the tutorial's have this error; the tutorial prints three decimals.
      local sd, n = (below + above) / 2, 4900 * 32 / tau
      local limit = 4 * 1.51 * sd / math.sqrt(n) * math.sqrt(1 + 1 / 3) + 0.001
      assert.near(median - below, ours_of(1), limit, "16 % of parameter " .. d)
      assert.near(median, ours_of(2), limit, "median of parameter " .. d)
      assert.near(median + above, ours_of(3), limit, "84 % of parameter " .. d)
    end
  end)

  -- The last step of such a run varies by chance: ten seeds of emcee end between 5700 and 6500.
  it("on monitoring: an end within 20 % of 5900", function()
    local got = run [[
      local model = { ndim = 5 }
      function model.log_prob(t)
        local sum, prior = 0, 0
        for i = 1, 5 do sum, prior = sum + t[i] ^ 2, prior + (t[i] - 1) ^ 2 / 100 end
        return -0.5 * sum - 0.5 * prior
      end
      for seed = 1, 8 do
        print(ensemble.run { model = model, walkers = 32, moves = "emcee", seed = seed, quiet = true,
          start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1), ["until"] = { tau = 100, change = 0.01, max_steps = 100000 }
          }:info().steps)
      end]]
    assert.near(1, mean(got) / 5900, 0.2)
    for _, steps in ipairs(got) do assert.near(1, steps / 5900, 0.3) end
  end)
end)
