-- 32 walkers, 5-D, evaluations of 5 to 8 ms. Workers, steps and store come from the command line.
local ensemble = require "ensemble"

ensemble.run {
  model = "busy_model.lua",
  walkers = 32,
  steps = 100,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}
