-- ensemble.autocorr beside emcee.autocorr, and its own answers where emcee raises an error.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local WRITE = [[
local ensemble = require "ensemble"
local file = assert(io.open("cases.txt", "w"))
local state = 1
local function noise()
  state = (state * 16807) % 2147483647
  return state / 2147483647 - 0.5
end
-- An AR(1) series as nested tables [n][walkers][dim]; an axis whose size is nil is left out.
local function series(n, walkers, dim, memory)
  local now, rows, flat = {}, {}, {}
  for t = 1, n do
    local row = {}
    for w = 1, walkers or 1 do
      local values = {}
      for d = 1, dim or 1 do
        local i = w * 100 + d
        now[i] = memory * (now[i] or 0) + noise()
        values[d] = now[i] + 10 * d
        flat[#flat + 1] = ("%.17g"):format(values[d])
      end
      row[w] = dim and values or values[1]
    end
    rows[t] = walkers and row or row[1]
  end
  return rows, table.concat(flat, " ")
end
local function numbers(list)
  local out = {}
  for i = 1, #list do out[i] = ("%.17g"):format(list[i]) end
  return table.concat(out, " ")
end
local function write(what, shape, c, flat, answer)
  file:write(what, " ", shape, " ", c, " ", flat, " | ", numbers(answer), "\n")
end
for _, n in ipairs { 2, 3, 16, 100, 1000, 1025 } do
  local x, flat = series(n, nil, nil, 0.7)
  write("function", n, 5, flat, ensemble.autocorr.function_1d(x))
  write("time", n, 5, flat, ensemble.autocorr.integrated_time(ensemble.array(x), { quiet = true }))
end
for _, c in ipairs { 1, 5, 12.5 } do
  local x, flat = series(400, 6, nil, 0.9)
  write("time", "400x6", c, flat, ensemble.autocorr.integrated_time(x, { c = c, quiet = true }))
  x, flat = series(3000, 4, 3, 0.95)
  write("time", "3000x4x3", c, flat, ensemble.autocorr.integrated_time(x, { c = c, tol = 0 }))
end
-- A part of an array, whose rows are not contiguous in memory.
local x = ensemble.array((series(500, 3, nil, 0.8)))
local column = x:col(2)
local flat = {}
for i = 1, 500 do flat[i] = ("%.17g"):format(column[i]) end
write("time", "500", 5, table.concat(flat, " "), ensemble.autocorr.integrated_time(column, { tol = 0 }))
file:close()
]]

describe(helper.name .. "'s ensemble.autocorr", function()
  local dir

  setup(function() dir = helper.directory() end)

  it("is emcee.autocorr to 1e-10", function()
    if not python.with "numpy, emcee" then return pending("no python3 has emcee: scripts/install-deps bench") end
    local result = dir:script(WRITE)
    assert.equal(0, result.status, result.stderr)
    assert.equal("", result.stderr)
    assert.equal("19\n", assert(python.call_with("numpy, emcee", "autocorrcheck.py", dir:file("cases.txt"))))
  end)

  it("agrees with a sampler's autocorr_time", function()
    local result = dir:script [[
      local ensemble = require "ensemble"
      local model = { ndim = 2, log_prob = function(t) return -0.5 * (t[1] ^ 2 + t[2] ^ 2) end }
      local s = ensemble.run { model = model, start = ensemble.ball({ 0, 0 }, 1), steps = 400, seed = 1, quiet = true }
      local a = ensemble.autocorr.integrated_time(s:chain())
      local b = s:autocorr_time()
      for d = 1, 2 do assert(math.abs(a[d] / b[d] - 1) < 1e-12) end]]
    assert.equal(0, result.status, result.stderr)
  end)

  it("warns that a chain is short, says how long would do, and still answers", function()
    local text = [[
      local ensemble = require "ensemble"
      local x = {}
      for i = 1, 100 do x[i] = { i %% 2, i } end
      local tau, warning = ensemble.autocorr.integrated_time(%s)
      print(#tau, tau[1] > 0, warning)]]
    local result = dir:script(text:format("x"))
    assert.equal(0, result.status, result.stderr)
    local warning = result.stdout:match("^1\ttrue\t(the chain has 100 steps, .* more steps would do)\n$")
    assert.truthy(warning, result.stdout)
    assert.equal("ensemble-lua: warning: " .. warning .. "\n", result.stderr)
    assert.truthy(warning:find("times the autocorrelation time of the series", 1, true))
    assert.equal("", dir:script(text:format("x, { quiet = true }")).stderr)
    local constant = dir:script(text:format("{ 1, 1, 1 }"))
    assert.equal("1\tfalse\tthe autocorrelation time is unknown: the chain does not move\n", constant.stdout)
  end)

  it("names an argument that it cannot use", function()
    local cases = {
      { "integrated_time(5)", "integrated_time: x is 5: give an array [steps], [steps][walkers] or "
        .. "[steps][walkers][parameter]" },
      { "integrated_time({ { { { 1 } } } })", "integrated_time: x has 4 axes: give an array" },
      { "integrated_time({})", "" },
      { "integrated_time({ 1, 'x' })", "" },
      { "integrated_time({ 1, 2 }, { toll = 1 })", "integrated_time: unknown field 'toll': did you mean 'tol'?" },
      { "integrated_time({ 1, 2 }, { c = 0 })", "integrated_time: field 'c' is 0: give a number above 0" },
      { "integrated_time({ 1, 2 }, 5)", "integrated_time: the options are 5: give a table" },
      { "function_1d({ { 1, 2 }, { 3, 4 } })", "function_1d: x has 2 axes: give an array of one axis" },
    }
    for _, case in ipairs(cases) do
      local result = dir:script("local e = require 'ensemble'\ne.autocorr." .. case[1])
      assert.equal(1, result.status, case[1] .. result.stderr)
      assert.truthy(result.stderr:find("run.lua:2: " .. case[2], 1, true), result.stderr)
    end
  end)
end)
