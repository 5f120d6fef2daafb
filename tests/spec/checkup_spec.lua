-- The command check: it examines a script's model without a run. See docs/reference/commands.md.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"

-- A script whose model is one of `answers`, chosen by the script's argument.
local SCRIPT = [[
local ensemble = require "ensemble"
local mode, calls, kept = arg[1], 0, nil
local answers = {
  fine = function(sum) return sum end,
  random = function(sum) return sum + math.random() end,
  history = function(sum) calls = calls + 1; return sum - calls end,
  clock = function(sum) return sum - ensemble.now() end,
  fails = function(sum, x) if x > 0.5 then error("x is too large") end return sum end,
  nan = function(sum, x) if x > 0.5 then return 0 / 0 end return sum end,
  nowhere = function() return -math.huge end,
  narrow = function(sum, x) if x > -0.5 then return -math.huge end return sum end,
  global = function(sum) scratch = sum; return scratch end,
  keeps = function(sum) kept = { kept, sum }; return sum end,
  slow = function(sum) ensemble.sleep(0.1); return sum end,
  hangs = function(sum, x) while x > 0.5 do end return sum end,
  sleeps = function(sum) for i = 1, 600 do ensemble.sleep(0.1) end return sum end,
}
local answer = answers[mode]
ensemble.run {
  model = { parameters = { "x", "y" }, log_prob = function(t) return answer(-0.5 * (t.x ^ 2 + t.y ^ 2), t.x) end },
  start = ensemble.ball({ 0, 0 }, 1), walkers = 16, steps = 1000, seed = 1, output = "run.db",
  on_nan = arg[2], on_error = arg[2], moves = arg[3] and ensemble.moves[arg[3] ] {}, workers = 2,
  eval_timeout = mode == "hangs" and 0.3 or nil,
}
print("the script goes on")
]]

local KEYS = "model parameters walkers workers steps passed evaluations first_failure time_s same setup state globals "
  .. "call fit run warnings\n"

