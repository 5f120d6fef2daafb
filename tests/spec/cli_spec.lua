-- The command line: what it answers without sampling anything. CONTRACT.md, section 1.
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

  it("explains a command for help COMMAND and COMMAND --help alike", function()
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

  it("exits 2 for a script that is not there, naming it", function()
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

  it("exits 1 for a script that fails, with file, line and traceback", function()
    local result = dir:script "local function f()\n  error 'no such luck'\nend\nf()\n"
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("^ensemble%-lua[jit]*: run%.lua:2: no such luck\n"), result.stderr)
    assert.truthy(result.stderr:find("traceback", 1, true))
    assert.truthy(result.stderr:find("run.lua:4", 1, true))
  end)

  it("refuses a script that is compiled bytecode", function()
    dir:write("run.lua", string.dump(function() return 1 end))
    local result = dir:run { "run.lua" }
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("run.lua", 1, true))
  end)

  it("runs a script with its arguments and answers 0", function()
    local result = dir:script("print(arg[0], #arg, arg[1], arg[2], ...)", { "one", "a b" })
    assert.equal("", result.stderr)
    assert.equal("run.lua\t2\tone\ta b\tone\ta b\n", result.stdout)
    assert.equal(0, result.status)
  end)

  it("leaves what comes after the script to the script", function()
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

  it("reads a word as a command only where no file has that name", function()
    assert.equal(2, dir:run({ "info" }).status)
    dir:write("info", "print 'a script'")
    local result = dir:run { "info" }
    assert.equal("a script\n", result.stdout)
    assert.equal(0, result.status)
  end)

  it("takes a command that does not exist yet for a script", function()
    local result = dir:run { "plot", "RUN.db" }
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("plot", 1, true))
  end)

  it("names a store that is not there, or is none", function()
    local missing = dir:run { "info", "missing.db" }
    assert.not_equal(0, missing.status)
    assert.truthy(missing.stderr:find("^ensemble%-lua[jit]*: .*missing%.db"), missing.stderr)
    dir:write("text.db", "this is no database, but a text of more than a few bytes\n")
    local other = dir:run { "summary", "text.db" }
    assert.not_equal(0, other.status)
    assert.truthy(other.stderr:find("text.db", 1, true))
  end)
end)
