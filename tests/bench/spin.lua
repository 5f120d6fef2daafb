-- spin.lua SECONDS [WALKERS [with | until STEPS]]: a model in Lua that is busy for SECONDS. `with`: with 8 MB of data,
-- 5000 x 200 numbers. `until`: with a rule that is checked during the whole run and holds at STEPS.
local ensemble = require "ensemble"

local data = { seconds = tonumber(arg[1]) }
if arg[3] == "with" then
  local rows = {}
  for i = 1, 5000 do
    local row = {}
    for j = 1, 200 do row[j] = math.sin(200 * i + j) end
    rows[i] = row
  end
  data.rows = ensemble.array(rows)
end

local sampler = ensemble.run {
  model = "spin_model.lua",
  data = data,
  walkers = tonumber(arg[2] or 32),
  steps = 100,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
  ["until"] = arg[3] == "until" and { ess = 1, min_steps = tonumber(arg[4]) } or nil,
}

local info = sampler:info()
print(info.evaluations, info.timing.wall_s, info.timing.model_s)
