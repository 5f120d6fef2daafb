-- The line of Hogg, Bovy and Lang (2010), arXiv:1008.4686: first through the good points, with their errors known; then
-- through all points, with a model that allows for bad ones. The second run finds by itself the bad points, which the
-- first one leaves out by hand.
-- ensemble-lua examples/hogg2010/run.lua
local ensemble = require "ensemble"

local here = arg[0]:match("^(.*/)") or ""
local points = ensemble.read_csv(here .. "hogg2010.csv")

-- 1. Points 5 to 20, the good ones of the paper's table. The model is written here: log_prob gets the run's data, which
-- all workers read from the same memory.
local line = { parameters = { "m", "b" } }

function line.log_prob(theta, data)
  local chi2 = 0
  for i = 1, #data.x do
    chi2 = chi2 + ((data.y[i] - theta.m * data.x[i] - theta.b) / data.yerr[i]) ^ 2
  end
  return -0.5 * chi2
end

local good = ensemble.run {
  model = line,
  data  = { x = points.x:slice(5, 20), y = points.y:slice(5, 20), yerr = points.sigma_y:slice(5, 20) },
  start = ensemble.ball({ m = 2, b = 50 }, { m = 0.1, b = 10 }),
  steps = 3000,
  seed  = 2010,
}:summary()

-- 2. All 20 points. The mixture is one of the installed models; its columns are x, y and yerr.
local all = ensemble.run {
  model   = "line_outliers.lua",
  data    = { line = { x = points.x, y = points.y, yerr = points.sigma_y } },
  walkers = 64,
  start   = ensemble.ball({ m = 2, b = 50, P_b = 0.3, Y_b = 420, ln_V_b = 9 },
    { m = 0.1, b = 10, P_b = 0.05, Y_b = 30, ln_V_b = 0.5 }),
  steps   = 6000,
  seed    = 2010,
}:summary()

print("Points 5 to 20, errors known")
print(good)
print("\nAll 20 points, some of them bad")
print(all)

local function compare(what, parameters, m, b)
  print(("%-36s m = %s   b = %s"):format(what,
    m or ("%.2f +- %.2f"):format(parameters.m.mean, parameters.m.sd),
    b or ("%.0f +- %.0f"):format(parameters.b.mean, parameters.b.sd)))
end

print()
compare("published, points 5 to 20", nil, "2.24 +- 0.11", "34 +- 18")
compare("here, points 5 to 20", good.parameters)
compare("here, all points, bad ones modelled", all.parameters)
