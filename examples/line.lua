-- A line through points whose errors are stated too small: emcee's tutorial on fitting a model to data, with a model
-- from a file, data from a CSV file and a store that a second call goes on with.
-- ensemble-lua examples/line.lua
local ensemble = require "ensemble"

-- What stands beside this script is found from any folder.
local here = arg[0]:match("^(.*/)") or ""

-- The data were drawn with these values, so the posterior should hold them.
local truth = { m = -0.9594, b = 4.294, log_f = math.log(0.534) }

local sampler = ensemble.run {
  model   = "models/line.lua",                       -- beside this script, as given, or an installed model
  data    = { line = ensemble.read_csv(here .. "line.csv") }, -- columns x, y, yerr; loaded once for all workers
  walkers = 32,
  steps   = 5000,
  start   = ensemble.ball({ m = -1, b = 4.5, log_f = -0.7 }, 1e-2),
  seed    = 42,
  output  = "line.db",                               -- ensemble-lua resume line.db --steps 5000 goes on
}

-- The steps before the walkers have found the posterior are left out, as many as their autocorrelation times ask for.
local summary = sampler:summary { discard = "auto" }
print(summary)

print("\nparameter     truth    16 %     84 %")
for _, name in ipairs { "m", "b", "log_f" } do
  local row = summary.parameters[name]
  print(("%-9s  %8.3f %8.3f %8.3f"):format(name, truth[name], row.q16, row.q84))
end
