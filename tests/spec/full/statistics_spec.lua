-- Targets that take long to cross; otherwise like tests/spec/statistics_spec.lua.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

describe(helper.name .. " samples in a long run", function()
  it("the Rosenbrock density of Goodman and Weare", function()
    if not python.with "numpy" then return pending("no python3 has numpy") end
    local dir = helper.directory()
    local script = assert(helper.read(helper.root .. "/tests/spec/targets.lua"))
    local result = dir:script(script, { "rosenbrock", "stretch", 11, 8000, 100 })
    assert.equal(0, result.status, result.stderr)
    assert(python.call_with("numpy", "chaincheck.py", "moments", dir:file("rosenbrock.db"), "rosenbrock"))
  end)
end)
