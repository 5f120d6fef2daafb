-- A cheap model in Lua: a 5-D Gaussian.
local model = { ndim = 5 }

function model.log_prob(theta)
  local sum = 0
  for i = 1, 5 do sum = sum + theta[i] * theta[i] end
  return -0.5 * sum
end

return model
