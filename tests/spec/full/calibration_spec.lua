-- Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018, arXiv:1804.06788). Draw parameters
-- from the prior, then data with them, and run the sampler on these data. If prior, likelihood and sampler are right,
-- the rank of the true value among the walkers is uniform. The walkers of one step are independent draws.
--
-- Of the installed models, gaussian.lua, rosenbrock.lua and busy.lua are densities without data. The priors of
-- line_outliers.lua are so wide that data drawn with them do not look like a line. Its parameters are therefore drawn
-- from the posterior of the paper's twenty points, and twenty more points are drawn with them; the run is for all forty
-- (Saeilynoja, Schmitt, Buerkner and Vehtari 2025, arXiv:2502.03279).
local helper = require "tests.spec.helper"

local COMMON = [=[
local ensemble = require "ensemble"
local prior = ensemble.prior
local REPLICATES, WALKERS, BINS = 200, 32, 8

-- Prints the chi-squared of the ranks for each parameter of a case. `wrong` plants a mistake: the errors of the data
-- are multiplied by it before the model sees them.
local function calibrate(case, wrong)
  local counts = {}
  for replicate = 1, REPLICATES do
    local truth, start = case.draw(), {}
    for k = 1, WALKERS do start[k] = case.draw() end
    local data = case.simulate(truth)
    for i = 1, #data.yerr do data.yerr[i] = data.yerr[i] * wrong end
    local state = ensemble.run { model = case.model, data = case.wrap(data), walkers = WALKERS, start = start,
      tune = 100, steps = 400, seed = replicate, quiet = true, workers = 1 }:last()
    for d = 1, #truth do
      local rank = 0
      for k = 1, WALKERS do if state.coords:at(k, d) < truth[d] then rank = rank + 1 end end
      local bin = math.floor((rank + math.random()) / (WALKERS + 1) * BINS) + 1
      counts[d] = counts[d] or {}
      counts[d][bin] = (counts[d][bin] or 0) + 1
    end
  end
  for d = 1, #counts do
    local expected, chi2 = REPLICATES / BINS, 0
    for bin = 1, BINS do chi2 = chi2 + ((counts[d][bin] or 0) - expected) ^ 2 / expected end
    print(chi2)
  end
end

-- Draws from the posterior of Hogg, Bovy and Lang's points.
local outliers = { Y_b = { mean = 400, sd = 800 } }
function outliers.begin()
  local line = ensemble.read_csv(arg[1])
  outliers.line = { x = line.x:totable(), y = line.y:totable(), yerr = line.sigma_y:totable() }
  outliers.posterior = ensemble.run { model = "line_outliers.lua", data = { line = outliers.line, Y_b = outliers.Y_b },
    walkers = WALKERS, start = ensemble.ball({ 2, 30, 0.2, 400, 8 }, { 0.1, 5, 0.02, 20, 0.5 }), tune = 1000,
    steps = 12000, seed = 3, quiet = true, workers = 1 }:chain { flat = true, thin = 20 }
end

function outliers.draw()
  if not outliers.posterior then outliers.begin() end
  local row, theta = math.random(#outliers.posterior), {}
  for d = 1, 5 do theta[d] = outliers.posterior:at(row, d) end
  return theta
end

math.randomseed(20)
local normal = prior.normal(0, 1)
local cases = {
  line = {
    model = "line.lua",
    draw = function() return { -5 + 5.5 * math.random(), 10 * math.random(), -10 + 11 * math.random() } end,
    simulate = function(truth)
      local data = { x = {}, y = {}, yerr = {} }
      for i = 1, 12 do
        local x, yerr = i * 0.8, 0.3 + 0.05 * i
        local expected = truth[1] * x + truth[2]
        local sd = math.sqrt(yerr * yerr + math.exp(2 * truth[3]) * expected * expected)
        data.x[i], data.y[i], data.yerr[i] = x, expected + sd * normal:draw(), yerr
      end
      return data
    end,
    wrap = function(data) return { line = data } end,
  },
  priors = {
    model = { priors = { mu = prior.student_t(5, 1, 2), tau = prior.gamma(2, 1) }, parameters = { "mu", "tau" },
      log_likelihood = function(theta, data)
        local sum = 0
        for i = 1, #data.y do
          local variance = theta.tau + data.yerr[i] ^ 2
          sum = sum - 0.5 * (data.y[i] - theta.mu) ^ 2 / variance - 0.5 * math.log(variance)
        end
        return sum
      end },
    draw = function() return { prior.student_t(5, 1, 2):draw(), prior.gamma(2, 1):draw() } end,
    simulate = function(truth)
      local data = { y = {}, yerr = {} }
      for i = 1, 8 do
        data.yerr[i] = 0.2 * i
        data.y[i] = truth[1] + math.sqrt(truth[2] + data.yerr[i] ^ 2) * normal:draw()
      end
      return data
    end,
    wrap = function(data) return data end,
  },
  line_outliers = {
    model = "line_outliers.lua",
    draw = outliers.draw,
    simulate = function(truth)
      local line, seen = { x = {}, y = {}, yerr = {} }, outliers.line
      for i = 1, 2 * #seen.x do
        local k = (i - 1) % #seen.x + 1
        local bad, yerr = math.random() < truth[3], seen.yerr[k]
        local expected = bad and truth[4] or truth[1] * seen.x[k] + truth[2]
        local sd = math.sqrt(yerr * yerr + (bad and math.exp(truth[5]) or 0))
        line.x[i], line.yerr[i] = seen.x[k], yerr
        line.y[i] = i == k and seen.y[k] or expected + sd * normal:draw()
      end
      return line
    end,
    wrap = function(data) return { line = data, Y_b = outliers.Y_b } end,
  },
}
]=]

-- The mean of chi-squared with 7 degrees of freedom, 7, plus four of its standard deviations.
local LIMIT = 7 + 4 * math.sqrt(14)

describe(helper.name .. " is calibrated", function()
  local function statistics(name, wrong)
    local dir = helper.directory()
    local result = dir:script(("%scalibrate(cases.%s, %g)"):format(COMMON, name, wrong),
      { helper.root .. "/examples/hogg2010/hogg2010.csv", timeout = 200 })
    assert.equal(0, result.status, result.stderr)
    local list = {}
    for word in result.stdout:gmatch("%S+") do list[#list + 1] = tonumber(word) end
    return list
  end

  for name, count in pairs { line = 3, priors = 2, line_outliers = 5 } do
    it("for the model '" .. name .. "'", function()
      local got = statistics(name, 1)
      assert.equal(count, #got)
      for d, chi2 in ipairs(got) do assert.is_true(chi2 < LIMIT, ("parameter %d: chi-squared %g"):format(d, chi2)) end
    end)
  end

  it("and is not if the model takes the errors for too small", function()
    for _, name in ipairs { "line", "line_outliers" } do
      local most = 0
      for _, chi2 in ipairs(statistics(name, 0.3)) do most = math.max(most, chi2) end
      assert.is_true(most > 2 * LIMIT, name .. ": chi-squared " .. most)
    end
  end)
end)
