-- Checks of users' values, and the places that errors name: the Lua modules alone, without the program.
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local check = require "ensemble.check.value"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"

describe("the nearest name", function()
  it("counts insertions, deletions, substitutions and swaps as one each", function()
    for _, case in ipairs {
      { "", "", 0 }, { "a", "", 1 }, { "", "abc", 3 }, { "steps", "steps", 0 }, { "stpes", "steps", 1 },
      { "step", "steps", 1 }, { "stteps", "steps", 1 }, { "stops", "steps", 1 }, { "ca", "abc", 3 },
      { "kitten", "sitting", 3 }, { "ab", "ba", 1 },
    } do
      assert.equal(case[3], nearest.distance(case[1], case[2]), case[1] .. " " .. case[2])
      assert.equal(case[3], nearest.distance(case[2], case[1]), case[2] .. " " .. case[1])
    end
  end)

  it("is at most about one letter in three away", function()
    local fields = { "model", "steps", "seed", "a" }
    assert.equal("steps", nearest.find("stpes", fields))
    assert.equal("steps", nearest.find("STEP", fields))
    assert.equal("seed", nearest.find("sed", fields))
    assert.is_nil(nearest.find("b", fields))
    assert.is_nil(nearest.find("iterations", fields))
    assert.is_nil(nearest.find("x", {}))
  end)

  it("is the first of equally near names in a list, and the first in the alphabet in a set", function()
    assert.equal("bat", nearest.find("cat", { "bat", "rat" }))
    assert.equal("bat", nearest.name("cat", { rat = true, bat = true }))
  end)

  it("is replaced by the whole list if nothing is near", function()
    assert.equal(": did you mean 'steps'?", nearest.advice("stpes", { "steps" }, "fields"))
    assert.equal(": the fields are steps, seed", nearest.advice("foo", { "steps", "seed" }, "fields"))
    assert.equal(": there are no fields here", nearest.advice("foo", {}, "fields"))
  end)
end)

