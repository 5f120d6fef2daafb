-- The command check --move: the exact invariance test of a move that a script returns.
local helper = require "tests.spec.helper"

local SCRIPT = [[
local ensemble = require "ensemble"
local m = ensemble.moves
-- Scales each coordinate by exp(s): the factor is the sum of the s.
local function scaling(share)
  return m.mh { proposal = function(x)
    local q, factor = {}, 0
    for i = 1, #x do
      local s = 2 * math.random() - 1
      q[i], factor = x[i] * math.exp(s), factor + s
    end
    return q, share * factor
  end }
end
local returned = {
  right = scaling(1), wrong = scaling(0), half = { scaling(0.5), ndim = 1, walkers = 4 },
  mixture = { { m.de {}, 0.8 }, { m.snooker {}, 0.2 }, replicates = 20000 },
  small = { m.snooker {}, walkers = 4 }, large = { m.de {}, ndim = 4 }, slip = { m.de {}, walker = 4 },
}
if arg[1] == "run" then
  ensemble.run { steps = 1e9, start = ensemble.ball({ 0 }, 1), output = "run.db", quiet = true,
    model = { parameters = { "x" }, log_prob = function() return 0 end } }
end
return returned[arg[1] ]
]]

describe(helper.name .. "'s command check --move", function()
  local dir

  before_each(function()
    dir = helper.directory()
    dir:write("move.lua", SCRIPT)
  end)

  local function check(...)
    return dir:run { "check", "--move", "move.lua", ... }
  end

  it("confirms that a move keeps its target", function()
    for _, name in ipairs { "right", "mixture" } do
      local result = check(name)
      assert.equal(0, result.status, result.stdout .. result.stderr)
      assert.truthy(result.stdout:find("mean of x2 x1  ", 1, true), result.stdout)
      assert.truthy(result.stdout:find(" (6 walkers in 2 dimensions, ", 1, true), result.stdout)
      assert.truthy(result.stdout:find(": the move keeps its target\n", 1, true), result.stdout)
      assert.equal("", result.stderr)
    end
  end)

  it("finds a wrong factor, and explains the factor", function()
    for _, name in ipairs { "wrong", "half" } do
      local result = check(name)
      assert.equal(1, result.status, result.stdout .. result.stderr)
      assert.is_true(tonumber(result.stdout:match("the largest is (%S+)")) > 10, result.stdout)
      assert.truthy(result.stdout:find(": the move does not keep its target. The log factor, ", 1, true))
    end
  end)

  it("prints JSON", function()
    local result = check("half", "--json")
    assert.equal(1, result.status)
    assert.truthy(result.stdout:find('"ndim":1,"passed":false,"replicates":100000,"trials":[{"name":"gaussian, 1 step"',
      1, true), result.stdout)
  end)

  it("exits 2 if there is no move, or no test of it", function()
    local cases = {
      none = "move.lua: check --move takes a script that returns a move: it ends with 'return ensemble.moves.mh",
      run = "check --move takes a script that returns a move: it ends with 'return ensemble.moves.mh",
      small = "move 'snooker' needs 3 walkers to propose from",
      large = "field 'ndim' is 4: ",
      slip = "unknown field 'walker'",
    }
    for name, message in pairs(cases) do
      local result = check(name)
      assert.equal(2, result.status, result.stdout .. result.stderr)
      assert.truthy(result.stderr:find(message, 1, true), result.stderr)
    end
    assert.is_nil(dir:read("run.db"))
  end)
end)
