-- The command line, as far as it answers without sampling. See docs/reference/commands.md.
local helper = require "tests.spec.helper"

describe(helper.name .. " on the command line", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local engine = helper.is_luajit and "LuaJIT 2.1" or "Lua 5.4"

  for _, option in ipairs { "-v", "--version" } do
    it("prints name, version and engine for " .. option, function()
      local result = dir:run { option }
      assert.equal(0, result.status)
      local name, version, rest = result.stdout:match("^(%S+) (%d+%.%d+%.%d+) (.*)\n$")
      assert.equal(helper.name, name)
      assert.truthy(version)
      assert.equal("(" .. engine .. ")", rest)
      assert.equal("", result.stderr)
    end)
  end

  it("explains itself for --help, on stdout", function()
    local result = dir:run { "--help" }
    assert.equal(0, result.status)
    assert.equal("", result.stderr)
    local words = { helper.name, "SCRIPT.lua", "info", "summary", "--workers", "--seed", "--steps", "--output" }
    for _, word in ipairs(words) do
      assert.truthy(result.stdout:find(word, 1, true), "--help does not say '" .. word .. "':\n" .. result.stdout)
    end
  end)

  it("explains that a command comes first when an option stands before it", function()
    local result = dir:run { "--quiet", "info", "x.db" }
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("'info' is a command: it comes first, and its options behind it", 1, true))
  end)

  it("explains a command equally for help COMMAND and COMMAND --help", function()
    local by_help, by_option = dir:run { "help", "info" }, dir:run { "info", "--help" }
    assert.equal(0, by_help.status)
    assert.equal(0, by_option.status)
    assert.equal(by_help.stdout, by_option.stdout)
    assert.truthy(by_help.stdout:find("--json", 1, true))
  end)

  it("exits 2 for an unknown option, naming it and the nearest one", function()
    local result = dir:run { "--worker", "2", "run.lua" }
    assert.equal(2, result.status)
    assert.equal("", result.stdout)
    assert.truthy(result.stderr:find("--worker", 1, true))
    assert.truthy(result.stderr:find("--workers", 1, true))
  end)

  it("exits 2 for an option without its value, and for one out of range", function()
    dir:write("run.lua", "")
    for _, call in ipairs { { "--seed" }, { "--workers", "0", "run.lua" }, { "--steps", "many", "run.lua" } } do
      local result = dir:run(call)
      assert.equal(2, result.status, table.concat(call, " "))
      assert.truthy(result.stderr:find(call[1], 1, true), result.stderr)
    end
  end)

  it("exits 2 for a missing script, naming it", function()
    local result = dir:run { "nowhere.lua" }
    assert.equal(2, result.status)
    assert.equal("", result.stdout)
    assert.truthy(result.stderr:find("^ensemble%-lua[jit]*: "), result.stderr)
    assert.truthy(result.stderr:find("nowhere.lua", 1, true))
  end)

  it("exits 1 for a script with a syntax error, with file and line", function()
    local result = dir:script "local x =\nlocal y\n"
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("^ensemble%-lua[jit]*: run%.lua:2: "), result.stderr)
  end)

  it("exits 1 for a script that raises an error, with file, line and traceback", function()
    local result = dir:script "local function f()\n  error 'no such luck'\nend\nf()\n"
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("^ensemble%-lua[jit]*: run%.lua:2: no such luck\n"), result.stderr)
    assert.truthy(result.stderr:find("traceback", 1, true))
    assert.truthy(result.stderr:find("run.lua:4", 1, true))
  end)

  it("rejects a script that is compiled bytecode", function()
    dir:write("run.lua", string.dump(function() return 1 end))
    local result = dir:run { "run.lua" }
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("run.lua", 1, true))
  end)

  it("runs a script with its arguments and exits 0", function()
    local result = dir:script("print(arg[0], #arg, arg[1], arg[2], ...)", { "one", "a b" })
    assert.equal("", result.stderr)
    assert.equal("run.lua\t2\tone\ta b\tone\ta b\n", result.stdout)
    assert.equal(0, result.status)
  end)

  it("leaves the words after the script to the script", function()
    assert.equal("--seed\n", dir:script("print(...)", { "--seed" }).stdout)
  end)

  it("takes a script's exit status from os.exit", function()
    assert.equal(7, dir:script("os.exit(7)").status)
  end)

  it("runs -e, -l and stdin as lua does", function()
    assert.equal("3\n", dir:run({ "-e", "print(1 + 2)" }).stdout)
    dir:write("mod.lua", "return { name = 'mod' }")
    assert.equal("mod\n", dir:run({ "-l", "mod", "-e", "print(mod.name)" }).stdout)
    assert.equal("from stdin\n", dir:run({ stdin = "print 'from stdin'" }).stdout)
  end)

  it("finds modules beside the script, wherever it is run from", function()
    dir:write("deep/mod.lua", "return 'beside'")
    dir:write("deep/run.lua", "print((require 'mod'))")
    assert.equal("beside\n", dir:run({ "deep/run.lua" }).stdout)
  end)

  it("reads a word as a command only if no file has that name", function()
    assert.equal(2, dir:run({ "info" }).status)
    dir:write("info", "print 'a script'")
    local result = dir:run { "info" }
    assert.equal("a script\n", result.stdout)
    assert.equal(0, result.status)
  end)

  it("takes an unknown command for a script", function()
    local result = dir:run { "plot", "RUN.db" }
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("plot", 1, true))
  end)

  it("names a file that is missing or not a store", function()
    local missing = dir:run { "info", "missing.db" }
    assert.not_equal(0, missing.status)
    assert.truthy(missing.stderr:find("^ensemble%-lua[jit]*: .*missing%.db"), missing.stderr)
    dir:write("text.db", "this is no database, but a text of more than a few bytes\n")
    local other = dir:run { "summary", "text.db" }
    assert.not_equal(0, other.status)
    assert.truthy(other.stderr:find("text.db", 1, true))
  end)

  it("reports any error value that a script raises", function()
    local main = "stack traceback:\n\trun.lua:1: in main chunk\n"
    local nil_value = "ensemble-lua: (error object is a nil value)\n" .. main
    assert.equal(nil_value, dir:script("error()").stderr)
    assert.equal("ensemble-lua: an object\n" .. main,
      dir:script("error(setmetatable({}, { __tostring = function() return 'an object' end }))").stderr)
    for _, text in ipairs { "local function f(x) return 1 + f(x) end f(1)",
      "error(setmetatable({}, { __tostring = function() error('x') end }))" } do
      local result = dir:script(text)
      assert.equal(1, result.status)
      assert.truthy(result.stderr:find("^ensemble%-lua: [^\n]*%l+[^\n]*\n"), result.stderr)
      assert.falsy(result.stderr:find("ensemble/", 1, true), result.stderr)
    end
  end)

  local wrong = { -- words; the text on stderr between "ensemble-lua: " and "(see PROGRAM --help)"
    { { "--xyzzy" }, "unknown option '--xyzzy': the options are --steps, " },
    { { "-x" }, "unknown option '-x': the options are --steps, " },
    { { "--steps" }, "option '--steps' needs a value: a whole number of at least 1 (" },
    { { "--quiet=1", "run.lua" }, "option '--quiet' takes no value (" },
    { { "--time-limit", "abc", "run.lua" },
      "option '--time-limit' is 'abc': give a time above 0, in seconds or like '2h30m' or '90s' (" },
    { { "--resume", "x" }, "option '--resume' is 'x': give 'auto', 'never', 'must' or 'force' (" },
    { { "--progress", "z" }, "option '--progress' is 'z': give 'auto', 'bar', 'plain', 'json' or 'none' (" },
    { { "sumary", "a" }, "there is no script 'sumary', and no command of that name: did you mean 'summary'? (" },
  }
  for _, case in ipairs(wrong) do
    it("exits 2 for " .. table.concat(case[1], " "), function()
      local result = dir:run(case[1])
      assert.equal(2, result.status)
      assert.equal("ensemble-lua: " .. case[2], result.stderr:sub(1, #case[2] + 14))
      assert.truthy(result.stderr:find("(see " .. helper.name .. " --help)\n", 1, true), result.stderr)
      assert.equal("", result.stdout)
    end)
  end

  for _, name in ipairs { "info", "summary" } do
    it(name .. " exits 2 for a file that is not a store, and says why", function()
      dir:write("text.db", ("some text\n"):rep(100))
      dir:write("empty.db", "")
      dir:write("folder/file", "")
      local make = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('create table a(b)'); d.commit()"
      os.execute(('python3 -c "%s" %s'):format(make, helper.quote(dir:file("foreign.db"))))
      local said = {
        ["none.db"] = "'none.db' does not exist",
        ["text.db"] = "'text.db' is not a store of ensemble-lua: it is not a SQLite file",
        ["empty.db"] = "'empty.db' is not a store of ensemble-lua: it is an empty file",
        ["folder"] = "'folder' is a directory, not a store",
        ["foreign.db"] = "'foreign.db' is a SQLite file but not a store of ensemble-lua",
      }
      for path, message in pairs(said) do
        local result = dir:run { name, path }
        assert.equal("ensemble-lua: " .. message .. "\n", result.stderr)
        assert.equal(2, result.status)
        assert.equal("", result.stdout)
      end
    end)

    it(name .. " reports an error for a damaged store, without a crash", function()
      dir:write("model.lua", "return { ndim = 1, log_prob = function(t) return -t[1] ^ 2 end }")
      dir:script "require('ensemble').run { model = 'model.lua', steps = 50, seed = 1, output = 'run.db', quiet = true,\
        start = require('ensemble').ball({ 0 }, 1) }"
      local bytes = dir:read("run.db")
      dir:write("cut.db", bytes:sub(1, math.floor(#bytes / 3)))
      dir:write("noise.db", bytes:sub(1, 100) .. ("\255\0\170"):rep(math.floor((#bytes - 100) / 3)))
      for _, path in ipairs { "cut.db", "noise.db" } do
        local result = dir:run { name, path, timeout = 20 }
        assert.truthy(result.status == 1 or result.status == 2, path .. ": " .. result.status)
        assert.truthy(result.stderr:find("^ensemble%-lua: .*" .. path), result.stderr)
      end
    end)

    it(name .. " takes one store and its own options", function()
      assert.equal(("ensemble-lua: %s: 2 arguments given, one store is needed: %s %s RUN.db\n"):format(name,
        helper.name, name), dir:run({ name, "a", "b" }).stderr)
      assert.equal(("ensemble-lua: %s: unknown option '--jsn': did you mean '--json'? (see %s help %s)\n"):format(name,
        helper.name, name), dir:run({ name, "a", "--jsn" }).stderr)
    end)
  end
end)

local RUN = [[
local ensemble = require "ensemble"
local sampler = ensemble.run {
  model = { parameters = { "x", "y" }, log_prob = function(theta)
    if os.getenv "PAUSE" == "30" then io.open("begun", "w"):close() end
    ensemble.sleep(tonumber(os.getenv("PAUSE") or 0))
    return -0.5 * (theta.x ^ 2 + theta.y ^ 2)
  end },
  start = ensemble.ball({ 0, 0 }, 1), steps = 60, seed = 1, walkers = 8, workers = 2, output = "run.db",
}
local info = sampler:info()
print(info.seed, info.steps, info.timing.workers)
]]

describe(helper.name .. "'s options of a run", function()
  local dir

  before_each(function() dir = helper.directory() end)

  it("override the script's fields", function()
    local result = dir:script(RUN, {})
    assert.equal("1\t60\t2\n", result.stdout)
    result = dir:run { "--seed", "7", "--steps=5", "--workers", "1", "--output", "other.db", "run.lua" }
    assert.equal("7\t5\t1\n", result.stdout)
    assert.equal(5, helper.chain(dir:file("other.db")).steps)
    assert.equal("7", helper.sql(dir:file("other.db"), "select seed from run")[1][1])
  end)

  it("print nothing with --quiet", function()
    dir:write("run.lua", RUN)
    local result = dir:run { "--quiet", "run.lua" }
    assert.equal("", result.stderr)
    assert.equal("1\t60\t2\n", result.stdout)
    assert.equal(0, result.status)
  end)

  it("show progress in the requested form", function()
    dir:write("run.lua", RUN)
    local plain = dir:run { "--progress", "plain", "run.lua" }
    assert.truthy(plain.stderr:find("^60/60 steps, 100%%, "), plain.stderr)
    local none = dir:run { "--progress", "none", "--output", "none.db", "run.lua" }
    assert.truthy(none.stderr:find("^ensemble%-lua: 60 steps of 8 walkers in "), none.stderr)
    local json = dir:run { "--progress", "json", "--output", "json.db", "run.lua" }
    dir:write("line.json", json.stderr:match("^[^\n]*"))
    local check = ("python3 -m json.tool %s >%s"):format(helper.quote(dir:file("line.json")), dir:file("tool.txt"))
    os.execute(check)
    assert.truthy((dir:read("tool.txt") or ""):find('"step": 60', 1, true), json.stderr)
  end)

  it("show progress while the start is evaluated", function()
    dir:write("slow.lua", [[
      local ensemble = require "ensemble"
      ensemble.run { model = { ndim = 1, log_prob = function() ensemble.sleep(1.5) error "no" end }, walkers = 4,
        workers = 2, steps = 5, seed = 1, start = ensemble.ball({ 0 }, 1) }]])
    local result = dir:run { "slow.lua" }
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("^0/5 steps, 0%%, elapsed 0:01\n"), result.stderr)
    assert.truthy(result.stderr:find("\nensemble-lua: slow.lua:2: no\n", 1, true), result.stderr)
  end)

  it("do not make a script of a store that is given in its place", function()
    dir:write("run.lua", RUN)
    assert.equal(0, dir:run({ "--quiet", "run.lua" }).status)
    local result = dir:run { "run.db" }
    assert.equal(2, result.status)
    assert.equal("ensemble-lua: run.db is a SQLite file, not a script: if it is a store, ensemble-lua info run.db "
      .. "shows what is in it, and ensemble-lua resume run.db resumes it\n", result.stderr)
  end)

  it("require an output for --resume must", function()
    dir:write("run.lua", (RUN:gsub("output = '[^']*'", "output = nil"):gsub('output = "[^"]*"', "output = nil")))
    local must = dir:run { "--resume", "must", "run.lua" }
    assert.equal(2, must.status)
    assert.truthy(must.stderr:find("field 'resume' is 'must', but the run has no output: there is no run to continue",
      1, true), must.stderr)
  end)

  it("decide by --resume never and must about an existing store", function()
    dir:write("run.lua", RUN)
    local must = dir:run { "--resume", "must", "run.lua" }
    assert.equal(2, must.status)
    assert.truthy(must.stderr:find("'run.db' does not exist, and resume is \"must\": there is no run to continue", 1,
      true))
    assert.equal(0, dir:run({ "--quiet", "run.lua" }).status)
    local never = dir:run { "--resume", "never", "run.lua" }
    assert.equal(2, never.status)
    assert.truthy(never.stderr:find("'run.db' exists, and resume is \"never\": move it away, or give another output", 1,
      true))
  end)

  it("print JSON with the keys of the reference in their order", function()
    dir:write("run.lua", RUN)
    dir:run { "--quiet", "run.lua" }
    local python = "import json, sys; d = json.load(open(sys.argv[1])); print(*d); "
      .. "print(*[k for v in d.values() if isinstance(v, dict) for k in v]); "
      .. "print(*[k for v in d.values() if isinstance(v, list) and v and isinstance(v[0], dict) for k in v[0]])"
    local function keys(command)
      dir:write("out.json", dir:run({ command, "run.db", "--json" }).stdout)
      local pipe = io.popen(('python3 -c "%s" %s 2>&1'):format(python, helper.quote(dir:file("out.json"))))
      local text = pipe:read("*a")
      pipe:close()
      return text
    end
    assert.equal("steps walkers ndim parameters status seed engine version acceptance_fraction evaluations errors nans "
      .. "timing per_worker moves warnings\nwall_s model_s workers ranks efficiency\n"
      .. "rank worker host evaluations busy_s move weight proposed acceptance_fraction\n", keys("info"))
    assert.equal("steps discard thin converged acceptance_fraction log_prob parameters warnings\n"
      .. "mean min max max mean\n"
      .. "name mean sd q05 q16 q50 q84 q95 tau ess ess_bulk ess_tail mcse_mean rhat\n", keys("summary"))
  end)
end)

describe(helper.name .. " that is stopped", function()
  local dir, reference

  before_each(function()
    dir = helper.directory()
    dir:write("run.lua", RUN)
    dir:run { "--quiet", "--output", "whole.db", "run.lua" }
    reference = helper.digest(dir:file("whole.db"))
  end)

  -- After a stop: checks its message, and that the same command then completes the chain of an uninterrupted run.
  local function goes_on(result, words)
    assert.equal(75, result.status, result.stderr)
    local done = result.stderr:match(
      "ensemble%-lua: stopped after (%d+) of 60 steps, all saved in run.db: run the same command again to resume\n$")
    assert.truthy(done, result.stderr)
    assert.equal("", result.stdout)
    assert.equal("stopped", helper.sql(dir:file("run.db"), "select status from run")[1][1])
    assert.equal(tonumber(done), helper.chain(dir:file("run.db")).steps)
    local last = dir:run(words)
    assert.equal(0, last.status, last.stderr)
    assert.equal(reference, helper.digest(dir:file("run.db")))
  end

  it("by the time limit resumes with the same command", function()
    goes_on(dir:run { "--time-limit", "1", "run.lua", env = { PAUSE = 0.02 } }, { "--time-limit", "100", "run.lua" })
  end)

  -- Shells make background jobs ignore SIGINT, and their children inherit that; `env` restores the default.
  local function start(pause)
    return dir:start { program = "env", "--default-signal=INT", helper.program, "run.lua", env = { PAUSE = pause } }
  end

  for _, signal in ipairs { "INT", "TERM" } do
    it("by SIG" .. signal .. " resumes with the same command", function()
      local child = start(0.02)
      assert.truthy(helper.eventually(function()
        local there, chain = pcall(helper.chain, dir:file("run.db"))
        return there and chain.steps > 0
      end))
      child:signal(signal)
      goes_on(child:wait(60), { "run.lua" })
    end)
  end

  it("twice by SIGINT ends at once", function()
    local child = start(30)
    assert.truthy(helper.eventually(function() return dir:read("begun") end))
    child:signal("INT")
    os.execute("sleep 0.2")
    assert.truthy(child:alive())
    helper.eventually(function() -- two signals in quick succession may merge into one
      child:signal("INT")
      return not child:alive()
    end, 20)
    assert.equal(130, child:wait(1).status)
  end)
end)
