-- One model in C (line.c beside this script) and in Lua (models/line.lua): the same chain, at different speeds.
-- make -C examples/native && ensemble-lua examples/native/run.lua [LIBRARY]
local ensemble = require "ensemble"

local here = arg[0]:match("^(.*/)") or ""

local function sample(model)
  return ensemble.run {
    model   = model,
    data    = { line = ensemble.read_csv(here .. "../line.csv") },
    walkers = 32,
    steps   = 5000,
    start   = ensemble.ball({ m = -1, b = 4.5, log_f = -0.7 }, 1e-2),
    seed    = 42,
    workers = 1, -- so that the times below are those of one CPU
  }
end

local in_c = sample(ensemble.native(arg[1] or "libline.so"))
local in_lua = sample("models/line.lua")

local function mean_of_chain(sampler) return sampler:chain():mean() end

local function nanoseconds(sampler)
  local info = sampler:info()
  return 1e9 * info.timing.wall_s / info.evaluations
end

print(in_c:summary())
print(("\nthe same chain: %s"):format(mean_of_chain(in_c) == mean_of_chain(in_lua) and "yes" or "no"))
print(("%s: %.0f ns per update in C, %.0f in Lua: %.1f times"):format(ensemble.engine, nanoseconds(in_c),
  nanoseconds(in_lua), nanoseconds(in_lua) / nanoseconds(in_c)))

-- Medians of a long run of emcee 3.1.4, and half of the range from 16 % to 84 %.
local known = { m = { -1.009, 0.079 }, b = { 4.551, 0.361 }, log_f = { -0.771, 0.157 } }
print("\nparameter  emcee           here")
for _, name in ipairs { "m", "b", "log_f" } do
  local row = in_c:summary().parameters[name]
  print(("%-9s %6.3f +- %.3f  %6.3f +- %.3f"):format(name, known[name][1], known[name][2], row.q50,
    (row.q84 - row.q16) / 2))
end
