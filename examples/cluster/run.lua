-- A script for one process or many: mpiexec -n 4 ensemble-lua examples/cluster/run.lua, or run.slurm beside it. Only
-- the first rank runs the script; the others get the model and the data, and evaluate. Chain and store are the same for
-- any number of ranks and workers, and any number of ranks can resume the store.
local ensemble = require "ensemble"

local sampler = ensemble.run {
  model = "models/line.lua",
  data = { line = ensemble.read_csv((arg[0]:match("^(.*/)") or "") .. "../line.csv") },
  walkers = 256, -- four or more per worker keep all workers busy
  steps = 2000,
  start = ensemble.ball({ -1, 4.5, -0.7 }, 1e-4),
  seed = 42,
}

local info = sampler:info()
print(("%d ranks, %d workers: %.0f %% of the time in the model"):format(info.timing.ranks, info.timing.workers,
  100 * info.timing.efficiency))
print(sampler:summary())
