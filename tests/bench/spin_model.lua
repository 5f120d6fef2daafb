-- Busy for data.seconds on the clock, then a Gaussian. Each evaluation reads a number of data.rows, if given.
local ensemble = require "ensemble"

local model = { ndim = 5 }
local seconds

function model.setup(data)
  seconds = data.seconds
end

function model.log_prob(theta, data)
  local stop = ensemble.now() + seconds
  local _ = data.rows and data.rows:at(1, 1)
  local sum = 0
  for i = 1, 5 do sum = sum + theta[i] * theta[i] end
  while ensemble.now() < stop do end
  return -0.5 * sum
end

return model
