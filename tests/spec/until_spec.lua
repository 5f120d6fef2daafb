-- Rules that end a run: the step at which they end it, the message and the exit status, independent of workers and
-- interruptions.
local helper = require "tests.spec.helper"

local COMMON = [[
local ensemble = require "ensemble"
local model = { parameters = { "m", "b" } }
function model.log_prob(t) return -0.5 * (t.m * t.m + t.b * t.b) end
local function config(rules, more)
  local c = { model = model, walkers = 16, seed = 3, start = ensemble.ball({ 0, 0 }, 1), ["until"] = rules,
    progress = "none" }
  for k, v in pairs(more or {}) do c[k] = v end
  return c
end
]]

describe(helper.name .. " with until", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function run(text, options) return dir:script(COMMON .. text, options) end

  it("ends when the rules hold, says so, and exits with 0", function()
    local result = run [[
      local s = ensemble.run(config { tau = 50, mcse = 0.05, ess = 600 })
      local summary = s:summary()
      assert(summary.converged and #summary.warnings == 0, tostring(summary))
      for _, p in ipairs(summary.parameters) do assert(p.ess > 550, p.ess) end
      print(s:info().steps, s:info().status)]]
    assert.equal(0, result.status, result.stderr)
    local steps = tonumber(result.stdout:match("^(%d+)\tfinished\n$"))
    assert.is_true(steps >= 128 and steps < 5000, result.stdout)
    assert.truthy(result.stderr:find(("until: all rules hold after %d steps: the chain is "):format(steps), 1, true),
      result.stderr)
    assert.truthy(result.stderr:find("times the autocorrelation time of '[mb]'; the effective sample size of '[mb]' is "
      .. "%d+; the standard error of the mean of '[mb]' is 0%.0%d+ sd"), result.stderr)
  end)

  it("exits with 3 if the steps end first, and reports the missing rule", function()
    for _, fields in ipairs { "{ tau = 5000, max_steps = 300 }", "{ tau = 5000 }, { steps = 300 }",
      "{ tau = 5000, max_steps = 900 }, { steps = 300 }" } do
      local result = run(("print(ensemble.run(config(%s)):info().steps)"):format(fields))
      assert.equal(3, result.status, result.stderr)
      assert.equal("300\n", result.stdout)
      assert.truthy(result.stderr:find("until: not converged after 300 steps: the chain is [%d.]+ times the "
        .. "autocorrelation time of '[mb]' %(at least 5000 required%); about %d%d000 more steps would do"),
        result.stderr)
    end
    local quiet = run("ensemble.run(config({ ess = 1e9, max_steps = 200 }, { quiet = true }))")
    assert.equal(3, quiet.status)
    assert.truthy(quiet.stderr:find("^ensemble%-%w+: until: not converged after 200 steps: [^\n]+\n$"), quiet.stderr)
  end)

  it("stops at --steps; a script's own error decides the exit status", function()
    local text = "ensemble.run(config { ess = 1e9 })\n"
    dir:write("most.lua", COMMON .. text)
    local result = dir:run { "--steps", 150, "most.lua" }
    assert.equal(3, result.status, result.stderr)
    assert.truthy(result.stderr:find("not converged after 150 steps", 1, true), result.stderr)
    assert.equal(1, run("ensemble.run(config { ess = 1e9, max_steps = 150 })\nerror 'x'").status)
  end)

  it("exits with 0 once the rules hold after an unconverged run", function()
    local result = run [[
      local s = ensemble.sampler(config({ ess = 400 }, { steps = 130 }))
      s:run(10) -- a given number of steps ignores the rules
      print(s:info().steps)
      s:run()
      print(s:info().steps <= 130)]]
    assert.equal(0, result.status == 3 and 0 or result.status, result.stderr)
    assert.truthy(result.stdout:find("^10\n"))
    result = run [[
      local s = ensemble.sampler(config { tau = 20 })
      s:run(100)
      s:run()
      local steps = s:info().steps
      s:run() -- nothing is left to do
      print(s:info().steps == steps, steps > 100)
      s:run(7)
      print(s:info().steps == steps + 7)
      s:reset()
      s:run()
      print(s:info().steps >= 128)]]
    assert.equal(0, result.status, result.stderr)
    assert.equal("true\ttrue\ntrue\ntrue\n", result.stdout)
  end)

  it("ends a loop over sample, but not one with a number of steps", function()
    local result = run [[
      local s, last = ensemble.sampler(config { tau = 30 }), 0
      for state in s:sample {} do last = state.step end
      local r = ensemble.run(config { tau = 30 })
      print(last == r:info().steps, last)
      local n = 0
      for _ in s:sample { steps = 40 } do n = n + 1 end
      for _ in s:sample {} do n = n + 1 end
      print(n)]]
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stdout:find("^true\t%d+\n40\n$"), result.stdout)
  end)

  it("ends at the same step with any workers, with thinning, and after interruptions", function()
    local text = [[
      local s = ensemble.run(config({ tau = 100, change = 0.05 }, { output = arg[1], workers = tonumber(arg[2]),
        steps = tonumber(arg[3]), thin_by = 2 }))]]
    assert.equal(0, run(text, { "whole.db", 1 }).status)
    assert.equal(0, run(text, { "three.db", 3 }).status)
    for _, steps in ipairs { 100, 130, 131, 200 } do assert.equal(3, run(text, { "pieces.db", 2, steps }).status) end
    local result = run(text, { "pieces.db", 2 })
    assert.equal(0, result.status, result.stderr)
    local whole = helper.digest(dir:file("whole.db"))
    assert.equal(whole, helper.digest(dir:file("three.db")))
    assert.equal(whole, helper.digest(dir:file("pieces.db")))
    local rows = helper.sql(dir:file("pieces.db"), "SELECT exit_status FROM session ORDER BY session_id")
    assert.same({ { "3" }, { "3" }, { "3" }, { "3" }, { "0" } }, rows)
  end)

  it("has nothing to do if the stored chain meets the rules or has all steps", function()
    local text = [[
      local s = ensemble.run(config({ tau = tonumber(arg[1]) }, { output = "done.db", steps = tonumber(arg[2]) }))
      print(s:info().steps)]]
    local first = run(text, { 20 })
    assert.equal(0, first.status, first.stderr)
    local again = run(text, { 20 })
    assert.equal(0, again.status, again.stderr)
    assert.equal(first.stdout, again.stdout)
    local steps = first.stdout:match("%d+")
    assert.truthy(again.stderr:find(("^ensemble%%-lua: done%%.db has %s steps, with which the rules of 'until' hold: "
      .. "nothing to do %%(more steps: stricter rules, or run%%(n%%); another run: another output%%)\n"
      .. "ensemble%%-lua: until: all rules hold after %s steps: the chain is "):format(steps, steps)), again.stderr)
    local more = run(text, { 60 })
    assert.equal(0, more.status, more.stderr)
    assert.is_true(tonumber(more.stdout) > tonumber(first.stdout))
    local loose = run(text, { 20 })
    assert.equal(more.stdout, loose.stdout, loose.stderr)
    assert.truthy(loose.stderr:find(("until: all rules held after %s steps: now the chain is "):format(steps), 1, true),
      loose.stderr)
    local most = run(text, { 1e6, 100 })
    assert.equal(3, most.status, most.stderr)
    assert.equal(more.stdout, most.stdout)
  end)

  it("resumes a killed run without a number of steps", function()
    dir:write("slow.lua", COMMON .. [[
      local slow
      function model.setup() slow = io.open("slow") end
      function model.log_prob(t)
        if slow then ensemble.sleep(0.02) end
        return -0.5 * (t.m * t.m + t.b * t.b)
      end
      ensemble.run(config({ tau = 20 }, { output = "killed.db", commit_every = 0.02, workers = 2 }))]])
    dir:write("fast.lua", COMMON .. "ensemble.run(config({ tau = 20 }, { output = 'fast.db' }))")
    local flag = dir:write("slow", "")
    local child = dir:start { "slow.lua" }
    assert(helper.eventually(function()
      if not helper.read(dir:file("killed.db")) then return nil end
      local rows = helper.sql(dir:file("killed.db"), "SELECT nstored FROM run")
      return rows[1] and tonumber(rows[1][1]) > 5
    end))
    child:signal("KILL")
    child:wait(10)
    os.remove(flag)
    local result = dir:run { "resume", "killed.db" }
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stderr:find("until: all rules hold after", 1, true), result.stderr)
    assert.equal(0, dir:run({ "fast.lua" }).status)
    local steps = "SELECT nstored, status FROM run"
    assert.same(helper.sql(dir:file("fast.db"), steps), helper.sql(dir:file("killed.db"), steps))
    assert.equal(helper.digest(dir:file("fast.db")), helper.digest(dir:file("killed.db")))
    local more = dir:run { "resume", "killed.db", "--steps", 25 }
    assert.equal(0, more.status, more.stderr)
    assert.equal(tonumber(helper.sql(dir:file("fast.db"), steps)[1][1]) + 25,
      tonumber(helper.sql(dir:file("killed.db"), steps)[1][1]))
  end)

  it("writes its numbers into the store, and shows the rule that it waits for", function()
    local result = run [[
      ensemble.run(config({ mcse = 0.03 }, { output = "diag.db", progress = "json" }))]]
    assert.equal(0, result.status, result.stderr)
    assert.truthy(result.stderr:find('"steps": null, .*"until": ""}\n'), result.stderr)
    local row = helper.sql(dir:file("diag.db"), "SELECT tau, ess FROM diag ORDER BY step DESC LIMIT 1")[1]
    assert.is_true(tonumber(row[1]) > 1 and tonumber(row[2]) >= 1 / 0.03 ^ 2, row[2])
    result = run [[ensemble.run(config({ mcse = 0.0003, max_steps = 200 }, { progress = "plain" }))]]
    assert.truthy(result.stderr:find("200/200 steps, 100%%, .*until MCSE 0%.%d+ %-> 0%.0003, elapsed"), result.stderr)
  end)

  it("rejects wrong rules", function()
    local cases = {
      { "{ taau = 50 }", "field 'until': unknown rule 'taau': did you mean 'tau'?" },
      { "{ rhat = 1.01, tau = 50 }",
        "field 'until': unknown rule 'rhat': the rules are mcse, tau, change, ess, min_steps, max_steps" },
      { "{ tau = 0 }", "field 'until': rule 'tau' is 0: give a number above 0" },
      { "{ mcse = 'x' }", "field 'until': rule 'mcse' is 'x': give a number above 0" },
      { "{ tau = 50, max_steps = 1.5 }", "field 'until': rule 'max_steps' is 1.5: give a whole number of at least 1" },
      { "{}", "field 'until' has no rule that can end a run: give one of mcse, tau, change and ess, "
        .. "like { tau = 50, mcse = 0.05 }" },
      { "{ max_steps = 100 }", "field 'until' has no rule that can end a run" },
      { "{ tau = 5, min_steps = 200, max_steps = 100 }",
        "field 'until': min_steps is 200, above max_steps, which is 100" },
      { "50", "field 'until' is 50: give a table of rules, like { tau = 50, mcse = 0.05 }" },
    }
    for _, case in ipairs(cases) do
      local result = run(("ensemble.run(config(%s))"):format(case[1]))
      assert.equal(2, result.status, result.stderr)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
    end
    local bare = run("ensemble.run { model = model, until = { tau = 50 } }")
    assert.equal(1, bare.status)
    assert.truthy(bare.stderr:find('(as the name of a field: ["until"] = { ... })', 1, true), bare.stderr)
  end)
end)
