-- Twenty readers at a time get no error and do not stop a run: other programs, `info` and `summary`, with both
-- journals.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

describe(helper.name .. " has twenty readers while it writes", function()
  for _, journal in ipairs { "wal", "delete" } do
    it("with journal " .. journal, function()
      local dir = helper.directory()
      local text, why = python.call("full/readers.py", helper.program, dir.path, journal, "5")
      assert.truthy(text, why)
      assert.truthy(tonumber(text:match("^(%d+) looks\n$")) > 20, text)
    end)
  end
end)