describe("a value's check", function()
  local steps = { type = "integer", min = 1 }

  local function refused(row, value)
    local accepted, message = check.value(row, value, "field 'f'")
    assert.is_nil(accepted)
    return message
  end

  it("takes whole numbers of any spelling", function()
    for _, value in ipairs { 1, 10, 1e4, 5000.0, 2 ^ 53 } do
      assert.equal(value, check.value(steps, value, "f"))
    end
    assert.equal("10000", tostring(check.value(steps, 1e4, "f")):match("^%d+"))
  end)

  it("rejects everything else, naming the value and the allowed ones", function()
    assert.equal("field 'f' is 0: give a whole number of at least 1", refused(steps, 0))
    assert.equal("field 'f' is 10.5: give a whole number of at least 1", refused(steps, 10.5))
    assert.equal("field 'f' is 'ten': give a whole number of at least 1", refused(steps, "ten"))
    assert.equal("field 'f' is '10': give a whole number of at least 1", refused(steps, "10"))
    assert.equal("field 'f' is a table: give a whole number of at least 1", refused(steps, {}))
    assert.equal("field 'f' is a function: give a whole number of at least 1", refused(steps, print))
    assert.equal("field 'f' is true: give a whole number of at least 1", refused(steps, true))
    assert.equal("field 'f' is nan: give a whole number of at least 1", refused(steps, 0 / 0))
    assert.truthy(refused(steps, math.huge))
    assert.truthy(refused(steps, 2 ^ 53 + 2))
  end)

  it("keeps the ends of a range, unless they are excluded", function()
    local closed = { type = "number", min = 0, max = 1 }
    assert.equal(0, check.value(closed, 0, "f"))
    assert.equal(1, check.value(closed, 1, "f"))
    assert.equal("field 'f' is 1.5: give a number of at least 0 and at most 1", refused(closed, 1.5))
    assert.equal("field 'f' is 1: give a number above 1", refused({ type = "number", min = 1, exclusive = true }, 1))
    assert.truthy(refused({ type = "number" }, -math.huge))
    assert.equal("field 'f' is 0: give a number above 0",
      refused({ type = "number", min = 0, max = math.huge, exclusive = true }, 0))
    assert.equal("field 'f' is 3: give a number of at most 2", refused({ type = "number", max = 2 }, 3))
  end)

  it("takes one of the values of a choice, and names the nearest", function()
    local choice = { type = "choice", values = { "stop", "reject" } }
    assert.equal("stop", check.value(choice, "stop", "f"))
    assert.equal("field 'f' is 'rejct': give 'stop' or 'reject' (did you mean 'reject'?)", refused(choice, "rejct"))
    assert.equal("field 'f' is 'ignore': give 'stop' or 'reject'", refused(choice, "ignore"))
    assert.equal("field 'f' is 1: give 'stop' or 'reject'", refused(choice, 1))
  end)

  it("takes only true and false for a boolean", function()
    assert.equal(false, check.value({ type = "boolean" }, false, "f"))
    assert.equal("field 'f' is 1: give true or false", refused({ type = "boolean" }, 1))
    assert.equal("field 'f' is 'false': give true or false", refused({ type = "boolean" }, "false"))
  end)

  it("brings seeds to decimal digits, up to 64 bits", function()
    local seed = { type = "seed" }
    for value, digits in pairs {
      [0] = "0", [42] = "42", [2 ^ 53] = "9007199254740992", ["007"] = "7", ["0"] = "0", ["000"] = "0",
      ["18446744073709551615"] = "18446744073709551615",
    } do
      assert.equal(digits, check.value(seed, value, "f"))
    end
    for _, value in ipairs { -1, 1.5, 94684387249799.328125, "x", "", "-1", "0x10", "18446744073709551616",
      "99999999999999999999", {}, true, 0 / 0, math.huge } do
      assert.truthy(refused(seed, value):find("a whole number from 0 to 18446744073709551615", 1, true))
    end
  end)

  it("takes 5.4's large integers as seeds, exactly", function()
    if not math.tointeger then return end
    assert.equal("9007199254740993", check.value({ type = "seed" }, math.tointeger("9007199254740993"), "f"))
  end)

  it("shortens long values in its messages", function()
    local message = refused(steps, ("x"):rep(1000))
    assert.truthy(#message < 150)
  end)
end)

describe("a duration", function()
  it("is read from units in falling order, or as plain seconds", function()
    for text, seconds in pairs {
      ["90s"] = 90, ["2h30m"] = 9000, ["1.5h"] = 5400, ["1d"] = 86400, ["1d2h3m4s"] = 93784, ["2h 30m"] = 9000,
      ["10"] = 10, ["0.5"] = 0.5, [".5"] = 0.5, [".5h"] = 1800,
    } do
      assert.equal(seconds, check.duration(text), text)
    end
  end)

  it("cannot be read from other texts", function()
    for _, text in ipairs { "", " ", "h", "2x", "30m2h", "1h1h", "-1s", "1h5", "1..5s", ".s", "1e3s", "two hours" } do
      assert.is_nil(check.duration(text), text)
    end
  end)

  it("has its range checked in seconds", function()
    local limit = { type = "duration", min = 0, exclusive = true }
    assert.equal(9000, check.value(limit, "2h30m", "f"))
    assert.equal(0.25, check.value(limit, 0.25, "f"))
    local _, message = check.value(limit, "0s", "field 'time_limit'")
    assert.equal("field 'time_limit' is '0s': give a time above 0, in seconds or like '2h30m' or '90s'", message)
  end)
end)

describe("a table's check", function()
  local rows = {
    { field = "steps", type = "integer", min = 1 },
    { field = "quiet", type = "boolean", default = true },
    { field = "workers", type = "integer", min = 1, default = function() error "not here" end },
  }

  it("fills in constant defaults, and leaves the given table alone", function()
    local given = { steps = 3 }
    local values = check.fields(given, rows, "field")
    assert.same({ steps = 3, quiet = true }, values)
    assert.same({ steps = 3 }, given)
    assert.equal(false, check.fields({ quiet = false }, rows, "field").quiet)
  end)

  it("names an unknown field and the nearest one, or lists all fields", function()
    local values, message = check.fields({ stpes = 3 }, rows, "field")
    assert.is_nil(values)
    assert.equal("unknown field 'stpes': did you mean 'steps'?", message)
    assert.equal("unknown field 'foo': the fields are steps, quiet, workers", check.unknown({ foo = 1 }, rows, "field"))
    assert.equal("unknown field [1]: the fields are steps, quiet, workers", check.unknown({ 7 }, rows, "field"))
    assert.equal("unknown field a table: the fields are steps, quiet, workers",
      check.unknown({ [{}] = 1 }, rows, "field"))
  end)

  it("names the same one of several unknown fields every time", function()
    for _ = 1, 20 do
      local given = {}
      for _, key in ipairs { "zeta", "beta", "omega" } do given[key] = 1 end
      assert.truthy(check.unknown(given, rows, "field"):find("'beta'", 1, true))
    end
  end)

  it("reports the first wrong field in the order of the rows", function()
    local _, message = check.fields({ workers = 0, steps = 0 }, rows, "field")
    assert.equal("field 'steps' is 0: give a whole number of at least 1", message)
  end)
end)

describe("an error", function()
  -- A chunk of user code that calls f(...).
  local function user(code, f, ...)
    return pcall(assert((loadstring or load)(code, "@somewhere/run.lua")), f, ...)
  end

  it("begins with the place in the user's script", function()
    local ok, message = user("local raise = ...\n\nraise('config', 'boo')\n", failure.raise)
    assert.is_false(ok)
    assert.equal("somewhere/run.lua:3: boo", message)
    assert.same({ kind = "config", text = message }, failure.last)
  end)

  it("keeps its kind when the script adds words to the message", function()
    local _, message = user("(...)('config', 'boo') local x", failure.raise)
    assert.equal("config", failure.kind(message))
    assert.equal("config", failure.kind("while reading: " .. message .. "!"))
    assert.is_nil(failure.kind("something else"))
    assert.is_nil(failure.kind({}))
    assert.is_nil(failure.kind(nil))
  end)

  it("keeps per cent signs, and formats only on request", function()
    local _, message = user("(...)('config', '100 %s') local x", failure.raise)
    assert.equal("somewhere/run.lua:1: 100 %s", message)
    _, message = user("(...)('%d of %s', 3, 'x') local x", failure.config)
    assert.equal("somewhere/run.lua:1: 3 of x", message)
  end)

  it("of a model keeps the model's own place", function()
    local _, message = user("(...)(nil, 'line.lua:7: bad', 'model') local x", failure.check)
    assert.equal("line.lua:7: bad", message)
    assert.equal("model", failure.kind(message))
  end)

  it("from elsewhere gets the script's place, and results pass through the check", function()
    local _, message = user("(...)(nil, 'x.csv:2:3: bad', 'io') local x", failure.check)
    assert.equal("somewhere/run.lua:1: x.csv:2:3: bad", message)
    assert.equal("io", failure.kind(message))
    assert.same({ true, false, 2, 3 }, { user("return (...)(false, 2, 3)", failure.check) })
  end)

  it("is distinct from a stop", function()
    local ok, stop = pcall(failure.stop, "stopped after 3 steps")
    assert.is_false(ok)
    assert.is_true(failure.is_stop(stop))
    assert.equal("stopped after 3 steps", tostring(stop))
    assert.is_false(failure.is_stop("stopped"))
    assert.is_false(failure.is_stop({}))
  end)

  it("has a traceback without our own frames and without the ends of the stack", function()
    local folder = debug.getinfo(failure.raise, "S").source:match("^@(.*)failure%.lua$")
    local lines = { "stack traceback:", "\t[C]: in function 'error'",
      "\t" .. folder .. "failure.lua:37: in function 'raise'",
      "\t(...tail calls...)", "\trun.lua:3: in function 'f'", "\t(...tail calls...)", "\trun.lua:9: in main chunk",
      "\t(...tail calls...)", "\t[C]: in function 'xpcall'", "\t" .. folder .. "value.lua:4: in function <x>",
      "\t[C]: in ?" }
    assert.equal("stack traceback:\n\trun.lua:3: in function 'f'\n\t(...tail calls...)\n\trun.lua:9: in main chunk",
      failure.trim(table.concat(lines, "\n")))
    assert.is_nil(failure.trim("stack traceback:\n\t[C]: in ?"))
  end)

  it("keeps a user's frame from a folder that has our name", function()
    local text = "stack traceback:\n\tensemble/my_own_thing.lua:3: in main chunk"
    assert.equal(text, failure.trim(text))
  end)
end)
