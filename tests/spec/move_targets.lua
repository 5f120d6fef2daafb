-- For scripts of the moves' specs: targets with known moments, and z values. A z value is an estimate less the truth,
-- in standard errors. These come from 40 batch means of the chain, so they include its autocorrelation and the
-- correlation between walkers.
local targets = {}
local BATCHES = 40

-- For Student's t with 39 degrees of freedom, as rare as four known standard errors are for a normal distribution.
targets.LIMIT = 4.48

-- Each parameter is 0.8 times the previous one plus noise: parameter i has mean i and variance 1.
function targets.gaussian(ndim)
  local names, center = {}, {}
  for i = 1, ndim do names[i], center[i] = "x" .. i, i end
  local function log_prob(x)
    local sum = (x[1] - 1) * (x[1] - 1)
    for i = 2, ndim do
      local r = x[i] - i - 0.8 * (x[i - 1] - i + 1)
      sum = sum + r * r / 0.36
    end
    return -0.5 * sum
  end
  local model = { parameters = names, log_prob = log_prob }
  return { model = model, center = center, spread = 1, mean = center, variance = 1 }
end

targets.box = { center = { 0.5, 0.5 }, spread = 0.1, mean = { 0.5, 0.5 }, variance = 1 / 12,
  model = { parameters = { "x", "y" }, log_prob = function(x)
    if x[1] > 0 and x[1] < 1 and x[2] > 0 and x[2] < 1 then return 0 end
    return -math.huge
  end } }

-- The target of emcee's tutorial on moves.
targets.modes = { center = { 0 }, spread = 1, mean = { 0 }, variance = 5,
  model = { parameters = { "x" }, log_prob = function(x)
    local a, b = -0.5 * (x[1] - 2) * (x[1] - 2), -0.5 * (x[1] + 2) * (x[1] + 2)
    local most = math.max(a, b)
    return most + math.log(math.exp(a - most) + math.exp(b - most))
  end } }

function targets.covariance(ndim)
  local rows = {}
  for i = 1, ndim do
    rows[i] = {}
    for j = 1, ndim do rows[i][j] = 2.38 * 2.38 / ndim * 0.8 ^ math.abs(i - j) end
  end
  return rows
end

function targets.sample(target, move, walkers, steps, seed)
  local ensemble = require "ensemble" -- here, because the specs also load this file, outside the program
  return ensemble.run { model = target.model, start = ensemble.ball(target.center, target.spread), moves = move,
    walkers = walkers, steps = steps, seed = seed, quiet = true, workers = 1 }
end

local function z_of_batches(batch, truth)
  local mean, sum = 0, 0
  for i = 1, BATCHES do mean = mean + batch[i] / BATCHES end
  for i = 1, BATCHES do sum = sum + (batch[i] - mean) ^ 2 end
  return math.abs(mean - truth) / math.sqrt(sum / (BATCHES - 1) / BATCHES)
end

-- The largest z of all means and variances after the first tenth.
function targets.largest_z(sampler, target, steps)
  local discard, largest = steps / 10, 0
  local chain = sampler:chain { discard = discard, flat = true }
  local size = math.floor(#chain / BATCHES)
  for d, mu in ipairs(target.mean) do
    local column, means, squares = chain:col(d):totable(), {}, {}
    for b = 1, BATCHES do
      local sum, square = 0, 0
      for i = (b - 1) * size + 1, b * size do
        local r = column[i] - mu
        sum, square = sum + r, square + r * r
      end
      means[b], squares[b] = sum / size, square / size
    end
    largest = math.max(largest, z_of_batches(means, 0), z_of_batches(squares, target.variance))
  end
  return largest
end

function targets.mean_tau(sampler, steps)
  local tau, sum = sampler:autocorr_time { discard = steps / 10 }, 0
  for d = 1, #tau do sum = sum + tau[d] / #tau end
  return sum
end

return targets
