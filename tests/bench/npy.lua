-- npy.lua [FILE]: a model that is busy for 1 ms. With a .npy file, each worker reads all of its numbers in setup, and
-- each evaluation reads some.
local ensemble = require "ensemble"

local model = { ndim = 5 }
local array, total

function model.setup(data)
  array = data.array
  total = array and array:sum() or 0
end

function model.log_prob(theta)
  local stop = ensemble.now() + 0.001
  local sum = 0 * total
  for i = 1, 5 do sum = sum + theta[i] * theta[i] * (array and array[#array] or 1) end
  while ensemble.now() < stop do end
  return -0.5 * sum
end

local sampler = ensemble.run {
  model = model,
  data = { array = arg[1] and ensemble.read_npy(arg[1]) },
  walkers = 32,
  steps = 50,
  start = ensemble.ball({ 0, 0, 0, 0, 0 }, 1),
  moves = "emcee",
  seed = 1,
}

local info = sampler:info()
local peak -- of this process alone; the system's figure for an ended process includes its parent's memory at the fork
for line in io.lines("/proc/self/status") do peak = line:match("^VmHWM:%s*(%d+) kB") or peak end
print(info.evaluations, info.timing.wall_s, info.timing.model_s, peak)
