-- The run of the full fault tests. `kills.py` and `power.py` set its shape by arguments.
--   crash_model.lua STEPS WALKERS THIN BLOBS SLEEP OUTPUT JOURNAL WORKERS
local ensemble = require "ensemble"

local steps, walkers, thin, blobs, pause, output, journal, workers = (table.unpack or unpack)(arg)

ensemble.run {
  model = {
    parameters = { "x", "y", "z" },
    blobs = blobs == "1" and { "noise", "log_prior" } or nil,
    log_prob = function(t)
      local noise = math.random()
      if tonumber(pause) > 0 and noise < 0.5 then ensemble.sleep(tonumber(pause) * noise) end
      local log_prob = -0.5 * (t.x * t.x + t.y * t.y + t.z * t.z) + 0.01 * noise
      if blobs == "1" then return log_prob, noise, -t.x end
      return log_prob
    end,
  },
  start = ensemble.ball({ 0, 1, 2 }, 0.1), walkers = tonumber(walkers), steps = tonumber(steps),
  thin_by = tonumber(thin), seed = 11, commit_every = 0.005, output = output, journal = journal,
  workers = tonumber(workers), quiet = true,
}
