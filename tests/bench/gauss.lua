-- gauss.lua [WALKERS]: a cheap model in Lua, for the whole cost of an evaluation.
local ensemble = require "ensemble"

local sampler = ensemble.run {
  model = "gauss_model.lua",
  walkers = tonumber(arg[1] or 32),
  steps = 50000,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}

local info = sampler:info()
print(info.evaluations, info.timing.wall_s, info.timing.model_s)
