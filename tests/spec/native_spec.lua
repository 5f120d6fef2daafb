-- Models in shared libraries that describe themselves as in src/ensemble_model.h. See docs/reference/model.md.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"

local function script(model, fields)
  return ([[
local ensemble = require "ensemble"
local sampler = ensemble.run {
  start = ensemble.ball({ 0, 0 }, 0.3), steps = 60, seed = 3, progress = "none", quiet = true,
  model = %s, %s
}
]]):format(model, fields or "")
end

local function native(flags, options)
  return ("ensemble.native(%q%s)"):format(compile.library("described", flags), options and ", " .. options or "")
end

local print_chain = [[
local blobs = sampler:blobs { flat = true }
for i, state in ipairs(sampler:chain { flat = true }:totable()) do
  print(("%a %a %a %a"):format(state[1], state[2], blobs and blobs.u[i] or 0, blobs and blobs.v[i] or 0))
end]]

-- The same model in Lua, with the same arithmetic and random numbers.
local in_lua = [[{ parameters = { "x", "y" }, blobs = { "u", "v" }, log_prob = function(t)
  if t.x > 3 then return -math.huge end
  local value = -0.25 * t.x * t.x
  return value + -0.5 * ((t.x - 1) * (t.x - 1) + t.y * t.y), math.random(), math.random()
end }]]

