-- The same script as the ranks of a job: one chain, one copy of the data, failures and signals. See
-- docs/reference/options.md and data.md. The cases are those of tests/spec/full/mpich_spec.lua too.
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
    -- What does not depend on the engine is not launched for both.
    if case.engine or not helper.is_luajit then it(case[1], function() case[2](launcher) end) end
  end
end)
