-- The rows of options and the parser of command lines, without the program.
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local check = require "ensemble.check.value"
local options = require "ensemble.check.options"
local helper = require "tests.spec.helper"

local RUN = options.of("run", "program")
local SUMMARY = options.of("summary")

local function refused(rows, words)
  local values, message = options.read(rows, words, 1)
  assert.is_nil(values)
  return message
end

describe("the options' rows", function()
  it("have a type that can be checked, a help text, and a place", function()
    for _, row in ipairs(options.rows) do
      assert.truthy(check.kinds[row.type], row.field)
      assert.truthy(type(row.help) == "string" and #row.help > 0, row.field)
      assert.truthy(next(row.applies), row.field)
      assert.truthy(type(check.allowed(row)) == "string", row.field)
      assert.truthy(row.cli or row.applies.field, row.field)
      assert.equal(row.cli ~= nil and row.type ~= "boolean", row.value ~= nil, row.field)
    end
  end)

  -- Fields that modules of their own read, and entries of the core's table that config.lua works out.
  local READ_APART = { model = true, data = true, live_dangerously = true, steps = true, start = true, moves = true,
    ["until"] = true }
  local WORKED_OUT = { workers_given = true, output_name = true }

  it("are the fields that the core reads", function()
    local result = helper.directory():run { "-e",
      [[for _, name in ipairs(require("ensemble.core").fields) do print(name) end]] }
    assert.equal("", result.stderr)
    local read = {}
    for name in result.stdout:gmatch("[^\n]+") do
      read[name] = true
      assert.truthy(options.field(name) or WORKED_OUT[name], name)
    end
    for _, row in ipairs(options.of("field")) do
      assert.equal(not READ_APART[row.field], read[row.field] == true, row.field)
    end
  end)

  it("have defaults that pass their own check", function()
    for _, row in ipairs(options.rows) do
      if row.default ~= nil and type(row.default) ~= "function" then
        assert.equal(row.default, check.value(row, row.default, row.field))
      end
    end
  end)

  it("name no field and no flag twice in one place", function()
    for _, place in ipairs { "field", "run", "info", "summary", "program", "help" } do
      local seen = {}
      for _, row in ipairs(options.of(place)) do
        for _, name in ipairs { row.field, row.cli or "", row.short or "" } do
          assert.is_nil(name ~= "" and seen[name] or nil, name)
          seen[name] = true
        end
      end
    end
  end)

  it("are found by place, each once", function()
    local fields = {}
    for _, row in ipairs(options.of("run", "field")) do
      assert.is_nil(fields[row.field], row.field)
      fields[row.field] = true
    end
    assert.truthy(fields.model and fields.steps)
    assert.equal("steps", options.field("steps").field)
    assert.is_nil(options.field("json"))
  end)
end)

describe("a command line", function()
  it("is read up to the first word that is not an option", function()
    local values, at = options.read(RUN, { "--steps", "10", "--quiet", "run.lua", "--seed", "x" }, 1)
    assert.same({ steps = 10, quiet = true }, values)
    assert.equal(4, at)
  end)

  it("takes --option=value, and values that look like options", function()
    local values = options.read(RUN, { "--seed=18446744073709551615", "--output", "-x.db" }, 1)
    assert.same({ seed = "18446744073709551615", output = "-x.db" }, values)
    assert.equal("a=b", options.read(RUN, { "--output=a=b" }, 1).output)
  end)

  it("ends options at --, and reads - as a word", function()
    local values, at = options.read(RUN, { "--quiet", "--", "--steps" }, 1)
    assert.same({ quiet = true }, values)
    assert.equal(3, at)
    assert.equal(1, select(2, options.read(RUN, { "-" }, 1)))
  end)

  it("keeps the order of repeated options, also if values are attached to them", function()
    local values = options.read(RUN, { "-e", "a()", "-lmod", "-eb()" }, 1)
    assert.same({ "a()", "b()" }, values.execute)
    assert.same({ "mod" }, values.library)
    assert.same({ { field = "execute", value = "a()" }, { field = "library", value = "mod" },
      { field = "execute", value = "b()" } }, values.order)
  end)

  it("converts values to their types", function()
    local values = options.read(RUN, { "--time-limit", "2h30m", "--workers", "8", "--resume", "must" }, 1)
    assert.same({ time_limit = 9000, workers = 8, resume = "must" }, values)
    assert.equal("auto", options.read(SUMMARY, { "--discard", "auto" }, 1).discard)
    assert.equal(200, options.read(SUMMARY, { "--discard", "200" }, 1).discard)
  end)

  it("rejects unknown options and names the nearest one", function()
    assert.equal("unknown option '--stesp': did you mean '--steps'?", refused(RUN, { "--stesp", "1" }))
    assert.truthy(refused(RUN, { "--zzzzzzzz" }):find("the options are --steps, ", 1, true))
    assert.truthy(refused(RUN, { "-x" }):find("unknown option '-x'", 1, true))
    assert.truthy(refused(RUN, { "--json" }):find("unknown option '--json'", 1, true))
  end)

  it("rejects wrong values and states the allowed ones", function()
    assert.equal("option '--steps' is 'ten': give a whole number of at least 1", refused(RUN, { "--steps", "ten" }))
    assert.equal("option '--steps' is 0: give a whole number of at least 1", refused(RUN, { "--steps=0" }))
    assert.equal("option '--steps' is '': give a whole number of at least 1", refused(RUN, { "--steps=" }))
    assert.equal("option '--seed' needs a value: a whole number from 0 to 18446744073709551615 "
      .. "(one above 2^53 in quotes)", refused(RUN, { "--seed" }))
    assert.equal("option '--quiet' takes no value", refused(RUN, { "--quiet=yes" }))
    assert.equal("option '--discard' is -1: give 'auto' or a whole number of at least 0",
      refused(SUMMARY, { "--discard", "-1" }))
    assert.equal("option '--output' is '': give the path of a store file", refused(RUN, { "--output=" }))
  end)

  it("of a command mixes options and arguments", function()
    local values, arguments = options.read_mixed(SUMMARY, { "summary", "a.db", "--json", "b.db", "--", "--thin" }, 2)
    assert.same({ json = true }, values)
    assert.same({ "a.db", "b.db", "--thin" }, arguments)
    assert.is_nil((options.read_mixed(SUMMARY, { "a.db", "--jsn" }, 1)))
  end)

  it("gets defaults only for missing options", function()
    assert.same({ json = true, discard = "auto", thin = 1 }, options.fill(SUMMARY, { json = true }))
    assert.is_nil(options.fill(RUN, {}).workers) -- the default depends on the machine
  end)
end)

describe("the help", function()
  it("has one aligned line per option, with choices and defaults", function()
    local help = options.help(options.of("run"))
    assert.truthy(help:find("\n  %-%-resume WHEN      [^\n]+: auto, never, must, force %(default: auto%)"))
    local column
    for line in help:gmatch("[^\n]+") do
      local at = select(2, line:find("^  %S+ ?[%w|]*%s%s+"))
      column = column or at
      assert.equal(column, at, line)
      assert.truthy(#line <= 120, line)
    end
  end)
end)
