-- autocorr.lua FILE REPEATS: the least time in seconds of ensemble.autocorr for the array in a file, and the mean tau.
local ensemble = require "ensemble"

local path, repeats = arg[1], tonumber(arg[2])
local x, best, taus = ensemble.read_npy(path), math.huge, nil
for _ = 1, repeats do
  local begun = ensemble.now()
  taus = ensemble.autocorr.integrated_time(x, { tol = 0 })
  best = math.min(best, ensemble.now() - begun)
end
local sum = 0
for _, tau in ipairs(taus) do sum = sum + tau end
print(best, sum / #taus)
