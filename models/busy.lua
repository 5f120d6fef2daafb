-- A stand-in for an expensive model, as in emcee's tutorial on parallelization. Each evaluation keeps its CPU busy for
-- 5 to 8 ms, uniformly distributed; its density is a standard normal distribution. For measuring workers, not for
-- results.
--
-- data: any. The model does not read it, so runs can measure the cost of having data.
-- Known answer: mean 0 and standard deviation 1 in each of the five dimensions.

local ensemble = require "ensemble"

local model = { parameters = { "x1", "x2", "x3", "x4", "x5" } }

function model.log_prob(theta)
  local finish = ensemble.now() + 0.005 + 0.003 * math.random()
  while ensemble.now() < finish do end -- luacheck: ignore 542
  local sum = 0
  for i = 1, #theta do sum = sum + theta[i] * theta[i] end
  return -0.5 * sum
end

return model
