-- A line through points with underestimated errors: emcee's tutorial on fitting a model to data, with a model from a
-- file, data from a CSV file, and a store that a second call resumes.
-- ensemble-lua examples/line.lua
local ensemble = require "ensemble"

-- The script finds its data from any folder.
local here = arg[0]:match("^(.*/)") or ""

-- The data were drawn with these values, so the posterior should contain them.
local truth = { m = -0.9594, b = 4.294, log_f = math.log(0.534) }

local sampler = ensemble.run {
  model   = "models/line.lua",                       -- beside this script, as a path, or an installed model
  data    = { line = ensemble.read_csv(here .. "line.csv") }, -- columns x, y, yerr; loaded once for all workers
  walkers = 32,
  steps   = 5000,
  start   = ensemble.ball({ m = -1, b = 4.5, log_f = -0.7 }, 1e-2),
  seed    = 42,
  output  = "line.db",                               -- ensemble-lua resume line.db --steps 5000 adds steps
}

-- discard = "auto" leaves out the first steps, in which the walkers find the posterior, by the autocorrelation time.
local summary = sampler:summary { discard = "auto" }
print(summary)

print("\nparameter     truth    16 %     84 %")
for _, name in ipairs { "m", "b", "log_f" } do
  local row = summary.parameters[name]
  print(("%-9s  %8.3f %8.3f %8.3f"):format(name, truth[name], row.q16, row.q84))
end
