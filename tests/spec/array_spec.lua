-- Arrays in scripts and in models: both engines give the same elements, methods and messages, and LuaJIT compiles loops
-- over them. See docs/reference/data.md.
local helper = require "tests.spec.helper"

local HEAD = [[
local ensemble = require "ensemble"
local a = ensemble.array { 1.5, 2.5, 3.5 }
local m = ensemble.array { { 1, 2, 3 }, { 4, 5, 6 } }
local function fails(message, f, ...)
  local ok, text = pcall(f, ...)
  if ok or not tostring(text):find(message, 1, true) then
    error(("not %q but %s"):format(message, tostring(text)), 2)
  end
end
]]

local function passes(code)
  local dir = helper.directory()
  dir:write("run.lua", HEAD .. code)
  local result = dir:run { "run.lua" }
  assert.equal("", result.stderr)
  assert.equal(0, result.status)
  return result.stdout
end

describe("an array of " .. helper.name, function()
  it("gives its elements from 1 to its length, and nil beyond it", function()
    passes [[
assert(a[1] == 1.5 and a[3] == 3.5 and a[4] == nil and #a == 3)
assert(#m == 2 and m[2][3] == 6 and m[3] == nil and m:at(2, 3) == 6 and a:at(2) == 2.5)
local column = m:col(2)
assert(column[1] == 2 and column[2] == 5 and column[3] == nil and column:at(2) == 5)
local n = 0
while a[n + 1] do n = n + 1 end
assert(n == 3)
for i, x in ipairs(column) do assert(x == m:at(i, 2)) n = n + 1 end
assert(n == 5)]]
  end)

  it("has the same sum by a loop and by its method", function()
    passes [[
local list, pairs_of = {}, {}
for i = 1, 2000 do list[i], pairs_of[i] = i, { -i, 2 * i } end
local long, wide = ensemble.array(list), ensemble.array(pairs_of)
local column, sum, other, third = wide:col(2), 0, 0, 0
for i = 1, #long do
  sum, other, third = sum + long[i], other + column[i], third + wide:at(i, 1)
end
assert(sum == 2001000 and sum == long:sum() and other == column:sum() and third == -sum)]]
  end)

  it("rejects an invalid index and states the bounds", function()
    passes [[
fails("run.lua:10: index 0 is outside the array: axis 1 goes from 1 to 3", function() local x = a[0] return x end)
fails("index 5 is outside the array: axis 1 goes from 1 to 3", function() return a[5] end)
fails("index -1 is outside the array", function() return a[-1] end)
fails("index 1e+300 is outside the array", function() return a[1e300] end)
fails("an array's index must be a whole number from 1 to 3, not 1.5", function() return a[1.5] end)
fails("an array's index must be a whole number from 1 to 3, not ", function() return a[0 / 0] end)
fails("an array has no field 'foo'", function() return a.foo end)
fails("an array has no field '", function() return a[{}] end)
fails("index 4 is outside the array: axis 2 goes from 1 to 3", m.at, m, 1, 4)
fails("index 3 is outside the array: axis 1 goes from 1 to 2", m.at, m, 3, 1)
fails("an array's index must be a whole number from 1 to 3, not x", m.at, m, 1, "x")
fails("an array's index must be a whole number from 1 to 3, not 1.5", m.at, m, 1, 1.5)
fails("at takes 2 indices for this array, not 1", m.at, m, 1)
fails("at takes 2 indices for this array, not 3", m.at, m, 1, 2, 3)
fails("at takes 1 index for this array, not 2", a.at, a, 1, 2)
fails("an array's index must be a whole number from 1 to 3, not nothing", a.slice, a, 1)
fails("slice(0, 2) is outside the array: it goes from 1 to 3", a.slice, a, 0, 2)
fails("row: this array has one axis, but needs at least two", a.row, a, 1)]]
  end)

  it("reports the same errors in compiled and in interpreted code", function()
    passes [[
local function sum_to(n)
  local sum = 0
  for i = 1, n do sum = sum + a[i] end
  return sum
end
for _ = 1, 300 do assert(sum_to(3) == 7.5) end
fails("run.lua:12: attempt to perform arithmetic on", sum_to, 4)
local function total(step)
  local sum, i = 0, 1
  for _ = 1, 200 do sum = sum + a[i] i = i == 3 and 1 or i + step end
  return sum
end
for _ = 1, 100 do total(1) end
fails("not 1.5", total, 0.5)
fails("index 0 is outside", total, -1)]]
  end)

  it("is read-only", function()
    passes [[
fails("run.lua:10: arrays are read-only", function() a[1] = 5 end)
fails("arrays are read-only", function() a.x = 5 end)
for _ = 1, 200 do fails("arrays are read-only", function() a[2] = 5 end) end
assert(a[1] == 1.5 and a[2] == 2.5)]]
  end)

  it("has methods that reject arguments that are not arrays", function()
    passes [[
local got = { 5, "text", {}, print, io.stdout }
for _, value in ipairs(got) do
  fails("(array expected, got " .. type(value), a.sum, value)
  fails("(array expected, got " .. type(value), a.dot, a, value)
end
fails("(array expected, got no value)", a.sum)
fails("(array expected, got number)", a.at, 5, 1)
fails("dot: the arrays are 3 and 2 x 3: their shapes must be equal", a.dot, a, m)]]
  end)

  it("has a text, a shape, equality and a name in messages", function()
    passes [[
assert(tostring(a) == "array of 3" and tostring(m) == "array of 2 x 3" and tostring(m:row(1)) == "array of 3")
assert(select("#", m:shape()) == 2 and select(2, m:shape()) == 3)
assert(a == a and a ~= m and a ~= "x" and a ~= nil)
local seen = { [a] = 1 }
assert(seen[a] == 1 and seen[m] == nil)
fails("field 'steps' is an array of 3: give a whole number", ensemble.sampler,
  { model = { ndim = 1, log_prob = function() return 0 end }, steps = a })
fails("normal_lpdf: x is an array of 2 axes", ensemble.dist.normal_lpdf, m, 0, 1)]]
  end)

  it("lives as long as a view of it, while others are collected", function()
    passes [[
local function column() return ensemble.array({ { 1, 2 }, { 3, 4 } }):col(2) end
local kept = column()
for i = 1, 20000 do
  local big = ensemble.array { { i, 2 }, { 3, 4 } }
  assert(big:row(1)[1] == i and big[2][2] == 4)
end
collectgarbage()
collectgarbage()
assert(kept[1] == 2 and kept[2] == 4)]]
  end)

  it("is shared by all workers, captured or as data", function()
    local dir = helper.directory()
    dir:write("run.lua", HEAD .. [[
local captured = m:col(3)
local model = { parameters = { "x" } }
function model.log_prob(theta, data)
  local sum = 0
  for i = 1, #data.a do sum = sum + data.a[i] end
  assert(sum == 7.5 and captured[1] == 3 and captured[2] == 6 and data.nested.m:at(2, 1) == 4 and data.a[4] == nil)
  assert(ensemble.dist.normal_lpdf(data.a, data.a, 1) < 0 and tostring(captured) == "array of 2")
  return -theta.x ^ 2
end
ensemble.run { model = model, data = { a = a, nested = { m = m } }, start = ensemble.ball({ 0 }, 1), steps = 50,
  workers = 3, seed = 1, quiet = true }
print "done"]])
    local result = dir:run { "run.lua" }
    assert.equal("", result.stderr)
    assert.equal("done\n", result.stdout)
  end)
end)

if not helper.is_luajit then return end

describe("LuaJIT", function()
  it("does not accept other cdata as an array, nor a copy of one", function()
    passes [[
local ffi = require "ffi"
for _, value in ipairs { ffi.new "char", ffi.new "struct {}", ffi.new "int64_t", ffi.new "double[100]",
    ffi.typeof "int", ffi.typeof(a), ffi.typeof(a)(), ffi.typeof(a)(a) } do
  fails("(array expected, got cdata)", a.sum, value)
end
collectgarbage()
fails("constant", function() a.ensemble_data = nil end)
assert(a:sum() == 7.5)]]
  end)

  it("compiles loops over arrays", function()
    passes [[
local report = {}
jit.attach(function(what, _, _, _, code) report[#report + 1] = what .. (what == "abort" and code or "") end, "trace")
local list = {}
for i = 1, 100 do list[i] = i end
local long, wide = ensemble.array(list), ensemble.array { list, list }
local function loop()
  local sum = 0
  for i = 1, #long do sum = sum + long[i] * wide:at(2, i) end
  return sum
end
report = {}
for _ = 1, 100 do loop() end
jit.attach(function() end)
local text = table.concat(report, " ")
assert(text:find("stop") and not text:find("abort"), text)]]
  end)

  -- Runs a model in a worker with a little data, and prints each trace that LuaJIT stopped or aborted.
  local LISTEN = [[
local model, vmdef = dofile(%q), require "jit.vmdef"
local setup = model.setup
local function listen(what, trace, func, pc, code, reason)
  local info = func and require("jit.util").funcinfo(func, pc)
  if what == "stop" then
    print("stop " .. require("jit.util").traceinfo(trace).linktype)
  elseif what == "abort" and info.source:find("models/") then
    print("abort " .. vmdef.traceerr[code]:gsub("%%%%.*", "") .. " " .. tostring(reason) .. " " .. info.loc)
  end
end
function model.setup(data)
  if setup then setup(data) end
  jit.attach(listen, "trace")
end
return model]]

  local LINE = "{ line = { x = { 0, 1, 2, 3, 4, 5 }, y = { 4, 3, 2, 2, 1, 0 }, yerr = { 1, 1, 1, 1, 1, 1 } } }"
  for _, case in ipairs {
    { "line", LINE, "{ -1, 4.5, -0.7 }" },
    { "line_outliers", LINE, "{ -1, 4, 0.3, 2, 2 }" },
    { "gaussian", "nil", "{ 1, 2, 3, 4, 5 }" },
    { "rosenbrock", "nil", "{ 1, 1 }" },
  } do
    it("compiles all of models/" .. case[1] .. ".lua", function()
      local dir = helper.directory()
      dir:write("model.lua", LISTEN:format(helper.root .. "/models/" .. case[1] .. ".lua"))
      dir:write("run.lua", ([[
local ensemble = require "ensemble"
ensemble.run { model = "model.lua", data = %s, start = ensemble.ball(%s, 0.01), steps = 400, workers = 1, seed = 1,
  quiet = true }]]):format(case[2], case[3]))
      local result = dir:run { "run.lua" }
      assert.equal("", result.stderr)
      assert.truthy(result.stdout:find("stop ", 1, true), "nothing was compiled: " .. result.stdout)
      for line in result.stdout:gmatch("[^\n]+") do
        assert.falsy(line:find("NYI", 1, true) or line:find("blacklisted", 1, true) or line:find("stitch", 1, true)
          or line:find("interpreter", 1, true), result.stdout)
      end
    end)
  end
end)
