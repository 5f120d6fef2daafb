-- The model of models/line.lua, by operations on work arrays instead of a loop in Lua.
local ensemble = require "ensemble"

local model = { parameters = { "m", "b", "log_f" } }
local variance, expected, total

function model.setup(data)
  variance = ensemble.work(data.line.yerr):pow(2)
  expected, total = ensemble.work(#variance), ensemble.work(#variance)
end

function model.log_prob(theta, data)
  local m, b, log_f = theta[1], theta[2], theta[3]
  if m <= -5 or m >= 0.5 or b <= 0 or b >= 10 or log_f <= -10 or log_f >= 1 then return -math.huge end
  expected:fill(b):axpy(m, data.line.x)
  total:fill(math.exp(2 * log_f)):mul(expected):mul(expected):add(variance):sqrt()
  return ensemble.dist.normal_lpdf(data.line.y, expected, total)
end

return model
