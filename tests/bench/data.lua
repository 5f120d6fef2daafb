-- As busy.lua, with 8 MB of data as the model's argument: 5000 x 200 numbers.
local ensemble = require "ensemble"

local rows = {}
for i = 1, 5000 do
  local row = {}
  for j = 1, 200 do row[j] = math.sin(200 * i + j) end
  rows[i] = row
end

ensemble.run {
  model = "busy_model.lua",
  data = { rows = ensemble.array(rows) },
  walkers = 32,
  steps = 100,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}