describe(helper.name .. " with a library that describes its model", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function run(model, fields, after)
    return dir:script(script(model, fields) .. (after or ""))
  end

  it("gives the chain of the same model in Lua, by any of its functions, with any number of workers", function()
    local expected = run(in_lua, "workers = 1", print_chain)
    assert.equal(0, expected.status, expected.stderr)
    for _, flags in ipairs { "-DBLOBS", "-DBLOBS -DPARTS", "-DBLOBS -DBATCH", "-DBLOBS -DBATCH -DPARTS" } do
      for _, workers in ipairs { 1, 3 } do
        local result = run(native(flags), "workers = " .. workers, print_chain)
        assert.equal(0, result.status, result.stderr)
        assert.equal(expected.stdout, result.stdout, flags)
      end
    end
  end)

  it("sets blobs to NaN that an evaluation does not write", function()
    local result = run(native("-DBLOBS"), 'on_error = "reject"', [[
local _, blobs = sampler:compute_log_prob { { 4, 0 }, { 0, 0 } }
print(blobs.u[1] ~= blobs.u[1], blobs.u[2] == blobs.u[2])]])
    assert.equal("true\ttrue\n", result.stdout, result.stderr)
  end)

  it("returns vectors and texts as blobs", function()
    local path = compile.library([[
#include <ensemble_model.h>
#include <math.h>
#include <string.h>
static const char *const names[] = {"x", "y"};
static const ensemble_blob blobs[] = {{.name = "sum"}, {"powers", ENSEMBLE_BLOB_VECTOR, 3},
                                      {"where", ENSEMBLE_BLOB_TEXT, 5}, {"whole", ENSEMBLE_BLOB_TEXT, 8}};
static int log_prob(ensemble_worker *worker, const double *t, double *value, double *row) {
  (void)worker;
  *value = t[0] > 2 ? -INFINITY : -0.5 * (t[0] * t[0] + t[1] * t[1]);
  if (t[0] > 2) return 0;
  row[0] = t[0] + t[1];
  row[1] = t[0], row[2] = t[0] * t[0], row[3] = -t[0];
  strcpy((char *)(row + 4), t[0] < 0 ? "west" : "north");
  memcpy(row + 5, "eightest", 8);
  return 0;
}
const ensemble_model ensemble_model_v1 = {.abi = ENSEMBLE_MODEL_ABI, .size = sizeof(ensemble_model), .ndim = 2,
  .parameters = names, .nblobs = 4, .blobs = blobs, .log_prob = log_prob};
]])
    local result = run(("ensemble.native(%q)"):format(path), 'output = "run.db"', [[
local chain, blobs = sampler:chain { flat = true }:totable(), sampler:blobs { flat = true }
local powers = blobs.powers:totable()
for i, at in ipairs(chain) do
  assert(blobs.sum[i] == at[1] + at[2] and powers[i][1] == at[1] and powers[i][2] == at[1] * at[1])
  assert(blobs.where[i] == (at[1] < 0 and "west" or "north") and blobs.whole[i] == "eightest")
end
local _, blank = sampler:compute_log_prob { { 3, 0 } }
assert(blank.sum[1] ~= blank.sum[1] and blank.where[1] == "")]])
    assert.equal(0, result.status, result.stderr)
  end)

  it("calls setup once per worker, and teardown as often, however the run ends", function()
    local function count(flags, fields, status)
      local result = run(native("-DTOLD " .. flags), fields)
      assert.equal(status, result.status, result.stderr)
      local setups, teardowns = select(2, result.stderr:gsub("setup %d", "")), select(2, result.stderr:gsub(
        "teardown %d its own", ""))
      return setups, teardowns, result.stderr
    end
    local setups, teardowns = count("", "workers = 3", 0)
    assert.same({ 3, 3 }, { setups, teardowns })
    setups, teardowns = count("", "workers = 1", 0)
    assert.same({ 1, 1 }, { setups, teardowns })
    setups, teardowns = count("-DNANS", "workers = 3", 1)
    assert.same({ 3, 3 }, { setups, teardowns })
    setups, teardowns = count("", 'workers = 3, steps = 1e8, thin_by = 1000, time_limit = 0.5', 75)
    assert.same({ 3, 3 }, { setups, teardowns })
    local text
    setups, teardowns, text = count("-DSETUP_FAILS_AT=2", "workers = 3", 1)
    assert.same({ 3, 3 }, { setups, teardowns })
    assert.truthy(text:find("so: setup failed: no luck", 1, true), text)
  end)

  it("reports the setup that a stop waits for", function()
    if helper.program:find("/thread/", 1, true) then return end -- it holds signals back while a thread sleeps
    dir:write("run.lua", script(native("-DTOLD -DSETUP_SLEEPS=60"), 'workers = 2, output = "run.db"'))
    local child = dir:start { "run.lua" }
    helper.eventually(function() return child:stderr():find("setup 2", 1, true) end)
    child:signal "TERM"
    local told = helper.eventually(function() return child:stderr():find("is at its setup for", 1, true) end)
    child:signal "KILL"
    assert.truthy(told, child:stderr())
    assert.truthy(child:stderr():find("ensemble%-lua: worker %d is at its setup for [%d.]+ s; the stop waits for it"),
      child:stderr())
  end)

  it("names the worker whose setup crashed", function()
    local result = run(native("-DTOLD -DSETUP_CRASHES"), "workers = 2")
    assert.not_equal(0, result.status)
    assert.truthy(result.stderr:find("so: the model crashed %(SIGABRT: it called abort%)\n  in the setup of "
      .. "worker [12]\n"), result.stderr)
  end)

  it("finds the run's data by name", function()
    local data = [[data = { line = { x = ensemble.array { 1, 2, 3 }, y = { 4, 5 } }, n = 7, flag = true,
      matrix = { { 1, 2 }, { 3, 4 } }, column = ensemble.array { { 1, 2 }, { 3, 4 } }:col(2), files = { "a", "bcd" } }]]
    local result = run(native([[-DDATA -DASKS='"line.y"']]), data)
    assert.equal(0, result.status, result.stderr)
    assert.equal([==[
[] column files flag line matrix n
[line] x y
[line.x]
x 1 of 3: 1 3
matrix 2 x 2: 2 3
column 2: 2 4
7 1 bcd 3 0
]==], result.stdout)
    local cases = {
      { "line.z", "so: setup failed: data.line.z is missing: data.line has x, y" },
      { "lines", "so: setup failed: data.lines is missing: data has column, files, flag, line, matrix, n" },
      { "n", "so: setup failed: data.n is a number: it must be an array" },
      { "n.x", "so: setup failed: data.n.x is missing: data.n has no entries" },
    }
    for _, case in ipairs(cases) do
      result = run(native(([[-DDATA -DASKS='"%s"']]):format(case[1])), data)
      assert.equal(1, result.status, result.stderr)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
    end
    result = run(native([[-DDATA -DASKS='"n"']]))
    assert.truthy(result.stderr:find("data.line.x is missing: the script gives no data", 1, true), result.stderr)
  end)

  it("takes priors from the script, also for the start", function()
    local priors = "{ x = ensemble.prior.normal(0, 1), y = ensemble.prior.uniform(-2, 2) }"
    local likelihood = "-0.5 * ((t.x - 1) * (t.x - 1) + t.y * t.y)"
    local expected = run(([[{ parameters = { "x", "y" }, priors = %s, log_likelihood = function(t)
      return %s end }]]):format(priors, likelihood), 'start = "prior"', print_chain)
    assert.equal(0, expected.status, expected.stderr)
    local described = run(native("-DLIKELIHOOD", ("{ priors = %s }"):format(priors)), 'start = "prior"', print_chain)
    assert.equal(expected.stdout, described.stdout, described.stderr)
    local bare = compile.library([[
#include <stddef.h>
double f(const double *t, size_t n, void *c) {
  (void)n, (void)c;
  return -0.5 * ((t[0] - 1) * (t[0] - 1) + t[1] * t[1]);
}
]])
    local result = run(('ensemble.native(%q, { symbol = "f", priors = %s })'):format(bare, priors), 'start = nil',
      print_chain)
    assert.equal(expected.stdout, result.stdout, result.stderr)
  end)

  it("reports errors in a library before the run starts", function()
    local begin = '#include <ensemble_model.h>\nconst char *const names[] = {"x", "y"}, *const twice[] = {"x", "x"}, '
      .. '*const none[] = {"x", 0};\nint f(ensemble_worker *w, const double *t, double *v, double *b) {\n'
      .. ' (void)w, (void)t, (void)b; *v = 0; return 0; }\n'
      .. 'int p(ensemble_worker *w, const double *t, double *v) { (void)w, (void)t; *v = 0; return 0; }\n'
    local right = ".abi = ENSEMBLE_MODEL_ABI, .size = sizeof(ensemble_model), .ndim = 2, .parameters = names, "
    local function constant(text)
      return begin .. "const ensemble_model ensemble_model_v1 = {" .. text .. "};\n"
    end
    local prior = "{ priors = { x = ensemble.prior.normal(0, 1), y = ensemble.prior.normal(0, 1) } }"
    local cases = {
      { constant(".abi = 7, .size = sizeof(ensemble_model), .log_prob = f"), "was built for version 7 of "
        .. "ensemble_model.h, this program knows 1: use a newer ensemble-lua" },
      { constant(".ndim = 2, .parameters = names, .log_prob = f"), "let the constant begin with ENSEMBLE_MODEL_ABI" },
      { constant(".abi = 1, .size = 4"), "field 'size' of ensemble_model_v1 is 4: give sizeof(ensemble_model)" },
      { constant(".abi = 1, .size = 4000"), "field 'size' of ensemble_model_v1 is 4000" },
      { constant(".abi = 1, .size = sizeof(ensemble_model), .log_prob = f"), "field 'ndim' is 0" },
      { constant(".abi = 1, .size = sizeof(ensemble_model), .ndim = 2, .log_prob = f"), "field 'parameters' is NULL" },
      { constant(".abi = 1, .size = sizeof(ensemble_model), .ndim = 2, .parameters = twice, .log_prob = f"),
        "field 'parameters' has the name 'x' twice" },
      { constant(".abi = 1, .size = sizeof(ensemble_model), .ndim = 2, .parameters = none, .log_prob = f"),
        "parameters[1] is NULL: it must be a name" },
      { constant(right .. ".log_prob = f, .nblobs = 1"), "field 'blobs' is NULL, and 'nblobs' is 1: give their names" },
      { constant(right .. ".log_prob = f, .nblobs = 1, .blobs = (const ensemble_blob[]){{0}}"), "blobs[0] is NULL" },
      { constant(right .. '.log_prob = f, .nblobs = 1, .blobs = (const ensemble_blob[]){{"b", ENSEMBLE_BLOB_TEXT, 0}}'),
        "blob 'b' has a length of 0: give one from 1 to 16777216" },
      { constant(right .. '.log_prob = f, .nblobs = 1, .blobs = (const ensemble_blob[]){{"b", 7, 0}}'),
        "blob 'b' is of kind 7: give one of ensemble_blob_kind" },
      { constant(right .. '.log_prob = f, .nblobs = 2, .blobs = (const ensemble_blob[]){{.name = "b"}, {.name = "b"}}'),
        "field 'blobs' has the name 'b' twice" },
      { constant(right), "the library has no log_prob: set it" },
      { constant(right .. ".log_prior = p"), "log_prior but no log_likelihood" },
      { constant(right .. ".log_likelihood = f"), "log_likelihood but no log_prior: give both, or log_prob, or p" },
      { constant(right .. ".log_prob = f, .log_prior = p"), "log_prob and a part of it" },
      { constant(right .. ".log_prob = f"), "log_prob has the prior in it already", prior },
      { constant(right .. ".log_prior = p, .log_likelihood = f"), "leave one out", prior },
      { constant(right .. ".log_likelihood = f"), "field 'priors' lacks parameter 'y'",
        "{ priors = { x = ensemble.prior.normal(0, 1) } }" },
      { constant(right .. ".log_likelihood = f"), "field 'priors' is 3", "{ priors = 3 }" },
      { constant(right .. ".log_prob = f"), "field 'parameters' goes with 'symbol'", "{ parameters = { 'x', 'y' } }" },
      { constant(right .. ".log_prob = f"), "' is data: give the name of a function",
        "{ symbol = 'ensemble_model_v1', parameters = { 'x' } }" },
      { "void ensemble_model_v1(void) {\n}\n", "is a function: it must be a constant of type ensemble_model" },
      { "int ensemble_model_v1 = 1;\n", "ensemble_model_v1 has 4 bytes: it is not an ensemble_model" },
      { "int x;\n", "has no symbol 'ensemble_model_v1': a library defines it as in ensemble_model.h" },
    }
    for _, case in ipairs(cases) do
      local path = compile.library(case[1])
      local result = run(("ensemble.native(%q%s)"):format(path, case[3] and ", " .. case[3] or ""))
      assert.equal(2, result.status, result.stderr)
      assert.truthy(result.stderr:find("^ensemble%-lua: run.lua:%d+: "), result.stderr)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
    end
    local result = run('ensemble.native("./nowhere.so")')
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("the library cannot be loaded: ./nowhere.so", 1, true), result.stderr)
  end)

  it("reports an error with the model's message, and applies on_error and on_nan", function()
    local result = run(native("-DFAILS=3"))
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("so: log_prob failed: it returned 3 and left no message\n  at ", 1, true),
      result.stderr)
    assert.truthy(result.stderr:find("walker %d+: x = 1%.%d+, y = "), result.stderr)
    result = run(native([[-DFAILS=3 -DMESSAGE='"x is %d"']]))
    assert.truthy(result.stderr:find("so: log_prob failed: x is %d\n", 1, true), result.stderr)
    result = run(native("-DNANS"))
    assert.truthy(result.stderr:find("so: log_prob returned NaN\n", 1, true), result.stderr)
    local counts = 'print(sampler:info().errors > 10, sampler:info().nans)'
    result = run(native("-DFAILS=3"), 'on_error = "reject", start = ensemble.ball({ -1, 0 }, 0.1)', counts)
    assert.equal("true\t0\n", result.stdout, result.stderr)
    local batch = run(native("-DFAILS=3 -DBATCH"), 'on_error = "reject", start = ensemble.ball({ -1, 0 }, 0.1)', counts)
    assert.equal("true\t0\n", batch.stdout, batch.stderr)
    result = run(native("-DNANS"), 'on_nan = "reject", start = ensemble.ball({ -1, 0 }, 0.1)',
      'print(sampler:info().errors, sampler:info().nans > 10)')
    assert.equal("0\ttrue\n", result.stdout, result.stderr)
  end)

  it("resumes a stored run with the same library only", function()
    local copy = dir:file("model.so")
    local function sample(flags, steps)
      os.execute(("rm -f %s && cp %s %s"):format(copy, compile.library("described", flags), copy))
      return run('ensemble.native("./model.so")', ('output = "run.db", steps = %d'):format(steps))
    end
    assert.equal(0, sample("", 20).status)
    local again = sample("", 40)
    assert.equal(0, again.status, again.stderr)
    assert.equal(40, helper.chain(dir:file("run.db")).steps)
    local other = sample("-DPARTS", 60)
    assert.equal(2, other.status)
    assert.truthy(other.stderr:find("the model has changed", 1, true), other.stderr)
    local resumed = dir:run { "resume", "run.db", "--steps", 5 }
    assert.equal(2, resumed.status)
    assert.truthy(resumed.stderr:find("the model has changed", 1, true), resumed.stderr)
  end)

  it("may be in C++, with all symbols hidden except the model", function()
    if not compile.has("c++") then
      pending("no C++ compiler here")
      return
    end
    local path = compile.library([[
#include <ensemble_model.h>
namespace {
const char *const names[] = {"x", "y"};
int log_prob(ensemble_worker *, const double *t, double *value, double *) {
  *value = -0.5 * (t[0] * t[0] + t[1] * t[1]);
  return 0;
}
ensemble_model describe() {
  ensemble_model model = ensemble_model();
  model.abi = ENSEMBLE_MODEL_ABI;
  model.size = sizeof model;
  model.ndim = 2;
  model.parameters = names;
  model.log_prob = log_prob;
  return model;
}
}
const ensemble_model ensemble_model_v1 = describe();
]], "-x c++ -std=c++11 -pedantic -fvisibility=hidden", "c++ -Wall -Wextra -Werror")
    local result = run(("ensemble.native(%q)"):format(path), nil,
      "print(sampler:summary().acceptance_fraction.mean > 0.1)")
    assert.equal("true\n", result.stdout, result.stderr)
  end)

  it("includes a header that compiles without warnings as C99, C11, C++11 and C++17", function()
    for _, language in ipairs { "cc -x c -std=c99", "cc -x c -std=c11", "c++ -x c++ -std=c++11",
      "c++ -x c++ -std=c++17" } do
      if compile.has(language:match("^%S+")) then
        local ok = os.execute(("%s -Wall -Wextra -pedantic -Wconversion -Werror -fsyntax-only %s"):format(language,
          helper.quote(helper.root .. "/src/ensemble_model.h")))
        assert.truthy(ok == true or ok == 0, language)
      end
    end
  end)
end)
