-- Hares and lynxes of the Hudson Bay, 1900 to 1920: each evaluation solves a system of differential equations, and some
-- evaluations take much longer than others.
-- ensemble-lua examples/lynx_hare/run.lua
local ensemble = require "ensemble"

local here = arg[0]:match("^(.*/)") or ""

local sampler = ensemble.run {
  model   = "model.lua",
  data    = { pelts = ensemble.read_csv(here .. "lynx_hare.csv") },
  walkers = 64,
  steps   = 4000,
  -- With a start from the priors, many walkers would end in other solutions, in which the populations do not oscillate.
  start   = ensemble.ball({ alpha = 0.55, beta = 0.028, gamma = 0.8, delta = 0.024, u0 = 34, v0 = 6, sigma_u = 0.25,
    sigma_v = 0.25 }, { alpha = 0.03, beta = 0.002, gamma = 0.04, delta = 0.001, u0 = 1, v0 = 0.2, sigma_u = 0.02,
    sigma_v = 0.02 }),
  seed    = 1900,
}

-- Reference means and their standard errors, from posteriordb (hudson_lynx_hare-lotka_volterra).
local reference = { { "alpha", 0.546864, 0.00063 }, { "beta", 0.0277473, 4.1e-5 }, { "gamma", 0.800095, 0.00088 },
  { "delta", 0.0240859, 3.5e-5 }, { "u0", 34.0352, 0.029 }, { "v0", 5.9359, 0.0053 }, { "sigma_u", 0.248057, 0.00044 },
  { "sigma_v", 0.251017, 0.00044 } }

local summary = sampler:summary()
print(summary)
print("\nparameter  reference     here  standard errors apart")
for _, row in ipairs(reference) do
  local name, mean, standard_error = row[1], row[2], row[3]
  local ours = summary.parameters[name]
  local apart = (ours.mean - mean) / math.sqrt(standard_error ^ 2 + ours.sd ^ 2 / ours.ess)
  print(("%-9s  %9.5f %9.5f  %5.1f"):format(name, mean, ours.mean, apart))
end
