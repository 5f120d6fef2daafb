-- A short form of the Gaussian process example, against the answer that it states.
local helper = require "tests.spec.helper"

describe("examples/gp by " .. helper.name, function()
  -- Means by integration over a grid of log_a and log_l; given these, m and b are normal.
  local EXACT = { m = 0.4430, b = 0.7598, log_a = -0.9900, log_l = -0.4215 }

  it("finds its known answer", function()
    local dir = helper.directory()
    local result = dir:run { "--quiet", "--steps", "1500", "--output", "gp.db", helper.root .. "/examples/gp/run.lua" }
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    local independent = "\nindependent noise                m = 0.420 +- 0.006   b = 0.80 +- 0.02\n"
    assert.truthy(result.stdout:find(independent, 1, true), result.stdout)
    local summary = dir:run({ "summary", "gp.db", "--json" }).stdout
    for name, exact in pairs(EXACT) do
      local own = summary:match('"name":%s*"' .. name .. '".-}')
      local mean, error_of_mean = own:match '"mean":%s*([^,]+)', own:match '"mcse_mean":%s*([^,]+)'
      assert.truthy(math.abs(tonumber(mean) - exact) < 5 * tonumber(error_of_mean),
        ("%s is %s +- %s, not %g"):format(name, mean, error_of_mean, exact))
    end
  end)
end)
