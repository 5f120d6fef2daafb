-- ensemble.dist: log densities such as dist.normal_lpdf(x, mu, sigma), and log probabilities of discrete distributions
-- such as dist.poisson_lpmf(k, rate). Each argument is a number, an array or a list of numbers. Arrays must have one
-- length, a number stands for all elements, and the result is the sum over the elements. The result is -inf outside the
-- support and NaN for NaN; a parameter out of range is an error that names it.

local core = require "ensemble.core"
local density = require "ensemble.api.density"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"

local dist = {}

local names = { "multi_normal_lpdf", "multi_normal_cholesky_lpdf", "dirichlet_lpdf" }
for _, row in ipairs(core.distributions) do
  local name = row.name .. (row.discrete and "_lpmf" or "_lpdf")
  names[#names + 1], dist[name] = name, row.lpdf
end

-- x and mean: n numbers; covariance: n rows of n. Each call factorizes the covariance. For a constant one, keep
-- prior.multi_normal(mean, covariance) and call its lpdf.
dist.multi_normal_lpdf = core.multi_normal_lpdf

-- The same with the factor L of the covariance L L', as w:cholesky() makes it.
dist.multi_normal_cholesky_lpdf = core.multi_normal_cholesky_lpdf

function dist.dirichlet_lpdf(x, alpha)
  return density.dirichlet(alpha, "dirichlet_lpdf"):lpdf(x)
end

-- print(ensemble.dist) lists the functions.
local function show()
  return density.list(function(row, parameters)
    return ("dist.%s_%s(x, %s)"):format(row.name, row.discrete and "lpmf" or "lpdf", parameters)
  end, "dist.multi_normal_lpdf(x, mean, covariance): vectors of numbers",
    "dist.multi_normal_cholesky_lpdf(x, mean, L): vectors of numbers",
    "dist.dirichlet_lpdf(x, alpha): lists from 0 to 1 of sum 1")
end

return setmetatable(dist, {
  __tostring = show,
  __index = function(_, name)
    failure.config("there is no function '%s' in ensemble.dist%s", tostring(name), nearest.advice(name, names,
      "functions"))
  end,
})
