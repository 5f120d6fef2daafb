-- A run script of the statistics specs: samples a target with known moments, prints the acceptance fraction and the
-- mean autocorrelation time, then each walker's acceptance fraction. Arguments: target, move, seed, steps, thin_by.
local ensemble = require "ensemble"
local name, move, seed, steps, thin_by = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5] or 1)
local hogg = { { 203, 495, 21 }, { 58, 173, 15 }, { 210, 479, 27 }, { 202, 504, 14 }, { 198, 510, 30 },
  { 158, 416, 16 }, { 165, 393, 14 }, { 201, 442, 25 }, { 157, 317, 52 }, { 131, 311, 16 }, { 166, 400, 34 },
  { 160, 337, 31 }, { 186, 423, 42 }, { 125, 334, 26 }, { 218, 533, 16 }, { 146, 344, 22 } }
local function normal(ndim)
  local names = {}
  for i = 1, ndim do names[i] = "x" .. i end
  return { parameters = names, log_prob = function(theta)
    local sum = 0
    for i = 1, #theta do sum = sum + theta[i] * theta[i] end
    return -0.5 * sum
  end }
end
local targets = {
  gaussian = { "models/gaussian.lua", { 1, 2, 3, 4, 5 }, 1, 32 },
  rosenbrock = { "models/rosenbrock.lua", { 1, 11 }, { 1, 1 }, 100 },
  normal = { normal(1), { 0 }, 1, 32 },
  hogg = { { parameters = { "m", "b" }, log_prob = function(theta, data)
    local sum = 0
    for i = 1, #data do
      local residual = (data[i][2] - theta.m * data[i][1] - theta.b) / data[i][3]
      sum = sum + residual * residual
    end
    return -0.5 * sum
  end }, { 2.2, 30 }, { 0.1, 10 }, 32 },
}
local target = targets[name]
local sampler = ensemble.run { model = target[1], start = ensemble.ball(target[2], target[3]), walkers = target[4],
  moves = ensemble.moves[move] {}, data = hogg, steps = steps, thin_by = thin_by, seed = seed, output = name .. ".db",
  quiet = true }
local tau = sampler:autocorr_time { discard = math.floor(steps / 20) }
local mean = 0
for i = 1, #tau do mean = mean + tau[i] / #tau end
print(("%.6g %.6g"):format(sampler:info().acceptance_fraction, mean))
for _, fraction in ipairs(sampler:acceptance_fraction()) do print(fraction) end
