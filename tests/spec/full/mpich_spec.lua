-- The cases of mpi_spec.lua, with MPICH.
local cases = require "tests.spec.ranks_cases"
local helper = require "tests.spec.helper"
local ranks = require "tests.spec.ranks"

describe(helper.name .. " with ranks of MPICH", function()
  local launcher, missing = ranks.find "mpich"
  if not launcher then
    pending("skipped: " .. missing)
    return
  end
  for _, case in ipairs(cases) do
    -- Cases that do not depend on the engine run under one engine only.
    if case.engine or not helper.is_luajit then it(case[1], function() case[2](launcher) end) end
  end
end)
