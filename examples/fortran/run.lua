-- A likelihood in Fortran, with priors from this script: no Lua code runs during an evaluation.
-- gfortran -O2 -shared -fPIC -o examples/fortran/libline.so examples/fortran/line.f90
-- ensemble-lua examples/fortran/run.lua [LIBRARY]
local ensemble = require "ensemble"
local prior = ensemble.prior

local sampler = ensemble.run {
  model = ensemble.native(arg[1] or "libline.so", {
    symbol = "log_likelihood",
    parameters = { "m", "b" }, -- their order in theta
    priors = { m = prior.uniform(0, 5), b = prior.uniform(-200, 300) },
  }),
  steps = 3000,
  seed  = 2010,
}

local summary = sampler:summary()
local m, b = summary.parameters.m, summary.parameters.b
print(summary)
print("\npublished: m = 2.24 +- 0.11, b = 34 +- 18")
print(("here:      m = %.2f +- %.2f, b = %.0f +- %.0f"):format(m.mean, m.sd, b.mean, b.sd))
