-- A straight line y = m x + b through points, some of which are bad: the mixture of Hogg, Bovy and Lang, "Data analysis
-- recipes: Fitting a model to data" (2010, arXiv:1008.4686), section 3. With probability P_b a point is not on the
-- line, but normal around Y_b with variance exp(ln_V_b) in addition to its own error.
--
-- data.line: x, y, yerr, columns of equal length (of a file, or tables).
-- data.Y_b (optional): { mean =, sd = } of the prior of Y_b, in units of y, if that is known beforehand.
-- Priors: uniform in the angle of the line, (1 + m^2)^(-3/2), for |m| < 50; b uniform within +-5000; P_b uniform from 0
-- to 1; Y_b normal, without data.Y_b around the mean of y with five times its standard deviation; ln_V_b uniform from 0
-- to 15.
-- Blob: log_prior, so that a script can look at the prior's part afterwards.
-- Known answer for the paper's table 1, all 20 points: mean and sd m = 2.236 +- 0.123, b = 35.2 +- 19.8,
-- P_b = 0.295 +- 0.128 (a long run of emcee 3.1.4): close to the paper's result from the good points alone.

local model = {
  parameters = { "m", "b", "P_b", "Y_b", "ln_V_b" },
  blobs = { "log_prior" },
}

local x, y, variance, centre, width -- set by setup in each worker; centre and width of the prior of Y_b

-- In an interpreter, reading a plain table is faster than reading an array.
local function plain(column, name)
  if column == nil then error("data.line." .. name .. " is missing: give x, y and yerr", 0) end
  return type(column) == "table" and column or column:totable()
end

local function mean_and_sd(values)
  local mean, square = 0, 0
  for i = 1, #values do mean = mean + values[i] / #values end
  for i = 1, #values do square = square + (values[i] - mean) ^ 2 end
  return mean, math.sqrt(square / (#values - 1))
end

local function given_prior(given)
  local right = type(given) == "table" and type(given.mean) == "number" and type(given.sd) == "number" and given.sd > 0
  if not right then error("data.Y_b must be { mean =, sd = }, two numbers, sd above 0", 0) end
  return given.mean, given.sd
end

function model.setup(data)
  local line = data and data.line
  if not line then error("data.line is missing: give data = { line = { x =, y =, yerr = } }", 0) end
  x, y, variance = plain(line.x, "x"), plain(line.y, "y"), {}
  if #x < 2 then error("data.line has fewer than 2 points", 0) end
  local yerr = plain(line.yerr, "yerr")
  for i = 1, #x do variance[i] = yerr[i] ^ 2 end
  local mean, sd = mean_and_sd(y)
  centre, width = mean, 5 * sd
  if data.Y_b ~= nil then centre, width = given_prior(data.Y_b) end
end

local function log_prior(theta)
  local allowed = math.abs(theta.m) < 50 and math.abs(theta.b) < 5000 and theta.P_b > 0 and theta.P_b < 1
    and theta.ln_V_b > 0 and theta.ln_V_b < 15
  if not allowed then return -math.huge end
  return -1.5 * math.log(1 + theta.m ^ 2) - 0.5 * ((theta.Y_b - centre) / width) ^ 2
end

local HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

local function log_normal(residual, total)
  return -0.5 * residual * residual / total - 0.5 * math.log(total) - HALF_LOG_2PI
end

-- log(exp(a) + exp(b)) without overflow, and without log 0 if both are very small.
local function log_add(a, b)
  if a < b then a, b = b, a end
  return a + math.log(1 + math.exp(b - a))
end

local function log_likelihood(theta)
  local m, b, Y_b, V_b = theta.m, theta.b, theta.Y_b, math.exp(theta.ln_V_b)
  local log_good, log_bad = math.log(1 - theta.P_b), math.log(theta.P_b)
  local sum = 0
  for i = 1, #x do
    local good = log_good + log_normal(y[i] - m * x[i] - b, variance[i])
    local bad = log_bad + log_normal(y[i] - Y_b, variance[i] + V_b)
    sum = sum + log_add(good, bad)
  end
  return sum
end

function model.log_prob(theta)
  local prior = log_prior(theta)
  if prior == -math.huge then return prior, prior end
  return prior + log_likelihood(theta), prior
end

return model
