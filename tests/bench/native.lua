-- native.lua LIBRARY SYMBOL [WALKERS [NDIM]]: a bare C function of a library as the model; without a symbol (""), the
-- model that the library describes.
local ensemble = require "ensemble"

local library, symbol = arg[1], arg[2]
local ndim = tonumber(arg[4] or 5)
local names, center = {}, {}
for i = 1, ndim do names[i], center[i] = "x" .. i, 0 end

local sampler = ensemble.run {
  model = ensemble.native(library, symbol ~= "" and { symbol = symbol, parameters = names } or nil),
  walkers = tonumber(arg[3] or 32),
  steps = 100,
  start = ensemble.ball(center, 1),
  moves = "emcee",
  seed = 1,
}

require("figures")(sampler)
