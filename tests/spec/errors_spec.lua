-- The messages that users read about a wrong script, model, configuration, data file or output: exact text, exit
-- status, and no file left behind. See docs/reference/messages.md.
local helper = require "tests.spec.helper"

local HEAD = [[
-- The beginning of every script below.
local ensemble = require "ensemble"
local function run(fields)
  local config = { start = ensemble.ball({ 0, 0 }, 1), steps = 20, seed = 1, walkers = 8, workers = 2, quiet = true }
  for name, value in pairs(fields) do config[name] = value end
  return ensemble.run(config)
end
local function normal(theta) return -0.5 * (theta.x ^ 2 + theta.y ^ 2) end
local function model(log_prob, blobs) return { parameters = { "x", "y" }, blobs = blobs, log_prob = log_prob } end
]] -- nine lines, so the scripts below begin in line 10

local POINT = "\n  at the start, walker 1: x = -0.3064911530722137, y = -0.48925034439756504\n"

local function listing(dir)
  local pipe = io.popen("ls -A " .. helper.quote(dir.path) .. " | grep -v '^[.]run'")
  local text = pipe:read("*a")
  pipe:close()
  return text
end

describe(helper.name .. " on", function()
  local dir

  before_each(function() dir = helper.directory() end)

  -- Runs HEAD and text. stderr must equal the program's name and `message`; after a "..." at its end, anything may
  -- follow.
  local function fails(text, status, message, options)
    dir:write("run.lua", "")
    local before = listing(dir)
    local result = dir:script(HEAD .. text, options or { timeout = 60 })
    local wanted, got = "ensemble-lua: " .. message .. "\n", result.stderr
    if message:sub(-3) == "..." then
      wanted = wanted:sub(1, -5)
      got = got:sub(1, #wanted)
    end
    assert.equal(wanted, got)
    assert.equal(status, result.status)
    assert.equal(before, listing(dir))
    assert.falsy(result.stderr:find("0x%x%x%x%x%x%x"), result.stderr)
    assert.falsy(result.stderr:find("ensemble/", 1, true), result.stderr)
    assert.equal("", result.stdout)
    return result.stderr
  end

  -------------------------------------------------------------------------------------------------- answers of models
  local number = ": it must return a number (-math.huge rejects a point)"
  local answers = { -- body of log_prob; message
    { "return nil", "log_prob returned nil" .. number },
    { "local _ = theta", "log_prob returned nothing" .. number },
    { "return 'abc'", "log_prob returned a string" .. number },
    { "return '5'", "log_prob returned a string" .. number },
    { "return true", "log_prob returned a boolean" .. number },
    { "return {}", "log_prob returned a table" .. number },
    { "return 0 / 0", "log_prob returned NaN" },
    { "return 1 / 0", "log_prob returned inf: it must be finite, or -inf to reject a point" },
    { "return 1, 2, 3", "log_prob returned 2 values after the first, but 'blobs' names 0" },
    { "return 1, 2", "log_prob returned 1 value after the first, but 'blobs' names 2: a, b", "{ 'a', 'b' }" },
    { "return 1, 2, 3", "log_prob returned 2 values after the first, but 'blobs' names 1: a", "{ 'a' }" },
    { "return 1", "log_prob returned 0 values after the first, but 'blobs' names 1: a", "{ 'a' }" },
    { "return 1, 's'", "blob 'a' is a string: 'blobs' declares it as a number", "{ 'a' }" },
    { "return 1, nil", "blob 'a' is nil: 'blobs' declares it as a number", "{ 'a' }" },
    { "return 1, 2", "blob 'a' is a number: 'blobs' declares it as a list of 3 numbers", "{ { 'a', 3 } }" },
    { "return 1, { 1, 2 }", "blob 'a' has 2 elements: 'blobs' declares 3", "{ { 'a', 3 } }" },
    { "return 1, ensemble.array { 1, 2, 3, 4 }", "blob 'a' has 4 elements: 'blobs' declares 3", "{ { 'a', 3 } }" },
    { "return 1, { 1, 2, 'x' }", "blob 'a': element 3 is a string: it must be a number", "{ { 'a', 3 } }" },
    { "return 1, 2", "blob 'a' is a number: 'blobs' declares it as a string of at most 32 bytes",
      "{ { 'a', 'string' } }" },
    { "return 1, 'abcd'", "blob 'a' has 4 bytes: 'blobs' declares at most 3 ({ \"a\", \"string\", 4 })",
      "{ { 'a', 'string', 3 } }" },
    { "return 1, 'a' .. string.char(0)", "blob 'a' contains a NUL, which would end its text in the store",
      "{ { 'a', 'string' } }" },
  }
  for _, case in ipairs(answers) do
    it(("a model with body '%s' and blobs %s"):format(case[1], case[3] or "none"), function()
      fails(("run { model = model(function(theta) %s end, %s) }"):format(case[1], case[3] or "nil"), 1,
        "run.lua:10: " .. case[2] .. POINT:sub(1, -2))
    end)
  end

  it("blobs may be left out if log_prob is -inf", function()
    local text = "run { model = model(function(theta) if theta.x > 0 then return -1 / 0 end return 0, 1 end, { 'a' }) }"
    local result = dir:script(HEAD .. text)
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  --------------------------------------------------------------------------------------------------- errors of models
  local traceback = "stack traceback:\n\t[C]: in function 'error'\n\trun.lua:10: in function <run.lua:10>"
  local errors = {
    { "error('bad luck')", "bad luck" },
    { "error('bad luck', 0)", "bad luck" },
    { "error(nil)", "(error object is a nil value)" },
    { "error()", "(error object is a nil value)" },
    { "error({ code = 3 })", "(error object is a table value)" },
    { "error(42)", "42" },
    { "error(setmetatable({}, { __tostring = function() return 'I am a table' end }))", "I am a table" },
    { "error(setmetatable({}, { __tostring = function() return {} end }))", "(error object is a table value)" },
  }
  for _, case in ipairs(errors) do
    it("a model with body " .. case[1], function()
      fails(("run { model = model(function() %s end) }"):format(case[1]), 1,
        "run.lua:10: " .. case[2] .. POINT .. traceback)
    end)
  end

  it("a model that raises an error in nested functions", function()
    dir:write("deep.lua", [[
local m = { parameters = { "x", "y" } }
local function inner(x) return x + nil end
local function outer(x)
  local y = inner(x)
  return y
end
function m.log_prob(theta)
  local y = outer(theta.x)
  return y
end
return m
]])
    local text = fails("run { model = 'deep.lua' }", 1,
      "deep.lua:2: attempt to perform arithmetic on a nil value" .. POINT .. "stack traceback:\n\tdeep.lua:2: in ...")
    for _, line in ipairs { "\n\tdeep.lua:4: in ", "\n\tdeep.lua:8: in function <deep.lua:7>\n" } do
      assert.truthy(text:find(line, 1, true), text)
    end
    assert.falsy(text:find("[C]", 1, true), text)
  end)

  it("a model that recurses without end", function()
    local text = fails([[
local function f(x) return 1 + f(x) end
run { model = model(function(theta) return f(theta) end) }]], 1, "run.lua:10: stack overflow...")
    assert.truthy(text:find(POINT, 1, true), text)
  end)

  it("a model that returns NaN after the start, with the step", function()
    local text = fails([[
local n = 0
run { workers = 1, model = model(function(theta)
  n = n + 1
  if n > 16 then return 0 / 0 end
  return normal(theta)
end) }]], 1, "run.lua:11: log_prob returned NaN\n  at step 2, walker ...")
    assert.truthy(text:find("walker [1-8]: x = [%d.e-]+, y = [%d.e-]+\n$"), text)
  end)

  it("a model that raises an error in setup, or while it is loaded", function()
    local frames = "stack traceback:\n\t[C]: in function 'error'\n\tm.lua:2: in "
    dir:write("m.lua", "local m = { ndim = 2, log_prob = print }\n"
      .. "function m.setup(data) error('no ' .. data.a) end\nreturn m")
    fails("run { model = 'm.lua', data = { a = 'luck' } }", 1, "m.lua:2: no luck\n" .. frames .. "function <m.lua:2>")
    dir:write("m.lua", "local x\nerror('no such luck')")
    fails("run { model = 'm.lua' }", 1, "m.lua:2: no such luck\n" .. frames .. "main chunk...")
    dir:write("m.lua", "local m = {}\nm.x = = 2\nreturn m")
    fails("run { model = 'm.lua' }", 1, "m.lua:2: unexpected symbol near '='")
  end)

  local forms = { -- model file; message
    { "local x = 1", "the model file returns nothing: it must return a table with parameters and log_prob "
      .. "(does it end with 'return model'?)" },
    { "return 5", "the model file returns 5: it must return a table with parameters and log_prob "
      .. "(does it end with 'return model'?)" },
    { "return { parameters = { 'a' } }",
      "the model has no function 'log_prob': add function model.log_prob(theta, data) ... end" },
    { "return { log_prob = print }",
      "the model has no field 'parameters': give the names, like parameters = { \"m\", \"b\" }, or ndim" },
    { "return { parameters = {}, log_prob = print }", "field 'parameters' is empty: name at least one parameter" },
    { "return { parameters = { 'a', 'a' }, log_prob = print }", "field 'parameters' has the name 'a' twice" },
    { "return { parameters = { 'a', 2 }, log_prob = print }", "parameters[2] is 2: it must be a name" },
    { "return { parameters = 'a', log_prob = print }",
      "field 'parameters' is the string 'a': it must be a list of names, like { \"m\", \"b\" }" },
    { "return { ndim = 0, log_prob = print }", "field 'ndim' is 0: it must be a whole number from 1 on" },
    { "return { ndim = 2, log_prob = 5 }", "field 'log_prob' is 5: it must be a function" },
    { "return { ndim = 2, logprob = print }", "unknown field 'logprob': did you mean 'log_prob'?" },
    { "return { ndim = 2, log_prior = print }",
      "the model has log_prior but no log_likelihood: give both, or log_prob" },
  }
  for _, case in ipairs(forms) do
    it("a model file with text " .. case[1], function()
      dir:write("m.lua", case[1])
      fails("run { model = 'm.lua' }", 2, "run.lua:10: m.lua: " .. case[2])
    end)
  end

  it("data that the installed models cannot use", function()
    local cases = { -- data of line_outliers.lua; message
      { "nil", "data.line is missing: give data = { line = { x =, y =, yerr = } }" },
      { "{ line = { x = { 1 }, y = { 1 }, yerr = { 1 } } }", "data.line has fewer than 2 points" },
      { "{ line = { x = { 1, 2 }, y = { 1, 3 } } }", "data.line.yerr is missing: give x, y and yerr" },
      { "{ line = { x = { 1, 2 }, y = { 1, 3 }, yerr = { 1, 1 } }, Y_b = { mean = 2, sd = 0 } }",
        "data.Y_b must be { mean =, sd = }, two numbers, sd above 0" },
    }
    for _, case in ipairs(cases) do
      local result = dir:script(HEAD .. ("run { model = 'line_outliers.lua', walkers = 20, data = %s,\n"
        .. "start = ensemble.ball({ 2, 30, 0.2, 400, 8 }, 1e-3) }"):format(case[1]))
      local place, message = result.stderr:match("^ensemble%-lua: (%S+):%d+: ([^\n]+)")
      assert.equal("line_outliers.lua", place and place:match("[^/]*$"), result.stderr)
      assert.equal(case[2], message)
      assert.equal(1, result.status)
    end
  end)

  it("an inline model with a wrong field, naming its place once", function()
    fails("run { model = { ndim = 2, logprob = print } }", 2,
      "run.lua:10: inline model: unknown field 'logprob': did you mean 'log_prob'?")
  end)

  it("a missing model file", function()
    local text = fails("run { model = 'models/nowhere.lua' }", 2,
      "run.lua:10: field 'model': there is no file 'models/nowhere.lua': tried models/nowhere.lua, ...")
    assert.truthy(text:find("/nowhere.lua\n$"), text)
  end)

  it("errors and NaNs that are rejected, up to max_errors", function()
    local text = [[
run { on_error = "reject", on_nan = "reject", max_errors = %s, steps = 200, start = ensemble.ball({ 0, 0 }, 0.1),
  model = model(function(theta)
    if theta.x > 1 then error("boom") end
    if theta.y > 1 then return 0 / 0 end
    return normal(theta)
  end) }
]]
    local result = dir:script(HEAD .. text:format("nil"))
    assert.equal(0, result.status, result.stderr)
    result = dir:script(HEAD .. text:format("10"))
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("^ensemble%-lua: run.lua:1[12]: [^\n]*\n  at step %d+, walker %d: x = [^\n]*\n"
      .. "  max_errors = 10: the run has rejected that many errors, and this one ends it\n"), result.stderr)
    -- With on_error and on_nan = "stop", max_errors counts nothing.
    result = dir:script(HEAD .. text:format("10"):gsub('"reject"', '"stop"'))
    assert.equal(1, result.status)
    assert.falsy(result.stderr:find("max_errors", 1, true), result.stderr)
  end)

  it("rejected evaluations, printing the first ones with their place and counting the others", function()
    local result = dir:script(HEAD .. [[
run { on_error = "reject", quiet = false, progress = "none", workers = 1, steps = 50,
  model = model(function(theta)
    if theta.x > 1 then error("boom") end
    return normal(theta)
  end) }
]])
    assert.equal(0, result.status, result.stderr)
    local told = {}
    for place in result.stderr:gmatch("ensemble%-lua: rejected: run%.lua:12: boom\nensemble%-lua:   at ([^\n]*)\n") do
      told[#told + 1] = place
    end
    assert.equal(3, #told, result.stderr)
    for _, place in ipairs(told) do
      assert.truthy(place:gsub("^step %d+", "the start"):find("^the start, walker %d: x = [^,]+, y = [^,]+$"), place)
    end
    local _, count = result.stderr:gsub("rejected: ", "")
    assert.equal(3, count, result.stderr)
    assert.truthy(result.stderr:find(told[3] .. "\nensemble-lua:   (further errors are counted and not shown)\n", 1,
      true), result.stderr)
    assert.falsy(result.stderr:find("stack traceback", 1, true), result.stderr)
    assert.truthy(result.stderr:find("rejected %d+ errors"), result.stderr)
  end)

  it("rejected evaluations, logging the first hundred of a session and the number of the others", function()
    local script = HEAD .. [[
local sampler = run { on_nan = "reject", steps = 200, start = ensemble.ball({ 0, 0 }, 0.01), output = "rejected.db",
  model = model(function(theta)
    if theta.x > 0.2 then return 0 / 0 end
    return normal(theta)
  end) }
print(sampler:info().nans)
]]
    local result = dir:script(script)
    assert.equal(0, result.status, result.stderr)
    local rows = helper.sql(dir:file("rejected.db"), "SELECT level, message FROM log ORDER BY id")
    local nans = tonumber(result.stdout)
    assert.truthy(nans > 200, result.stdout)
    assert.equal(102, #rows)
    for i = 1, 100 do
      assert.equal("warning", rows[i][1])
      assert.truthy(rows[i][2]:find("returned NaN\n  at ", 1, true), rows[i][2])
    end
    assert.same({ "warning", "further rejected evaluations of this session are counted and not logged" }, rows[101])
    local more = ("%d more evaluations were rejected in this session than the log has"):format(nans - 100)
    assert.same({ "warning", more }, rows[102])
  end)

  ------------------------------------------------------------------------------------------------------ configurations
  local whole = "give a whole number of at least "
  local FORM = "give a move like ensemble.moves.stretch { a = 2 }, "
  local rows = { -- field; message after "run.lua:10: "
    { "stpes = 3", "unknown field 'stpes': did you mean 'steps'?" },
    { "walkers = 3", "3 walkers are too few for 2 parameters: give at least 4, better 8 or more, since half of the "
      .. "walkers must span all directions" },
    { "walkers = 1", "field 'walkers' is 1: " .. whole .. "2" },
    { "steps = 0 / 0", "field 'steps' is nan: " .. whole .. "1" },
    { "steps = '10'", "field 'steps' is '10': " .. whole .. "1" },
    { "workers = 5000", "field 'workers' is 5000: " .. whole .. "1 and at most 4096" },
    { "seed = -1",
      "field 'seed' is -1: give a whole number from 0 to 18446744073709551615 (one above 2^53 in quotes)" },
    { "output = ''", "field 'output' is '': give the path of a store file" },
    { "resume = 'Auto'", "field 'resume' is 'Auto': give 'auto', 'never', 'must' or 'force' (did you mean 'auto'?)" },
    { "time_limit = '2x'", "field 'time_limit' is '2x': give a time above 0, in seconds or like '2h30m' or '90s'" },
    { "on_error = 'ignore'", "field 'on_error' is 'ignore': give 'stop' or 'reject'" },
    { "quiet = 'yes'", "field 'quiet' is 'yes': give true or false" },
    { "moves = ensemble.moves.strech {}", "there is no move 'strech': did you mean 'stretch'?" },
    { "moves = ensemble.moves.stretch { a = 1 }",
      "move 'stretch': parameter 'a' is 1: give a number above 1 and at most 1000000" },
    { "moves = { { ensemble.moves.stretch {}, 0 } }",
      "field 'moves': entry 1: the weight is 0: give a number above 0" },
    { "moves = { ensemble.moves.stretch {}, 1 }", "field 'moves': entry 2 is 1: " .. FORM
      .. "or { move, weight } (a move with its weight stands in braces of its own)" },
    { "data = 5", "field 'data' is a number: give a table, like data = { line = ensemble.read_csv('line.csv') }" },
    { "data = { f = { print } }",
      "field 'data': data.f[1] is a function: give arrays, numbers, strings, booleans or tables of them" },
    { "start = ensemble.ball({ 0 }, 1)",
      "field 'start': the ball's center has 1 number, the model has 2 parameters: x, y" },
    { "start = ensemble.ball({ 0, 0 }, 0)", "field 'start': the ball's spread is 0 for x: give a number above 0" },
    { "start = ensemble.ball({ 0, 1 / 0 }, 1)", "field 'start': the ball's center: y is inf: give a number" },
    { "start = ensemble.ball({ x = 0, z = 1 }, 1)",
      "field 'start': the ball's center has 'z', which is no parameter: the parameters are x, y" },
    { "start = ensemble.array { 1, 2, 3 }",
      "field 'start' is an array of 1 dimension: give one of 2, [walker][parameter]" },
  }
  for _, case in ipairs(rows) do
    it("a run with " .. case[1], function()
      fails(("run { model = model(normal), output = 'run.db', %s }"):format(case[1]), 2, "run.lua:10: " .. case[2])
    end)
  end

  -- Values that no type of options.lua accepts, each in every field.
  it("values of wrong types in every field", function()
    local text = [[
local fields = { "walkers", "steps", "thin_by", "workers", "seed", "output", "resume", "time_limit", "on_error",
  "on_nan", "max_errors", "commit_every", "progress", "journal", "quiet", "model", "moves", "start" }
for _, field in ipairs(fields) do
  for _, value in ipairs { -1.5, 0 / 0, print, "", {} } do
    local ok, message = pcall(run, { model = model(normal), [field] = value })
    local wanted = "^run.lua:%d+: field '" .. field .. "'"
    if ok or not message:find(wanted) or message:find("0x%x%x%x") or message:find("\n") then
      local is_fine = field == "model" and message:find("the model has no field 'parameters'", 1, true)
      if not is_fine then error(field .. ": " .. tostring(message)) end
    end
  end
end]]
    local result = dir:script(HEAD .. text, { timeout = 60 })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  ------------------------------------------------------------------------------------------------------------- starts
  local positions = "(function() local t = {} for i = 1, 8 do t[i] = { %s } end %s return t end)()"
  local starts = { -- position of walker i; a change to the list; message
    { "i, 1", "", "parameter 'y' has the value 1 in every walker: walkers must differ in every parameter; widen the "
      .. "spread of the start" },
    { "i, 2 * i", "", "the combination 0.89*x - 0.45*y does not vary between the walkers (condition number inf, "
      .. "at most 1e+08 is allowed): they lie in a plane and would never leave it; spread the start in every "
      .. "direction" },
    { "i, i * i", "t[3][2] = 0 / 0", "field 'start': walker 3: y is nan: give a number" },
    { "i, i * i", "t[3][2] = 1 / 0", "field 'start': walker 3: y is inf: give a number" },
    { "i, i * i", "t[8] = nil", "field 'start' has positions for 7 walkers, the run has 8: give as many, or leave out "
      .. "'walkers'" },
    { "i, i * i", "t[4] = { 1 }", "field 'start': walker 4 has 1 number, the model has 2 parameters: x, y" },
  }
  for _, case in ipairs(starts) do
    it(("a start at { %s } %s"):format(case[1], case[2]), function()
      local start = positions:format(case[1], case[2])
      fails("run { model = model(normal), output = 'run.db', start = " .. start .. " }", 2,
        "run.lua:10: " .. case[3])
    end)
  end

  it("a start with -inf at every walker", function()
    fails("run { output = 'run.db', model = model(function() return -1 / 0 end) }", 2, "run.lua:10: start: log_prob is "
      .. "-inf for 8 of 8 walkers, also after 100 redraws: move the ball's center to where the model allows, or make "
      .. "its spread smaller")
    fails("run { output = 'run.db', model = model(function() return -1 / 0 end), start = "
      .. positions:format("i, i * i", "") .. " }", 2, "run.lua:10: start: log_prob is -inf at the positions of all 8 "
      .. "walkers: give positions that the model allows")
  end)

  it("a start with -inf at some walkers: a ball is drawn again, given positions are kept with a warning", function()
    local half = "model = model(function(theta) if theta.x < 3 then return -1 / 0 end return normal(theta) end)"
    local result = dir:script(HEAD .. ("run { %s, start = ensemble.ball({ 3, 0 }, 1) }"):format(half))
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    result = dir:script(HEAD .. ("run { %s, start = %s }"):format(half, positions:format("i, i * i", "")))
    assert.equal("ensemble-lua: warning: log_prob is -inf at the start of 2 of 8 walkers (1, 2): they may never move\n",
      result.stderr)
    assert.equal(0, result.status)
  end)

  ----------------------------------------------------------------------------------------------------- data and outputs
  it("bad data files", function()
    dir:write("bad.csv", "x,y\n1,2\n3,abc\n")
    dir:write("ragged.csv", "x,y\n1,2\n3\n")
    dir:write("empty.csv", "")
    fails("ensemble.read_csv('bad.csv')", 1, "run.lua:10: bad.csv:3:3: column 'y': \"abc\" is not a number")
    fails("ensemble.read_csv('ragged.csv')", 1,
      "run.lua:10: ragged.csv:3:2: 2 fields expected, as on line 1, but 1 found")
    fails("ensemble.read_csv('empty.csv')", 1, "run.lua:10: empty.csv: there is no table in it: it has no lines")
    fails("ensemble.read_csv('none.csv')", 1, "run.lua:10: none.csv: No such file or directory")
    fails("ensemble.read_csv('.')", 1, "run.lua:10: .: Is a directory")
  end)

  it("a missing column", function()
    dir:write("line.csv", "x,y,sigma\n1,2,3\n")
    fails("local d = ensemble.read_csv('line.csv')\nprint(d.sigm)", 1,
      "run.lua:11: there is no column 'sigm': did you mean 'sigma'?\nstack traceback:\n\trun.lua:11: in main chunk...")
  end)

  local function output_fails(output, message, more)
    fails(("run { model = model(normal), output = '%s' %s }"):format(output, more or ""), 2, "run.lua:10: " .. message)
  end

  it("outputs that cannot be written", function()
    dir:write("folder/file", "x")
    output_fails("no/such/run.db", "'no/such/run.db' cannot be made: the directory 'no/such' does not exist")
    output_fails("folder", "'folder' is a directory, not a store")
    output_fails("folder/file/run.db", "'folder/file/run.db' cannot be made: 'folder/file' is not a directory")
    -- The run reports this before its first evaluation, even if root has the rights.
    output_fails("/proc/run.db", "'/proc/run.db' cannot be made: ...", ", model = model(function() error 'begun' end)")
    output_fails("run.db", "'run.db' does not exist, and resume is \"must\": there is no run to continue",
      ", resume = 'must'")
  end)

  it("an output in a folder that is read-only", function()
    os.execute(("mkdir %s && chmod a-w %s"):format(dir:file("locked"), dir:file("locked")))
    if os.execute(("test -w %s"):format(dir:file("locked"))) then return end -- root may write everywhere
    output_fails("locked/run.db", "'locked/run.db' cannot be made: the folder 'locked' cannot be written to")
  end)

  it("outputs that are other files, which stay unchanged", function()
    dir:write("text.db", "this is a text\n")
    dir:write("empty.db", "")
    local make = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('create table a(b)'); d.commit()"
    os.execute(('python3 -c "%s" %s'):format(make, helper.quote(dir:file("foreign.db"))))
    local foreign = dir:read("foreign.db")
    output_fails("text.db", "'text.db' is not a store of ensemble-lua: it is not a SQLite file")
    output_fails("empty.db", "'empty.db' is not a store of ensemble-lua: it is an empty file")
    output_fails("foreign.db", "'foreign.db' is a SQLite file but not a store of ensemble-lua")
    output_fails("foreign.db", "'foreign.db' exists, and resume is \"never\": move it away, or give another output",
      ", resume = 'never'")
    assert.equal("this is a text\n", dir:read("text.db"))
    assert.equal("", dir:read("empty.db"))
    assert.equal(foreign, dir:read("foreign.db"))
  end)

  it("an output of another run, listing the differences", function()
    dir:script(HEAD .. "run { model = model(normal), output = 'run.db', moves = 'emcee' }")
    local digest = helper.digest(dir:file("run.db"))
    fails("run { model = model(normal), output = 'run.db', walkers = 10, seed = 2, data = { 1 }, "
      .. "moves = ensemble.moves.stretch { a = 3 } }", 2, [[
run.lua:10: 'run.db' holds a run that this one cannot continue:
  walkers: 8 there, 10 here
  seed: 1 there, 2 here
  moves: [{"move":"stretch","weight":1,"a":2}] there, [{"move":"stretch","weight":1,"a":3}] here
  the data have changed
undo the changes, or give another output, or move the file away]])
    fails("run { model = model(function(theta) return normal(theta) / 2 end), moves = 'emcee', "
      .. "output = 'run.db' }", 2, [[
run.lua:10: 'run.db' holds a run that this one cannot continue:
  the model has changed: inline model at run.lua:10
undo the changes, or give another output, or move the file away]])
    assert.equal(digest, helper.digest(dir:file("run.db")))
  end)

  it("an output that holds enough steps: nothing to do", function()
    for _, steps in ipairs { 20, 5 } do
      local result = dir:script(HEAD .. ("run { model = model(normal), output = 'run.db', steps = %d }"):format(steps))
      assert.equal("", result.stderr)
      assert.equal(0, result.status)
    end
    assert.equal(20, helper.chain(dir:file("run.db")).steps)
  end)
end)
