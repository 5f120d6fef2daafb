-- A run that ends early keeps all steps before its end in the store, even if no commit was due. The message and the
-- store's log name the cause, and the run then resumes to the chain of an uninterrupted one.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local SCRIPT = [=[
local ensemble = require "ensemble"
ensemble.run {
  model = "model.lua", start = ensemble.ball({ 0, 1 }, 1), walkers = 8, steps = 40, seed = 7, workers = 1,
  commit_every = 1000, output = "run.db", quiet = true, eval_timeout = tonumber(os.getenv "LIMIT"),
  on_error = os.getenv "POLICY", on_nan = os.getenv "POLICY", max_errors = 3,
}
]=]

-- Does its fault from evaluation 100 of a process on, TIMES times: in step 12, since each step has 8 evaluations.
local MODEL = [=[
local n, times = 0, tonumber(os.getenv "TIMES" or 0)
return { parameters = { "x", "y" }, log_prob = function(t)
  n = n + 1
  if n >= 100 and n < 100 + times then %s end
  return -0.5 * (t.x * t.x + t.y * t.y)
end }
]=]

local STUCK = helper.is_luajit or helper.program:find("/thread/", 1, true) -- an evaluation cannot be interrupted there

local CASES = {
  { "an error", "error 'no luck'", "no luck" },
  { "NaN", "do return 0 / 0 end", "NaN" },
  { "an answer that is not a number", "do return {} end", "a table" },
  { "too many errors", "error 'no luck'", "no luck", times = 4, policy = "reject" },
  { "too many NaNs", "do return 0 / 0 end", "NaN", times = 4, policy = "reject" },
  { "an evaluation without an end", "while true do end", STUCK and "" or "it lasted longer than eval_timeout",
    limit = 0.5 },
}

