-- The model of emcee's parallelization tutorial: busy for 5 to 8 ms, then a Gaussian. It waits busily because it must
-- use CPU.
local ensemble = require "ensemble"

local model = { ndim = 5 }

function model.log_prob(theta)
  local stop = ensemble.now() + 0.005 + 0.003 * math.random()
  local sum = 0
  for i = 1, 5 do sum = sum + theta[i] * theta[i] end
  while ensemble.now() < stop do end
  return -0.5 * sum
end

return model
