-- The long form of move/test_stationarity.c: each move and mixture on each target in 1, 3 and 10 dimensions, with 30
-- seeds, and its planted mistakes. Three minutes on two processors.
local helper = require "tests.spec.helper"

local SEEDS = 30
local folder = helper.program:match("^(.*/)")

-- The unit program does not depend on the engine, so each engine runs a part of it, and no file exceeds its time limit.
local function dimensions()
  if helper.is_luajit then return { 10 } end
  local other = io.open(folder .. "ensemble-luajit", "rb")
  if not other then return { 1, 3, 10 } end
  other:close()
  return { 1, 3 }
end

describe(helper.name .. "'s moves", function()
  for _, ndim in ipairs(dimensions()) do
    it(("keep five targets in %d dimensions, with %d seeds"):format(ndim, SEEDS), function()
      local result = helper.directory():run { program = folder .. "unit/move/test_stationarity", SEEDS,
        ("in %d-D"):format(ndim), timeout = 280 }
      assert.equal(0, result.status, result.stderr .. result.stdout)
      local _, count = result.stdout:gsub("in " .. ndim .. "%-D: z = ", "")
      assert.is_true(count >= 5 * 17, count .. " of them")
    end)
  end
end)
