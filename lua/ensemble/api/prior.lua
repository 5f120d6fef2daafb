-- ensemble.prior: prior.normal(0, 10), prior.uniform(-5, 5), ... make priors (see density.lua) with the methods
-- p:lpdf(x), p(x) and p:draw(). A model's `priors` takes one for each parameter. Making a prior checks its parameters.

local density = require "ensemble.api.density"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"

local prior = {}

local names = { "multi_normal", "dirichlet" }
for i, name in ipairs(density.names) do
  names[i + 2] = name
  prior[name] = function(...) return density.new(name, ...) end
end

-- mean: n numbers; covariance: n rows of n numbers, symmetric and positive definite. Lists or arrays.
function prior.multi_normal(mean, covariance)
  return density.multi_normal(mean, covariance, "prior.multi_normal")
end

-- Numbers from 0 to 1 that sum to 1; alpha: as many numbers above 0.
function prior.dirichlet(alpha)
  return density.dirichlet(alpha, "prior.dirichlet")
end

-- print(ensemble.prior) lists the functions.
local function show()
  return density.list(function(row, parameters) return ("prior.%s(%s)"):format(row.name, parameters) end,
    "prior.multi_normal(mean, covariance): lists of numbers", "prior.dirichlet(alpha): lists from 0 to 1 of sum 1")
end

return setmetatable(prior, {
  __tostring = show,
  __index = function(_, name)
    failure.config("there is no prior '%s'%s", tostring(name), nearest.advice(name, names, "priors"))
  end,
})
