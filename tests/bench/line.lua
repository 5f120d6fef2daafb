-- line.lua MODEL: the line of 50 points of emcee's tutorial. MODEL: a library of examples/native, or a model in Lua.
local ensemble = require "ensemble"

local here = arg[0]:match("^(.*/)") or ""
local name = arg[1]

local sampler = ensemble.run {
  model = name:find("%.so$") and ensemble.native(name) or name,
  data = { line = ensemble.read_csv(here .. "../../examples/line.csv") },
  walkers = 32,
  steps = 20000,
  start = ensemble.ball({ m = -1, b = 4.5, log_f = -0.7 }, 1e-2),
  moves = "emcee",
  seed = 42,
}

local info = sampler:info()
print(info.evaluations, info.timing.wall_s, info.timing.model_s)
