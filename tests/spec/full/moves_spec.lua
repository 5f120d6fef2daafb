-- The slow part of tests/spec/moves_spec.lua: ten dimensions, modes, and the exact test with many replicates.
local helper = require "tests.spec.helper"

local LIMIT = dofile(helper.root .. "/tests/spec/move_targets.lua").LIMIT
local COMMON = ([[
local ensemble = require "ensemble"
local m, t = ensemble.moves, dofile(%q)
]]):format(helper.root .. "/tests/spec/move_targets.lua")

local MOVES = { "m.stretch {}", "m.side {}", "m.de {}", "m.snooker {}", "m.walk {}", "m.walk { s = 3, c = 1 }",
  "m.gaussian { cov = t.covariance(10) }", "{ { m.de {}, 0.8 }, { m.snooker {}, 0.2 } }" }

describe(helper.name .. "'s move", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function run(text, options)
    local result = dir:script(COMMON .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  local function numbers(text)
    local list = {}
    for word in text:gmatch("%S+") do list[#list + 1] = tonumber(word) end
    return list
  end

  for _, move in ipairs(MOVES) do
    it(move .. " samples a correlated Gaussian in ten dimensions", function()
      local z = numbers(run(([[
        local target = t.gaussian(10)
        for seed = 1, 2 do print(t.largest_z(t.sample(target, %s, 52, 20000, seed), target, 20000)) end
        ]]):format(move)))
      for seed = 1, 2 do assert.is_true(z[seed] < LIMIT, ("seed %d: z = %g"):format(seed, z[seed])) end
    end)
  end

  it("de with snooker crosses between modes between which stretch crosses slowly", function()
    local text = [[
      for seed = 1, 4 do print(t.mean_tau(t.sample(t.modes, %s, 32, 10000, seed), 10000)) end
      print(t.largest_z(t.sample(t.modes, %s, 32, 10000, 5), t.modes, 10000))]]
    -- emcee's tutorial prints 40.0 for stretch; the mixture, with a correct snooker move, has 5.8 there. The error is
    -- Sokal's for a tau with a window of 5 tau, for the mean of four runs.
    local cases = { { "m.stretch {}", 40 }, { "{ { m.de { jump = 0 }, 0.8 }, { m.snooker {}, 0.2 } }", 5.8 } }
    for _, case in ipairs(cases) do
      local got, tau = numbers(run(text:format(case[1], case[1]))), case[2]
      local mean, sigma = (got[1] + got[2] + got[3] + got[4]) / 4, math.sqrt(2 * (2 * 5 * tau + 1) / (9000 * 32 * 4))
      -- The tutorial's own number comes from 5000 steps.
      sigma = math.sqrt(sigma ^ 2 + 2 * (2 * 5 * tau + 1) / (5000 * 32))
      assert.is_true(math.abs(mean / tau - 1) < 4 * sigma, case[1] .. ": tau " .. mean)
      assert.is_true(got[5] < LIMIT, case[1] .. ": z = " .. got[5])
    end
  end)

  it("keeps its target exactly, by many replicates of few walkers", function()
    local program = helper.program:match("^(.*/)") .. "unit/core/test_invariance"
    local result = dir:run { program = program, "3", "1", timeout = 250 }
    assert.equal(0, result.status, result.stderr .. result.stdout)
  end)
end)