describe(helper.name .. "'s command check", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function check(...)
    dir:write("run.lua", SCRIPT)
    return dir:run { "check", "run.lua", ... }
  end

  local function says(result, status, ...)
    for _, text in ipairs { ... } do
      assert.truthy(result.stdout:find(text, 1, true), ("no '%s' in\n%s%s"):format(text, result.stdout, result.stderr))
    end
    assert.equal(status, result.status, result.stdout .. result.stderr)
  end

  it("finds nothing wrong with a good model, and makes no store", function()
    for _, mode in ipairs { "fine", "random" } do
      local result = check(mode)
      says(result, 0, "model         inline model at run.lua:", ": x, y\n", " positions: 16 of the start, ",
        " 0 rejected (-inf), 0 NaN, 0 errors\n", "same again    yes: in two calls and in two states, bit for bit\n",
        "globals       none written\n", " for 1000 steps, 16016 evaluations\n", "no warnings\n")
      assert.equal("", result.stderr)
      assert.is_nil(result.stdout:find("goes on", 1, true))
    end
    assert.is_nil(dir:read("run.db"))
  end)

  it("leaves an existing store alone", function()
    dir:script(SCRIPT, { "fine" })
    local before = helper.digest(dir:file("run.db"))
    says(check("random"), 0, "no warnings") -- the run itself would reject the store: another model
    assert.equal(before, helper.digest(dir:file("run.db")))
  end)

  it("reports answers that differ, and what they depend on", function()
    says(check("history"), 1, "same again    no: ", " in two calls at x = ", "warning: two evaluations of one position "
      .. "differ, so that no run can be repeated or resumed bit for bit: an answer depends on the evaluations "
      .. "before it")
    says(check("clock"), 1, "bit for bit: each call has another answer: the model reads a clock")
    dir:write("model.lua", [[
      local offset
      return { parameters = { "x" }, blobs = { "b" }, setup = function() offset = ensemble.now() end,
        log_prob = function(t) return -t.x ^ 2, offset end }]])
    dir:write("state.lua", [[
      ensemble = require "ensemble"
      ensemble.run { model = "model.lua", start = ensemble.ball({ 0 }, 1), steps = 10 }]])
    dir:write("model.lua", "local ensemble = require 'ensemble'\n" .. dir:read("model.lua"))
    says(dir:run { "check", "state.lua" }, 1, "same again    no: blobs differ in two states at x = ",
      "each worker's state has answers of its own")
  end)

  it("counts errors, with place and parameters of the first", function()
    local failing = check("fails")
    says(failing, 1, "first failure run.lua:8: x is too large\n              at x = ",
      ": a run would stop there; mend ", "or give on_error = 'reject'")
    local x = tonumber(failing.stdout:match("at x = (%S+),"))
    assert.is_true(x > 0.5)
    says(check("nan"), 1, "first failure run.lua:", ": log_prob returned NaN\n", "or give on_nan = 'reject'")
    says(check("fails", "reject"), 0, "rejected in a run, since on_error is 'reject'")
    says(check("nan", "reject"), 0, "rejected in a run, since on_nan is 'reject'")
  end)

  it("reports positions that the model excludes", function()
    says(check("nowhere"), 1, "0 finite, ", "warning: log_prob is -inf at all ", "no walker can begin there")
    local result = check("narrow", "stop", "slice")
    assert.equal(0, result.status, result.stdout .. result.stderr)
    local each = tonumber(result.stdout:match("(%d+) evaluations\n")) / 16000
    assert.is_true(each > 2 and each < 20, result.stdout) -- a slice move evaluates several times per update
  end)

  it("names the globals that the model writes, and when", function()
    says(check("global"), 0, "globals       by evaluation: scratch\n",
      "warning: evaluations write the global 'scratch': say 'local'")
    dir:write("model.lua", [[
      helper = function(x) return -x * x end
      return { parameters = { "x" }, setup = function() offset = 1 end,
        log_prob = function(t) return helper(t.x) end }]])
    dir:write("made.lua", [[
      local ensemble = require "ensemble"
      ensemble.sampler { model = "model.lua", start = ensemble.ball({ 0 }, 1) }]])
    says(dir:run { "check", "made.lua" }, 0, "globals       by load: helper; by setup: offset\n",
      "warning: the model makes the globals 'helper', 'offset'", "for 1000 steps (the script asks for no number)")
  end)

  it("reports memory that calls keep", function()
    local bytes = tonumber(check("keeps").stdout:match("warning: each call keeps (%d+) bytes, "))
    assert.is_true(bytes >= 24 and bytes <= 200, bytes)
    dir:write("run.lua", [[
      local ensemble = require "ensemble"
      ensemble.run { start = ensemble.ball({ 0 }, 1), steps = 10, model = { parameters = { "x" },
        setup = function() local t = {} for i = 1, 2e5 do t[i] = i end kept = t end,
        log_prob = function(t) return -t.x ^ 2 end } }]])
    local mib = tonumber(dir:run({ "check", "run.lua" }).stdout:match("setup         [^,]+, (%S+) MiB in each worker"))
    assert.is_true(mib and mib > 1 and mib < 8, mib)
  end)

  it("limits its time on a slow model, and estimates the run's time", function()
    local result = check("slow", "--workers", "8")
    says(result, 0, "time          10", " ms per evaluation", "(the run has 8)", "the run       about ",
      "warning: 16 walkers are few for 8 workers")
    local n = tonumber(result.stdout:match("evaluated     (%d+) positions"))
    assert.is_true(n >= 2 and n <= 20, n)
  end)

  -- LuaJIT's compiled loops do not check hooks, and ThreadSanitizer holds signals back in them.
  local interruptible = not helper.is_luajit and not helper.program:find("/thread/", 1, true)

  it("limits its wait for an evaluation that does not end", function()
    local result = check("hangs", "reject")
    assert.truthy(result.stderr:find("ensemble%-lua: worker 1 is at one evaluation for [%d.]+ s [^\n]*step 0, walker "
      .. "%d+: x = [^\n]+; it is interrupted\n"), result.stderr)
    if interruptible then
      says(result, 0, " 1 error\n", "first failure run.lua:15: the evaluation was interrupted: it lasted longer than "
        .. "eval_timeout\n", "same again    yes")
    else
      assert.equal("", result.stdout)
      assert.truthy(result.stderr:find("ensemble-lua: check: the evaluation does not end and cannot be interrupted; a "
        .. "run would hang here. ", 1, true), result.stderr)
      assert.equal(1, result.status)
    end
  end)

  it("names a slow evaluation, and ends on a signal", function()
    if helper.program:find("/thread/", 1, true) then return end
    dir:write("run.lua", SCRIPT)
    local child = dir:start { "check", "run.lua", "sleeps" }
    local told = helper.eventually(function() return child:stderr():find("is at one evaluation for", 1, true) end)
    child:signal "TERM"
    local result = child:wait(60)
    assert.truthy(told, result.stderr)
    assert.truthy(result.stderr:find("ensemble-lua: check: stopped by a signal\n", 1, true), result.stderr)
    assert.equal(1, result.status)
  end)

  it("reports where a model crashes", function()
    local library = compile.library [[
#include <stddef.h>
#include <stdlib.h>
double f(const double *t, size_t n, void *c) {
  (void)n, (void)c;
  if (t[0] > 0) abort();
  return -t[0] * t[0];
}
]]
    local result = dir:script(([[
      local ensemble = require "ensemble"
      ensemble.run { model = ensemble.native(%q, { symbol = "f", parameters = { "x" } }), steps = 60,
        start = ensemble.ball({ 0 }, 1) }]]):format(library))
    assert.not_equal(0, result.status)
    result = dir:run { "check", "run.lua" }
    assert.not_equal(0, result.status)
    assert.truthy(result.stderr:find("so: f: the model crashed %(SIGABRT: it called abort%)\n  at the start, "
      .. "walker %d+, worker 1: x = %d"), result.stderr)
  end)

  it("takes models in C, priors and other forms", function()
    dir:write("native.lua", ([[
      local ensemble = require "ensemble"
      ensemble.run { model = ensemble.native(%q), start = ensemble.ball({ 0, 0 }, 0.3), steps = 60 }
      ]]):format(compile.library("described")))
    says(dir:run { "check", "native.lua" }, 0, ": x, y\n", "same again    yes", "setup         ")
    dir:write("prior.lua", [[
      local ensemble = require "ensemble"
      ensemble.run { steps = 60, model = { priors = { m = ensemble.prior.normal(0, 1) },
        log_likelihood = function(t) return -t.m ^ 2 end } }]])
    says(dir:run { "check", "prior.lua" }, 0, ": m\n", "32 of the start", "no warnings")
    -- Like a run, the check evaluates no position beyond the model's bounds.
    dir:write("bounds.lua", [[
      local ensemble = require "ensemble"
      ensemble.run { steps = 60, start = ensemble.ball({ 0.1, 0 }, 0.2), model = {
        parameters = { "r", "phi" }, bounds = { r = { 0, 9 } }, periodic = { phi = { 0, 1 } },
        log_prob = function(t) assert(t.r >= 0 and t.phi >= 0 and t.phi < 1) return -t.r ^ 2 end } }]])
    says(dir:run { "check", "bounds.lua" }, 0, ": r, phi\n", "32 of the start", " 0 errors", "no warnings")
  end)

  it("prints JSON", function()
    dir:write("out.json", check("fails", "--json").stdout)
    local pipe = io.popen(("python3 -c %s %s 2>&1"):format(helper.quote("import json, sys; d = json.load(open("
      .. "sys.argv[1])); print(*d); print(d['passed'], d['evaluations']['errors'] > 0, d['same']['calls'], "
      .. "d['first_failure']['message'], d['run']['steps'], len(d['warnings']))"), helper.quote(dir:file("out.json"))))
    assert.equal(KEYS .. "False True True run.lua:8: x is too large 1000 1\n", pipe:read("*a"))
    pipe:close()
  end)

  it("exits 2 for wrong usage, and for a wrong script as its run would", function()
    dir:write("empty.lua", "print 'hello'")
    local none = dir:run { "check", "empty.lua" }
    assert.equal(2, none.status)
    assert.truthy(none.stderr:find("empty.lua makes no sampler: check takes a script that calls ensemble.run or "
      .. "ensemble.sampler", 1, true), none.stderr)
    local bare = dir:run { "check" }
    assert.equal(2, bare.status)
    assert.truthy(bare.stderr:find("check: 0 arguments given, one script is needed: " .. helper.name
      .. " check SCRIPT.lua", 1, true), bare.stderr)
    assert.equal(2, dir:run({ "check", "nowhere.lua" }).status)
    assert.equal(2, dir:run({ "check", "--thin", "2", "empty.lua" }).status)
    dir:write("wrong.lua", "require('ensemble').run { model = { parameters = { 'x' }, log_prob = print }, step = 3 }")
    local wrong = dir:run { "check", "wrong.lua" }
    assert.equal(2, wrong.status)
    assert.truthy(wrong.stderr:find("unknown field 'step'", 1, true), wrong.stderr)
    dir:write("broken.lua", "local x = nil .. 1")
    assert.equal(1, dir:run({ "check", "broken.lua" }).status)
    assert.equal(dir:run({ "help", "check" }).stdout, dir:run({ "check", "--help" }).stdout)
  end)
end)
