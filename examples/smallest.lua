-- The smallest run: a standard normal distribution in two dimensions.
-- ensemble-lua examples/smallest.lua
local ensemble = require "ensemble"

local sampler = ensemble.run {
  model = { parameters = { "x", "y" }, log_prob = function(theta) return -0.5 * (theta.x ^ 2 + theta.y ^ 2) end },
  start = ensemble.ball({ 0, 0 }, 1),
  steps = 2000,
  seed = 1,
}
print(sampler:summary())
