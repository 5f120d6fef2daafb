-- Bare C functions inside models: ensemble.cfunction, and LuaJIT's ffi pointers. See docs/reference/model.md.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"

local library = compile.library([[
#include <math.h>
#include <stddef.h>
double f(const double *theta, size_t ndim, void *context) {
  double sum = context ? NAN : 0;
  for (size_t i = 0; i < ndim; i++) sum += theta[i] * theta[i];
  return theta[0] > 30 ? NAN : -0.5 * sum;
}
double other(double x) { return x; }
double narrow(const double *theta, int ndim, void *context) { return context ? theta[ndim] : 0; }
int table[10];
]])
local another = compile.library([[
#include <stddef.h>
double f(const double *theta, size_t ndim, void *context) { return ndim && !context ? -theta[0] * theta[0] : 0; }
]])

local head = ([[
local ensemble = require "ensemble"
local library = %q
local function sample(model, start)
  local sampler = ensemble.run { model = model, start = start or ensemble.ball({ 0, 0 }, 0.3), steps = 40, seed = 3,
    workers = tonumber(os.getenv "WORKERS"), progress = "none", quiet = true, output = os.getenv "OUTPUT" }
  for _, state in ipairs(sampler:chain { flat = true }:totable()) do print(("%%a %%a"):format(state[1], state[2])) end
end
]]):format(library)

local in_lua = [[sample { parameters = { "x", "y" }, log_prob = function(t)
  local sum = 0
  for i = 1, 2 do sum = sum + t[i] * t[i] end
  return -0.5 * sum
end }]]

