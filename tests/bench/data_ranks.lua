-- data_ranks.lua MEGABYTES: 32 walkers, evaluations of 3 ms (asleep), with an array of that size as the model's data.
local ensemble = require "ensemble"

local numbers = {}
for i = 1, tonumber(arg[1]) * 125000 do numbers[i] = i end

local sampler = ensemble.run {
  data = { x = ensemble.array(numbers) },
  model = { ndim = 5, log_prob = function(theta, data)
    ensemble.sleep(0.003)
    local sum = 0
    for i = 1, 5 do sum = sum + theta[i] * theta[i] * data.x[1] end
    return -0.5 * sum
  end },
  walkers = 32,
  steps = 20,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}

require("figures")(sampler)
