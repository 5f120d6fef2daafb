-- Every move on every target of core/test_invariance.c, with enough replicates to show an error of a thousandth of a
-- standard deviation: a million after one sweep, ten thousand after forty.
local helper = require "tests.spec.helper"

describe("a million replicates of few walkers", function()
  it("keep their distribution", function()
    local dir = helper.directory()
    dir:write("runs", "1e6 1 3\n1e6 1 1\n1e4 40 3\n1e4 40 2\n")
    local unit = helper.quote(helper.program:match("^(.*/)") .. "unit/core/test_invariance")
    local result = dir:run { program = "sh", "-c", ('xargs -P "$(nproc)" -L 1 %s < runs'):format(unit), timeout = 280 }
    assert.equal(0, result.status, result.stderr)
    local count = 0
    for z in result.stdout:gmatch("z = ([%d.]+)\n") do
      count = count + 1
      assert.is_true(tonumber(z) < 4, result.stdout)
    end
    assert.is_true(count > 0 and count % 12 == 0, result.stdout) -- four runs, three targets each
  end)
end)