describe(helper.name .. " with C functions in models", function()
  local dir, expected

  before_each(function() dir = helper.directory() end)

  local function run(text, workers, output)
    return dir:script(head .. text, { env = { WORKERS = workers or 1, OUTPUT = output } })
  end

  local function gives_the_chain(text)
    expected = expected or run(in_lua).stdout
    assert.truthy(#expected > 1000)
    for _, workers in ipairs { 1, 3 } do
      local result = run(text, workers)
      assert.equal(0, result.status, result.stderr)
      assert.equal(expected, result.stdout, text)
    end
  end

  it("calls one with a list or an array of any layout", function()
    local result = run([[
local f = ensemble.cfunction(library, "f")
local long = {}
for i = 1, 100 do long[i] = 1 end
local matrix = {}
for i = 1, 100 do matrix[i] = { 1, 2 } end
print(f { 1, 2 }, f(ensemble.array { 1, 3 }), f(ensemble.array { { 1, 2 }, { 3, 4 } }:col(2)), f(long),
  f(ensemble.array(matrix):col(2)), (tostring(f):gsub("/.*/", "")))]])
    assert.equal(0, result.status, result.stderr)
    assert.equal("-2.5 -5 -10 -50 -200 C function lib.so: f\n",
      (result.stdout:gsub("%.0", ""):gsub("\t", " "):gsub("lib%d+", "lib")))
  end)

  it("samples with one as log_prob, captured, in a table, or as one part of two", function()
    gives_the_chain 'sample { parameters = { "x", "y" }, log_prob = ensemble.cfunction(library, "f") }'
    gives_the_chain [[
local f = ensemble.cfunction(library, "f")
local deep = { { f = f } }
sample { parameters = { "x", "y" }, log_prob = function(t) return 0.5 * (f(t) + deep[1].f { t.x, t.y }) end }]]
    gives_the_chain [[sample { parameters = { "x", "y" }, log_prior = function() return 0 end,
      log_likelihood = ensemble.cfunction(library, "f") }]]
    dir:write("model.lua", ([[
return { parameters = { "x", "y" }, log_prob = require("ensemble").cfunction(%q, "f") }]]):format(library))
    gives_the_chain 'sample "model.lua"'
  end)

  it("adds the model's priors to one without Lua", function()
    local prior = 'priors = { x = ensemble.prior.normal(0, 1), y = ensemble.prior.uniform(-2, 2) }'
    local plain = run(([[sample({ parameters = { "x", "y" }, %s, log_likelihood = function(t)
      return -0.5 * (t.x * t.x + t.y * t.y) end }, "prior")]]):format(prior))
    local native = run(([[sample({ parameters = { "x", "y" }, %s,
      log_likelihood = ensemble.cfunction(library, "f") }, "prior")]]):format(prior))
    assert.equal(0, plain.status, plain.stderr)
    assert.equal(plain.stdout, native.stdout, native.stderr)
  end)

  it("finds a library beside the file that names it, then in the folder that the program runs in", function()
    dir:write("deep/model.lua", [[
return { parameters = { "x", "y" }, log_prob = require("ensemble").cfunction("beside.so", "f") }]])
    os.execute(("cp %s %s"):format(helper.quote(library), helper.quote(dir:file("deep/beside.so"))))
    os.execute(("cp %s %s"):format(helper.quote(library), helper.quote(dir:file("here.so"))))
    gives_the_chain 'sample "deep/model.lua"'
    gives_the_chain 'sample { parameters = { "x", "y" }, log_prob = ensemble.cfunction("./here.so", "f") }'
  end)

  it("reports errors in an argument, a name, a model", function()
    local cases = {
      { "f()", ": f: the argument is missing: give a list of numbers or an array" },
      { "f(nil)", ": f: the argument is nil: give" },
      { "f(3)", ": f: the argument is a number: give" },
      { "f { 1, 'x' }", ": f: element 2 of the list is a string: give numbers only" },
      { "f(ensemble.array { { 1 } })", ": f: the argument is an array of 2 axes: give one of 1" },
      { "ensemble.cfunction(3, 'f')", "cfunction: the path is 3: give the name of a shared library" },
      { "ensemble.cfunction(library)", "cfunction: the symbol is nil: give the name of a function" },
      { "ensemble.cfunction(library, 'g')", "has no symbol 'g': check the function's name" },
      { "ensemble.cfunction(library, 'table')", "'table' of '" .. library .. "' is data: give the name of a function" },
      { "ensemble.cfunction('./nowhere.so', 'f')", "the library cannot be loaded: ./nowhere.so" },
      { "sample { parameters = { 'x' }, blobs = { 'b' }, log_prob = f }", "which returns none: leave blobs out" },
    }
    for _, case in ipairs(cases) do
      local result = run('local f = ensemble.cfunction(library, "f")\n' .. case[1])
      assert.truthy(result.status == 1 or result.status == 2, result.stdout)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
      assert.truthy(result.stderr:find("run.lua", 1, true), result.stderr)
    end
    local result = run([[sample({ parameters = { "x", "y" }, log_prob = ensemble.cfunction(library, "f") },
      ensemble.ball({ 40, 0 }, 0.3))]])
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("%.so: f returned NaN\n  at the start, walker %d+: x = "), result.stderr)
  end)

  it("does not resume a stored run if the library has changed", function()
    dir:write("model.lua", [[
return { parameters = { "x", "y" }, log_prob = require("ensemble").cfunction("./f.so", "f") }]])
    for _, model in ipairs { '"model.lua"', '{ ndim = 2, log_prob = ensemble.cfunction("./f.so", "f") }' } do
      local function sample(from)
        local copy = helper.quote(dir:file("f.so"))
        os.execute(("rm -f %s && cp %s %s"):format(copy, helper.quote(from), copy))
        return run("sample(" .. model .. ")", 1, model:sub(1, 1) == "{" and "inline.db" or "file.db")
      end
      assert.equal(0, sample(library).status)
      local again = sample(library)
      assert.equal(0, again.status, again.stderr)
      local changed = sample(another)
      assert.equal(2, changed.status)
      assert.truthy(changed.stderr:find("the model has changed", 1, true), changed.stderr)
    end
  end)

  if not helper.is_luajit then return end

  local declare = [[
local ffi = require "ffi"
ffi.cdef "double f(const double *theta, size_t ndim, void *context); double other(double); int table[10];"
ffi.cdef "double narrow(const double *, int, void *);"
local C = ffi.load(library)
local bare = "double (*)(const double *, size_t, void *)"
]]

  it("samples with a ffi function or pointer as log_prob", function()
    gives_the_chain(declare .. 'sample { parameters = { "x", "y" }, log_prob = C.f }')
    gives_the_chain(declare .. 'sample { parameters = { "x", "y" }, log_prob = ffi.cast(bare, C.f) }')
    gives_the_chain(declare .. [[
local model = { parameters = { "x", "y" }, log_likelihood = C.f }
function model.log_prior() return model and 0 end
sample(model)]])
    gives_the_chain(declare .. [[
local f = ffi.cast(bare, C.f)
sample { parameters = { "x", "y" }, log_prob = function(t)
  return f(require("ffi").new("double[2]", t.x, t.y), 2, nil)
end }]])
    dir:write("model.lua", ([[
local ffi = require "ffi"
ffi.cdef "typedef double density(const double *, size_t, void *); density f;"
return { parameters = { "x", "y" }, log_prob = ffi.load(%q).f }]]):format(library))
    gives_the_chain 'sample "model.lua"'
  end)

  it("keeps a library loaded that the script no longer holds, and names one that cannot be loaded", function()
    local result = run(declare .. [[
local f = ffi.load(library).f
collectgarbage() collectgarbage()
print(f(ffi.new("double[1]", 2), 1, nil), pcall(ffi.load, "./nowhere.so"))]])
    assert.truthy(result.stdout:find("^%-2\tfalse\t%./nowhere.so: cannot open"), result.stdout .. result.stderr)
    result = run(declare .. 'ffi.load "./nowhere.so"')
    assert.truthy(result.stderr:find("run.lua:%d+: ./nowhere.so: cannot open"), result.stderr)
  end)

  it("states the type that a cdata must have", function()
    local wanted = "of C only a function of type double (*)(const double *, size_t, void *) can be called"
    local cases = {
      { "C.other", wanted }, { "C.narrow", wanted }, { "C.table", wanted },
      { "ffi.new('double[3]')", wanted }, { "42ULL", wanted },
      { "ffi.cast(bare, nil)", "is a NULL pointer" },
      { "ffi.cast(bare, function() return 0 end)",
        "is not a function of a library: workers cannot call back into Lua" },
    }
    for _, case in ipairs(cases) do
      local result = run(declare .. "sample { ndim = 2, log_prob = " .. case[1] .. " }")
      assert.equal(2, result.status, result.stdout)
      assert.truthy(result.stderr:find("model.log_prob is ", 1, true), result.stderr)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
      dir:write("model.lua", ("local library = %q\n"):format(library) .. declare .. "return { ndim = 2, log_prob = "
        .. case[1] .. " }")
      result = run('sample "model.lua"')
      assert.equal(2, result.status, result.stdout)
      assert.truthy(result.stderr:find("model.lua: field 'log_prob' is ", 1, true), result.stderr)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
    end
  end)
end)
