-- A straight line under noise that is correlated along x: a Gaussian process with a squared exponential kernel. A fit
-- that takes the noise for independent gives a slope that is wrong by many times its stated error. The process learns
-- the amplitude and the length of the correlation from the points.
-- ensemble-lua examples/gp/run.lua
--
-- The points are simulated: 40 places in -5 .. 5, y = 0.5 x + 1, plus a process of amplitude 0.6 and length 1, plus
-- normal noise of sd yerr, drawn by numpy with seed 2024 and rounded to four digits.
-- Known answer, by integration over a grid: mean and sd m = 0.443 +- 0.050, b = 0.760 +- 0.165,
-- log_a = -0.990 +- 0.297, log_l = -0.422 +- 0.267.
local ensemble = require "ensemble"
local prior = ensemble.prior

local here = arg[0]:match("^(.*/)") or ""
local points = ensemble.read_csv(here .. "points.csv")

local model = {
  parameters = { "m", "b", "log_a", "log_l" }, -- line; logs of the process's amplitude and length
  priors = { m = prior.uniform(-5, 5), b = prior.uniform(-10, 10), log_a = prior.uniform(-3, 2),
    log_l = prior.uniform(-2, 2.5) },
}

local squares, variance -- set by setup in each worker: -(x_i - x_j)^2 / 2, yerr^2
local K, diagonal, residual -- refilled by each evaluation

function model.setup(data)
  local n = #data.x
  squares, K = ensemble.work(n, n), ensemble.work(n, n)
  for i = 1, n do
    for j = 1, n do squares:set(i, j, -0.5 * (data.x[i] - data.x[j]) ^ 2) end
  end
  variance = ensemble.work(data.yerr):mul(data.yerr)
  diagonal, residual = K:diagonal(), ensemble.work(n)
end

-- K = a^2 exp(-(x_i - x_j)^2 / (2 l^2)), and the variances of the points on its diagonal.
function model.log_likelihood(theta, data)
  K:fill(squares):mul(math.exp(-2 * theta.log_l)):exp():mul(math.exp(2 * theta.log_a))
  diagonal:add(variance)
  local L = K:cholesky()
  if not L then return -math.huge end -- not positive definite within rounding: no valid process
  residual:fill(data.y):axpy(-theta.m, data.x):sub(theta.b)
  return ensemble.dist.multi_normal_cholesky_lpdf(residual, 0, L)
end

local result = ensemble.run {
  model = model,
  data  = { x = points.x, y = points.y, yerr = points.yerr },
  start = ensemble.ball({ m = 0.5, b = 1, log_a = -0.5, log_l = 0 }, 0.1),
  steps = 4000,
  seed  = 2024,
}:summary()

-- The weighted least squares of independent points.
local function independent(x, y, yerr)
  local w, x_w = ensemble.work(yerr):pow(-2), ensemble.work(yerr):pow(-2):mul(x)
  local s, sx, sxx, sy, sxy = w:sum(), x_w:sum(), x_w:dot(x), w:dot(y), x_w:dot(y)
  local det = s * sxx - sx * sx
  return (s * sxy - sx * sy) / det, math.sqrt(s / det), (sxx * sy - sx * sxy) / det, math.sqrt(sxx / det)
end

print(result)
print()
local form = "%-32s m = %.3f +- %.3f   b = %.2f +- %.2f"
print("drawn with                       m = 0.5             b = 1")
print(form:format("independent noise", independent(points.x, points.y, points.yerr)))
local m, b = result.parameters.m, result.parameters.b
print(form:format("the process, by integration", 0.443, 0.050, 0.760, 0.165))
print(form:format("the process, here", m.mean, m.sd, b.mean, b.sd))
