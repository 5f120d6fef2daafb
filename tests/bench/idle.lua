-- A model that waits, like one that asks another machine: the process has nothing to do meanwhile.
local ensemble = require "ensemble"

local sampler = ensemble.run {
  model = {
    ndim = 2,
    log_prob = function(theta)
      require("ensemble").sleep(0.2)
      return -0.5 * (theta[1] * theta[1] + theta[2] * theta[2])
    end,
  },
  walkers = 8,
  steps = 5,
  start = ensemble.ball({ 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}

local info = sampler:info()
print(info.evaluations, info.timing.wall_s, info.timing.model_s)
