-- A script as the ranks of an MPI job: one chain, one copy of the data, errors and signals.
-- tests/spec/full/mpich_spec.lua runs the same cases. See docs/reference/options.md and data.md.
local cases = require "tests.spec.ranks_cases"
local helper = require "tests.spec.helper"
local ranks = require "tests.spec.ranks"

describe(helper.name .. " with ranks of Open MPI", function()
  local launcher, missing = ranks.find "openmpi"
  if not launcher then
    pending("skipped: " .. missing)
    return
  end
  for _, case in ipairs(cases) do
    -- Cases that do not depend on the engine run under one engine only.
    if case.engine or not helper.is_luajit then it(case[1], function() case[2](launcher) end) end
  end
end)
