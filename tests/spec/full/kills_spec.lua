-- No saved step is ever lost: 200 kills at random moments, and power cuts. kills.py and power.py do the work. Other
-- seeds: KILLS=1000 SEED=7 busted tests/spec/full/kills_spec.lua.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local kills, seed = os.getenv "KILLS" or "200", os.getenv "SEED" or "1"

describe(helper.name .. " loses no saved step", function()
  it("when it is killed, " .. kills .. " times", function()
    local dir = helper.directory()
    local text, why = python.call("full/kills.py", helper.program, dir.path, kills, seed)
    assert.truthy(text, why)
    assert.truthy(text:find("^" .. kills .. " kills of %d+ runs: all the same\n$"), text)
  end)

  for _, journal in ipairs { "wal", "delete" } do
    it("when the power is cut, with journal " .. journal, function()
      local dir = helper.directory()
      local library = dir:file("power_log.so")
      local compile = ("cc -O1 -shared -fPIC -o %s tests/spec/full/power_log.c -ldl 2>&1"):format(helper.quote(library))
      local compiler = io.popen(compile)
      local words = compiler:read("*a")
      compiler:close()
      assert.equal("", words)
      local text, why = python.call("full/power.py", helper.program, library, dir.path, journal, "20", seed)
      assert.truthy(text, why)
      assert.truthy(text:find("^20 power cuts in %d+ records with %d+ syncs and %d+ reports, up to %d+ steps\n$"), text)
      assert.is_true(tonumber(text:match("(%d+) reports")) > 5, text)
    end)
  end
end)