describe(helper.name .. " keeps the steps before", function()
  for _, case in ipairs(CASES) do
    it(case[1], function()
      local dir = helper.directory()
      dir:write("model.lua", MODEL:format(case[2]))
      dir:write("run.lua", SCRIPT)
      local env = { TIMES = case.times or 1, POLICY = case.policy or "stop", LIMIT = case.limit or 100 }
      local result = dir:run { "run.lua", env = env }
      assert.equal(1, result.status, result.stderr)
      assert.truthy(result.stderr:find(case[3], 1, true), result.stderr)
      local path = dir:file("run.db")
      local run = helper.sql(path, "SELECT status, nstored, ended IS NULL, exit_status FROM run, session")[1]
      assert.same({ "failed", "11", "0", "1" }, run)
      if case[3] ~= "" then
        assert.truthy(result.stderr:find("ensemble-lua: 11 steps up to the error are saved in run.db\n", 1, true),
          result.stderr)
        local log = helper.sql(path, "SELECT message FROM log WHERE level = 'error'")
        assert.equal(1, #log)
        assert.truthy(log[1][1]:find(case[3], 1, true), log[1][1])
      end
      env = { TIMES = 0, POLICY = case.policy or "stop", LIMIT = 100 }
      for _, output in ipairs { "run.db", "whole.db" } do
        result = dir:run { "--output", output, "run.lua", env = env }
        assert.equal(0, result.status, result.stderr)
      end
      if not case.policy then -- rejected proposals change the chain
        assert(python.call("storecheck.py", "same", dir:file("whole.db"), path))
      end
    end)
  end

  -- Steps that tune the moves are not steps of the chain, but the store keeps their result in the same way.
  it("a signal while moves are tuned, and resumes the tuning", function()
    local dir = helper.directory()
    dir:write("model.lua", MODEL:format([[os.execute("kill -TERM $PPID")]]))
    dir:write("run.lua", (SCRIPT:gsub("quiet = true", "quiet = true, tune = 30")))
    local result = dir:run { "run.lua", env = { TIMES = 1 } }
    assert.equal(75, result.status, result.stderr)
    local n = tonumber(result.stderr:match("stopped after (%d+) of 30 steps that tune the moves, all saved in run.db"))
    assert.is_true(n and n >= 11 and n < 30, result.stderr)
    local path = dir:file("run.db")
    -- The state begins with the number of these steps, a double. Its last two bytes determine a small integer.
    local learnt = helper.sql(path, "SELECT hex(substr(move_state, 7, 2)) FROM checkpoint")[1][1]
    local low, high = tonumber(learnt:sub(1, 2), 16), tonumber(learnt:sub(3, 4), 16)
    assert.equal(n, (1 + low % 16 / 16) * 2 ^ (high * 16 + math.floor(low / 16) - 1023))
    for _, output in ipairs { "run.db", "whole.db" } do
      result = dir:run { "--output", output, "run.lua", env = { TIMES = 0 } }
      assert.equal(0, result.status, result.stderr)
    end
    assert(python.call("storecheck.py", "same", dir:file("whole.db"), path))
  end)

  it("a kill, and leaves the end of that session empty", function()
    local dir = helper.directory()
    dir:write("model.lua", MODEL:format([[os.execute("kill -KILL $PPID")]]))
    dir:write("run.lua", (SCRIPT:gsub("commit_every = 1000", "commit_every = 0")))
    assert.equal(137, dir:run({ "run.lua", env = { TIMES = 1 } }).status)
    assert.equal(0, dir:run({ "run.lua" }).status)
    local sessions = helper.sql(dir:file("run.db"), "SELECT ended IS NULL, exit_status, last_step - first_step"
      .. " FROM session ORDER BY session_id")
    assert.equal(2, #sessions)
    assert.same({ "1", nil }, { sessions[1][1], sessions[1][2] })
    assert.same({ "0", "0", tostring(40 - tonumber(sessions[1][3])) }, sessions[2])
  end)

  -- The evaluations of lost steps are repeated and counted once, so both sessions together have the counts of one run.
  it("a kill, with the counts of these steps", function()
    local dir = helper.directory()
    dir:write("model.lua", ([[local ensemble = require "ensemble" ]] .. MODEL):format(
      [[os.execute("kill -KILL $PPID")]]):gsub("return %-0.5", "ensemble.sleep(0.003)\n"
      .. "  if math.random() < 0.1 then return 0 / 0 end\n  %0"))
    local function counts(output, words)
      local info = dir:run({ "info", "--json", output }).stdout
      local list = { evaluations = info:match('"evaluations":(%d+)'), nans = info:match('"nans":(%d+)') }
      for word in (words or ""):gmatch("%S+") do list[word] = tonumber(info:match('"' .. word .. '":([%d.]+)')) end
      list.each = tonumber(info:match('"per_worker":.-"evaluations":(%d+)'))
      return list, tonumber(info:match('"steps":(%d+)'))
    end
    local run = SCRIPT:gsub("commit_every = 1000", "commit_every = 0"):gsub("max_errors = 3", "max_errors = nil")
    dir:write("run.lua", run)
    local function go(output, steps, times)
      local env = { TIMES = times or 0, POLICY = "reject" }
      return dir:run({ "--output", output, "--steps", steps, "run.lua", env = env }).status
    end
    assert.equal(137, go("run.db", 40, 1))
    local killed, steps = counts("run.db", "wall_s model_s")
    assert.equal(0, go("part.db", steps))
    local part = counts("part.db")
    assert.same({ part.evaluations, part.nans, part.each }, { killed.evaluations, killed.nans, killed.each })
    assert.truthy(killed.model_s >= 0.003 * killed.each and killed.wall_s >= killed.model_s, killed.model_s)
    assert.equal(0, go("run.db", 40))
    assert.equal(0, go("whole.db", 40))
    local both, whole = counts("run.db"), counts("whole.db")
    assert.same({ whole.evaluations, whole.nans }, { both.evaluations, both.nans })
  end)
end)
