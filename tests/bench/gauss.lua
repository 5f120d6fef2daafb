-- A cheap model in Lua: 5-D Gaussian, chain in memory. What an evaluation costs with everything around it.
local ensemble = require "ensemble"

local sampler = ensemble.run {
  model = {
    ndim = 5,
    log_prob = function(theta)
      local sum = 0
      for i = 1, 5 do sum = sum + theta[i] * theta[i] end
      return -0.5 * sum
    end,
  },
  walkers = 32,
  steps = 50000,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}

local info = sampler:info()
print(info.evaluations, info.timing.wall_s)
