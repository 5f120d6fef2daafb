-- Work arrays, their methods and their linear algebra, in scripts and models: equal answers and messages under both
-- engines, with the program's own code and with LAPACK's.
local helper = require "tests.spec.helper"

local HEAD = [[
local ensemble = require "ensemble"
local dist, work, array = ensemble.dist, ensemble.work, ensemble.array
local function fails(message, f, ...)
  local ok, text = pcall(f, ...)
  if ok or not tostring(text):find(message, 1, true) then
    error(("not %q but %s"):format(message, tostring(text)), 2)
  end
end
local function near(x, y, tolerance)
  if math.abs(x - y) > (tolerance or 1e-12) * math.max(math.abs(x), math.abs(y), 1e-300) then
    error(("%.17g is not %.17g"):format(x, y), 2)
  end
end
local function same(a, list)
  if a.totable then a = a:totable() end
  if #a ~= #list then error(("%d elements, not %d"):format(#a, #list), 2) end
  for i = 1, #list do
    if type(list[i]) == "table" then same(a[i], list[i]) elseif a[i] ~= list[i] then
      error(("[%d] is %.17g, not %.17g"):format(i, a[i], list[i]), 2)
    end
  end
end
]]

local function passes(code, env)
  local dir = helper.directory()
  dir:write("run.lua", HEAD .. code)
  local result = dir:run { "run.lua", env = env }
  assert.equal("", result.stderr)
  assert.equal(0, result.status)
  return result.stdout
end

