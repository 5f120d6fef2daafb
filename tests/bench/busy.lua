-- 32 walkers, 5-D, evaluations of 5 to 8 ms. Workers and steps come from the command line.
local ensemble = require "ensemble"

local sampler = ensemble.run {
  model = "busy_model.lua",
  walkers = 32,
  steps = 100,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}

require("figures")(sampler)
