-- Warnings of a summary: present for bad chains, and absent for the installed models.
local helper = require "tests.spec.helper"

describe(helper.name .. "'s warnings", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function warnings(text, options)
    local result = dir:script("local ensemble = require 'ensemble'\n" .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result.stdout, result.stderr
  end

  local TWO_MODES = [[
    local model = { ndim = 2 }
    function model.log_prob(t)
      local a, b = -0.5 * (t[1] + 15) ^ 2, -0.5 * (t[1] - 15) ^ 2
      return math.max(a, b) + math.log(1 + math.exp(-math.abs(a - b))) - 0.5 * t[2] ^ 2
    end
    local start = {}
    for k = 1, 32 do start[k] = { (k <= 12 and -15 or 15) + math.sin(k), math.cos(7 * k) } end
    local s = ensemble.run { model = model, start = start, moves = %s, steps = 3000, seed = 4, progress = "none" }
    for _, w in ipairs(s:summary().warnings) do print(w) end]]

  it("report walkers in two modes, unless they cross between these", function()
    local text = warnings(TWO_MODES:format("'emcee'"))
    assert.truthy(
      text:find("groups that do not mix: in 'p1' 12 are around %-1[45]%.%d+ and 20 around 1[45][%.,]"), text)
    text = warnings(TWO_MODES:format("nil"))
    assert.is_nil(text:find("do not mix"), text)
  end)

  -- Short chains, too, must give no warnings except of their length.
  it("of modes and stuck walkers do not appear for the installed models", function()
    local text = warnings(([[
      local line = { line = ensemble.read_csv(%q) }
      local table1 = ensemble.read_csv(%q)
      local hogg = { line = { x = table1.x, y = table1.y, yerr = table1.sigma_y } }
      local cases = {
        { model = "gaussian.lua", start = ensemble.ball({ 1, 2, 3, 4, 5 }, { 1, 2, 3, 4, 5 }) },
        { model = "rosenbrock.lua", start = ensemble.ball({ 1, 1 }, { 3, 3 }) },
        { model = "line.lua", data = line, start = ensemble.ball({ -1, 4.5, -0.7 }, 0.1) },
        { model = "line_outliers.lua", data = hogg,
          start = ensemble.ball({ 2.2, 35, 0.3, 450, 9 }, { 0.1, 9, 0.1, 20, 1 }) } }
      for _, case in ipairs(cases) do
        for seed, steps in ipairs { 100, 400, 3000 } do
          for _, moves in ipairs { "emcee", { { ensemble.moves.de {}, 0.8 }, { ensemble.moves.snooker {}, 0.2 } } } do
            case.steps, case.seed, case.moves, case.quiet, case.resume = steps, seed, moves, true, nil
            for _, w in ipairs(ensemble.run(case):summary().warnings) do
              if w:find("do not mix") or w:find("Stuck") or w:find("No proposal") then print(case.model, steps, w) end
            end
          end
        end
      end]]):format(helper.root .. "/examples/line.csv", helper.root .. "/examples/hogg2010/hogg2010.csv"))
    assert.equal("", text)
  end)

  it("of walkers appear during the run, and in info", function()
    local _, err = warnings([[
      local model = { ndim = 1 }
      function model.log_prob(t)
        if math.abs(t[1]) > 20 then return -math.huge end
        return -0.5 * t[1] ^ 2 - (math.abs(t[1]) > 10 and 1e6 or 0)
      end
      local start = {}
      for k = 1, 12 do start[k] = { math.sin(k) } end
      start[3], start[8] = { 50 }, { 15 }
      ensemble.run { model = model, start = start, moves = ensemble.moves.gaussian { cov = 0.1 }, steps = 300, seed = 1,
        output = "w.db", quiet = true }]])
    local unborn = "log_prob was never finite for walker 3: start every walker where the model gives a finite log_prob."
    assert.truthy(err:find("ensemble-lua: warning, after 256 steps: " .. unborn, 1, true)
      or err:find("ensemble-luajit: warning, after 256 steps: " .. unborn, 1, true), err)
    local info = dir:run { "info", "w.db" }
    assert.truthy(info.stdout:find("\nwarning       " .. unborn, 1, true), info.stdout)
    local json = dir:run { "info", "w.db", "--json" }
    assert.truthy(json.stdout:find('"warnings":%s*%[%s*"log_prob was never finite'), json.stdout)
    local rows = helper.sql(dir:file("w.db"), "SELECT message FROM log WHERE level = 'warning'")
    assert.equal(unborn, rows[1][1])
  end)

  -- A move that always accepts must not hide that the other moves hardly accept.
  for _, case in ipairs {
    { "m.slice {}", nil },
    { "{ m.slice { direction = 'gaussian' }, m.slice {} }", nil },
    { "{ { m.slice {}, 1 }, { m.stretch {}, 1 } }", nil },
    { "{ { m.slice {}, 4 }, { m.gaussian { cov = 1e6 }, 1 } }",
      "The acceptance fraction, without the moves that always accept, is 0.00%d, below 0.1: " },
    { "{ { m.slice {}, 1 }, { m.gaussian { cov = 1e-6 }, 4 } }",
      "The acceptance fraction, without the moves that always accept, is [01].[09]%d%d, above 0.9: " },
    { "m.gaussian { cov = 1e-6 }", "The acceptance fraction is [01].[09]%d%d, above 0.9: " },
  } do
    it("of acceptance count only moves that can reject, with " .. case[1], function()
      local text = ([[
        local m = ensemble.moves
        local s = ensemble.run { model = { ndim = 2, log_prob = function(t) return -0.5 * (t[1] ^ 2 + t[2] ^ 2) end },
          start = ensemble.ball({ 0, 0 }, 1), walkers = 12, steps = 300, seed = 1, moves = %s, progress = "none",
          output = "acceptance.db" }
        for _, list in ipairs { s:summary().warnings, s:info().warnings } do
          for _, w in ipairs(list) do if w:find("acceptance") then print(w) end end
          print "--"
        end]]):format(case[1])
      os.remove(dir:file("acceptance.db"))
      local made, err = warnings(text)
      local again = warnings(text) -- from the store
      local places = { err }
      for _, command in ipairs { "info", "summary" } do
        places[#places + 1] = dir:run { command, "acceptance.db" }.stdout
      end
      for part in (made .. again):gmatch("(.-)%-%-\n") do places[#places + 1] = part end
      assert.equal(7, #places)
      for _, place in ipairs(places) do
        assert.equal(case[2] ~= nil, place:find(case[2] or ", %a+ 0%.[19]: ") ~= nil, place)
      end
    end)
  end
end)