describe("a work array of " .. helper.name, function()
  it("contains zeros, or the numbers of a table or an array", function()
    passes [[
same(work(3), { 0, 0, 0 })
same(work(2, 2), { { 0, 0 }, { 0, 0 } })
local read_only = array { 1, 2 }
local w = work(read_only)
w[1] = 5
same(w, { 5, 2 }) same(read_only, { 1, 2 })
same(work { { 1, 2 }, { 3, 4 } }, { { 1, 2 }, { 3, 4 } })
assert(tostring(work(2, 3)) == "work array of 2 x 3" and #work(2, 3) == 2)]]
  end)

  it("is written by index, by set, and through its views", function()
    passes [[
local w, m = work(3), work(3, 2)
w[1], w[3] = 1, 3
for i = 1, 3 do for j = 1, 2 do m:set(i, j, 10 * i + j) end end
same(w, { 1, 0, 3 }) same(m, { { 11, 12 }, { 21, 22 }, { 31, 32 } })
m:row(1)[2], m:col(1)[3], m:slice(2, 2)[1][1] = 5, 6, 7
m:diagonal():fill(0)
same(m, { { 0, 5 }, { 7, 0 }, { 6, 32 } })
same(array { { 1, 2, 3 }, { 4, 5, 6 } }:diagonal(), { 1, 5 })
local copy, still = w:copy(), array(w)
w:fill(9)
same(copy, { 1, 0, 3 }) same(still, { 1, 0, 3 })
copy[1] = 2
fails("arrays are read-only", function() still[1] = 2 end)
local sum = 0
for i = 1, 300 do w[i % 3 + 1] = i m:set(i % 3 + 1, 2, i) sum = sum + w[i % 3 + 1] + m:at(i % 3 + 1, 2) end
assert(sum == 300 * 301)]]
  end)

  it("takes numbers, arrays and lists, element by element", function()
    passes [[
local w = work(3)
same(w:fill(2), { 2, 2, 2 })
same(w:fill { 1, 2, 4 }, { 1, 2, 4 })
same(w:add(1), { 2, 3, 5 })
same(w:sub(array { 1, 1, 1 }), { 1, 2, 4 })
same(w:mul(w), { 1, 4, 16 })
same(w:div { 1, 2, 4 }, { 1, 2, 4 })
same(w:axpy(2, { 1, 0, -1 }), { 3, 2, 2 })
same(w:axpy(2, 0.5), { 4, 3, 3 })
same(w:pow(2), { 16, 9, 9 })
same(w:sqrt(), { 4, 3, 3 })
same(work(2, 2):fill(array { { 1, 2 }, { 3, 4 } }):mul(2), { { 2, 4 }, { 6, 8 } })
local m = work { { 1, 2 }, { 3, 4 } }
m:col(2):add(m:col(1))
same(m, { { 1, 3 }, { 3, 7 } })
local w = work { 0, 3, -math.huge }:logaddexp { 0, 1, -math.huge }
near(w[1], math.log(2)) near(w[2], math.log(math.exp(3) + math.exp(1))) assert(w[3] == -math.huge)
near(work({ 1000 }):logaddexp(1000)[1], 1000 + math.log(2))
local x = { 0.25, 1.5 }
for name, value in pairs { exp = math.exp, log = math.log, sin = math.sin, cos = math.cos, abs = math.abs,
    expm1 = function(y) return math.exp(y) - 1 end, log1p = function(y) return math.log(1 + y) end,
    tanh = function(y) return (math.exp(2 * y) - 1) / (math.exp(2 * y) + 1) end } do
  local f = work(x)
  f[name](f)
  for i = 1, 2 do near(f[i], value(x[i])) end
end
assert(work({ 1, 2 }):dot(array { 3, 4 }) == 11)]]
  end)

  it("can take a shifted view of itself as an argument", function()
    passes [[
local w = work { 1, 2, 3, 4 }
w:slice(2, 4):add(w:slice(1, 3))
same(w, { 1, 3, 5, 7 })
local m = work { { 1, 2 }, { 3, 4 } }
m:row(1):add(m:col(1))
same(m, { { 2, 5 }, { 3, 4 } })]]
  end)

  it("rejects wrong arguments and names them", function()
    passes [[
local w, m, a = work(3), work(2, 3), array { 1, 2, 3 }
fails("run.lua:24: fill: this array is read-only", function() local x = a:fill(1) return x end)
fails("exp: this array is read-only", a.exp, a)
fails("cholesky: this array is read-only", a.cholesky, a)
fails("arrays are read-only", a.set, a, 1, 1)
fails("add: the array is 3, x is 2 x 3: give a number or the same shape", w.add, w, m)
fails("add: the array is 3, x is 2: give a number or the same shape", w.add, w, { 1, 2 })
fails("add: x is a string: give a number, an array or a list of numbers", w.add, w, "1")
fails("add: x is missing", w.add, w)
fails("add: x[2] is a string: a list may hold numbers only", w.add, w, { 1, "2", 3 })
fails("axpy: its first argument is a table: give a number", w.axpy, w, {}, 1)
fails("axpy: x is missing", w.axpy, w, 1)
fails("(array expected, got number)", w.add, 1, 1)
fails("index 4 is outside the array: axis 1 goes from 1 to 3", function() w[4] = 1 end)
fails("index 0 is outside the array", function() w[0] = 1 end)
fails("an array's index must be a whole number from 1 to 3, not x", function() w.x = 1 end)
fails("an element must be a number, not a string", function() w[1] = "1" end)
fails("an element must be a number, not nil", function() w[1] = nil end)
fails("write an element of an array of 2 axes with set, as in w:set(i, j, x)", function() m[1] = 1 end)
fails("set takes 2 indices and a number for this array, not 1", m.set, m, 1, 1)
fails("index 4 is outside the array: axis 2 goes from 1 to 3", m.set, m, 1, 4, 1)
fails("an element must be a number, not a table", m.set, m, 1, 1, {})
fails("diagonal: this array has 1 axis, but needs two", w.diagonal, w)
fails("ensemble.work: axis 1 is 0: give a whole number of at least 1", work, 0)
fails("ensemble.work: axis 2 is x: give a whole number of at least 1", work, 2, "x")
fails("ensemble.work: axis 1 is 2.5: give a whole number of at least 1", work, 2.5)
fails("ensemble.work takes at most 8 axes, not 9", work, 1, 1, 1, 1, 1, 1, 1, 1, 1)
fails("ensemble.work: not enough memory for an array of 10000000000 x 10000000000", work, 1e10, 1e10)
fails("ensemble.work takes a table of numbers", work)
fails("ensemble.work: [2] is a table: it must be a number", work, { 1, {} })]]
  end)

  -- If the collector did not count their memory, these arrays would take 3 GB. A sanitizer keeps about 300 MB of freed
  -- memory.
  it("is collected in time", function()
    passes [[
local function resident()
  local file = assert(io.open "/proc/self/statm")
  local pages = tonumber(file:read("*a"):match("^%d+ (%d+)"))
  file:close()
  return pages * 4 / 1024
end
local before, most = resident(), 0
for i = 1, 4000 do
  work(1e5):fill(i)
  if i % 50 == 0 then most = math.max(most, resident() - before) end
end
assert(most < 700, most)]]
  end)

  it("is copied into each worker, and belongs to that worker", function()
    passes [[
local w, m = work(2), work { { 1, 2 }, { 3, 4 } }
local model = { parameters = { "x" } }
local calls = 0
function model.log_prob(theta)
  calls = calls + 1
  w[1] = w[1] + 1
  m:diagonal():fill(theta.x)
  assert(w[1] == calls and m:at(2, 2) == theta.x and m:at(2, 1) == 3 and tostring(w) == "work array of 2")
  return -w:copy():fill(theta.x):mul(theta.x)[2]
end
ensemble.run { model = model, start = ensemble.ball({ 0 }, 1), steps = 50, workers = 3, seed = 1,
  quiet = true }:summary()
same(w, { 0, 0 })
fails("field 'data': data.w is a work array, which belongs to one state: give ensemble.array(w)", ensemble.sampler,
  { model = model, data = { w = w }, steps = 5 })]]
  end)
end)

-- Runs once with the program's own code, and once with LAPACK's if one can be loaded.
local function algebra(name, env)
  describe(helper.name .. ", linear algebra by " .. name, function()
    it("factors a matrix and solves with the factor", function()
      passes([[
local A = { { 4, 2, -2 }, { 2, 5, 1 }, { -2, 1, 6 } }
local K = work(A)
local L = K:cholesky()
assert(L == K)
same(L, { { 2, 0, 0 }, { 1, 2, 0 }, { -1, 1, 2 } })
near(L:cholesky_log_det(), math.log(64))
local x = work { 1, 2, 3 }:solve_triangular(L):solve_triangular(L, "T")
local b = work(3):matmul(A, x)
for i = 1, 3 do near(b[i], i) end
local X = work { { 1, 0 }, { 2, 1 }, { 3, -1 } }:solve_triangular(L):solve_triangular(L, "T")
local B = work(3, 2):matmul(array(A), X)
for i = 1, 3 do near(B:at(i, 1), i) near(1 + B:at(i, 2), 1 + ({ 0, 1, -1 })[i]) end
same(work(2):matmul({ { 1, 2, 3 }, { 4, 5, 6 } }, { 1, 0, -1 }), { -2, -2 })
same(work(2, 2):matmul({ { 1, 2 }, { 3, 4 } }, { { 0, 1 }, { 1, 0 } }), { { 2, 1 }, { 4, 3 } })]], env)
    end)

    it("works on views, on its own operands, and on arrays with gaps", function()
      passes([[
local m = work { { 4, 9, 2 }, { 2, 9, 5 } }
local three = work { { { 4, 1 }, { 2, 1 } }, { { 2, 1 }, { 5, 1 } } }
local square, right = work(2, 2), m:col(1)
for i = 1, 2 do for j = 1, 2 do square:set(i, j, three:at(i, j, 1)) end end
local L = square:copy():cholesky()
right:solve_triangular(L):solve_triangular(L, "T")
near(m:at(1, 1), 1) near(1 + m:at(2, 1), 1) assert(m:at(1, 2) == 9)
same(square:matmul(square, square), { { 20, 18 }, { 18, 29 } })
local rows = work { { 4, 2, 7 }, { 2, 5, 7 }, { 7, 7, 7 } }
local corner = rows:slice(1, 2)
fails("cholesky: the array is 2 x 3: give a square matrix", corner.cholesky, corner)
near(dist.multi_normal_cholesky_lpdf(right, m:col(1), L), -math.log(2 * math.pi) - L:cholesky_log_det() / 2)]], env)
    end)

    it("returns the order of the minor that is not positive", function()
      passes([[
local ok, message, order = work({ { 4, 2, 0 }, { 2, 5, 0 }, { 0, 0, -1 } }):cholesky()
assert(ok == nil and order == 3)
assert(message == "the matrix is not positive definite: its leading minor of order 3 is not positive", message)
assert(select(3, work({ { 0.01, 0.03 }, { 0.03, 0.09 } }):cholesky()) == 2)
assert(select(3, work({ { 0 / 0 } }):cholesky()) == 1)
fails("multi_normal_lpdf: the covariance is not positive definite: its leading minor of order 2 is not positive",
  dist.multi_normal_lpdf, { 1, 2 }, 0, { { 1, 2 }, { 2, 1 } })]], env)
    end)

    it("gives the normal density of a vector", function()
      passes([[
local mean, C, x = { 1, 2 }, { { 4, 1 }, { 1, 2 } }, { 2, 0 }
local exact = -math.log(2 * math.pi) - math.log(7) / 2 - (2 * 1 - 2 * 1 * 1 * -2 + 4 * 4) / 7 / 2
near(dist.multi_normal_lpdf(x, mean, C), exact)
near(dist.multi_normal_lpdf(array(x), work(mean), array(C)), exact)
near(dist.multi_normal_cholesky_lpdf(x, mean, work(C):cholesky()), exact)
near(dist.multi_normal_lpdf({ 1, -2 }, 0, C), dist.multi_normal_lpdf({ 2, -1 }, 1, C))
assert(dist.multi_normal_lpdf({ 1, -math.huge }, 0, C) == -math.huge)
local nan = dist.multi_normal_lpdf({ 1, 0 / 0 }, 0, C)
assert(nan ~= nan)
nan = dist.multi_normal_lpdf(x, 0, { { 1, 0 / 0 }, { 0, 1 } })
assert(nan ~= nan)]], env)
    end)

    it("rejects shapes that do not match, and names both", function()
      passes([[
local K, w = work { { 4, 2 }, { 2, 5 } }, work(3)
fails("cholesky: the array is 3: give a square matrix", w.cholesky, w)
fails("cholesky: the array is 2 x 3: give a square matrix", work(2, 3).cholesky, work(2, 3))
fails("cholesky_log_det: the array is 3: give a square matrix", w.cholesky_log_det, w)
fails("solve_triangular: L is 2 x 2, but the right side is 3", w.solve_triangular, w, K)
fails("solve_triangular: L is 2 x 2, but the right side is 3 x 2", w.solve_triangular, work(3, 2), K)
fails("solve_triangular: L is an array of 3: give a matrix", w.solve_triangular, w, w)
fails("solve_triangular: L is no value: give a matrix", w.solve_triangular, w)
fails("solve_triangular: the third argument is x: give 'T'", w.solve_triangular, work(2), K, "x")
fails("matmul: A is 2 x 2, but B is 3", w.matmul, w, K, w)
fails("matmul: the array is 3, but A is 2 x 2 and B is 2", w.matmul, w, K, { 1, 2 })
fails("matmul: A is a number: give a matrix", w.matmul, w, 5, w)
fails("matmul: B is a number: give a matrix or a vector", w.matmul, w, K, 5)
fails("multi_normal_lpdf takes 3 arguments, x, mean and covariance, not 2", dist.multi_normal_lpdf, { 1 }, 0)
fails("multi_normal_lpdf: x is 3, but the matrix is 2 x 2", dist.multi_normal_lpdf, { 1, 2, 3 }, 0, K)
fails("multi_normal_lpdf: mean is 1, but the matrix is 2 x 2", dist.multi_normal_lpdf, { 1, 2 }, { 0 }, K)
fails("multi_normal_lpdf: covariance is not symmetric: [2][1] is 3, [1][2] is 2", dist.multi_normal_lpdf, { 1, 2 }, 0,
  { { 1, 2 }, { 3, 1 } })
fails("multi_normal_lpdf: covariance is 2 x 3: give a square matrix", dist.multi_normal_lpdf, { 1, 2 }, 0, work(2, 3))
fails("multi_normal_cholesky_lpdf: L is a number: give a matrix", dist.multi_normal_cholesky_lpdf, { 1, 2 }, 0, 1)]],
        env)
    end)
  end)
end

algebra("the program", {})

local dir = helper.directory()
dir:write("run.lua", "")
if dir:run({ "run.lua", env = { ENSEMBLE_LAPACK = "1" } }).status == 0 then
  algebra("LAPACK", { ENSEMBLE_LAPACK = "1" })
end

describe(helper.name .. " with ENSEMBLE_LAPACK", function()
  it("reports a library that is missing or not LAPACK", function()
    for library, message in pairs {
      ["./liblapack.so"] = "ensemble-lua: ENSEMBLE_LAPACK is './liblapack.so', but no LAPACK can be loaded: ",
      ["libz.so.1"] = "ensemble-lua: ENSEMBLE_LAPACK is 'libz.so.1', which is not a LAPACK library: ",
    } do
      local result = dir:run { "run.lua", env = { ENSEMBLE_LAPACK = library } }
      assert.equal(2, result.status)
      assert.equal(message, result.stderr:sub(1, #message))
    end
  end)
end)

describe("kernels inside a model of " .. helper.name, function()
  it("give the chain of a plain loop, with any number of workers", function()
    local script = [[
local ensemble = require "ensemble"
local x, y, s = ensemble.array { 1, 2, 3, 4, 5 }, ensemble.array { 1.1, 1.9, 3.2, 3.9, 5.1 }, 0.3
local mu = ensemble.work(5)
local function by_kernels(theta)
  return ensemble.dist.normal_lpdf(y, mu:fill(theta.b):axpy(theta.m, x), s)
end
local function by_loop(theta)
  local sum = 0
  for i = 1, #x do
    sum = sum + ensemble.dist.normal_lpdf(y[i], theta.b + theta.m * x[i], s)
  end
  return sum
end
local function run(f, workers)
  local sampler = ensemble.run { model = { parameters = { "m", "b" }, log_prob = f }, walkers = 8, steps = 30,
    start = ensemble.ball({ 1, 0 }, 0.1), seed = 1, workers = workers, quiet = true }
  local last = sampler:last().coords:row(3)
  return ("%.17g %.17g"):format(last[1], last[2])
end
local one = run(by_kernels, 1)
assert(one == run(by_kernels, 3))
assert(one == run(by_loop, 2))]]
    dir:write("model.lua", script)
    local result = dir:run { "model.lua" }
    assert.equal("", result.stderr)
  end)
end)
