-- element.lua TURNS: the sum of 10000 numbers by a loop over a table, by one over an array, and in C; and the log
-- density of as many points. Prints one line each: a name without spaces, and nanoseconds per element.
local ensemble = require "ensemble"

local N, turns = 10000, tonumber(arg[1])
local list = {}
for i = 1, N do list[i] = i / N end
local array = ensemble.array(list)
local work = ensemble.work(array)

local function sum_of(values)
  local sum = 0
  for i = 1, #values do sum = sum + values[i] end
  return sum
end

local function over_table() return sum_of(list) end

-- A function of its own, because LuaJIT compiles a loop for the type of the value that it traverses.
local function over_array()
  local sum = 0
  for i = 1, #array do sum = sum + array[i] end
  return sum
end

local cases = {
  { "table", over_table },
  { "array", over_array },
  { "sum", function() return array:sum() end },
  { "axpy", function() return work:axpy(1e-9, array) end },
  { "normal_lpdf", function() return ensemble.dist.normal_lpdf(array, 0.5, 2) end },
  { "normal_lpdf-arrays", function() return ensemble.dist.normal_lpdf(array, work, array) end },
}

for _, case in ipairs(cases) do
  local name, run = case[1], case[2]
  run()
  local begun = ensemble.now()
  for _ = 1, turns do run() end
  print(name, 1e9 * (ensemble.now() - begun) / turns / N)
end
