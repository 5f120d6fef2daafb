-- The command check --move: the exact invariance test of a user's own move. It draws walkers from a known target and
-- moves them; they must still be draws from the target. The core compares (core/invariance.h); this module runs the
-- test and prints the result.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local json = require "ensemble.api.json"
local launch = require "ensemble.cli.launch"
local Mode = require "ensemble.api.mode"
local moves = require "ensemble.api.moves"
local options = require "ensemble.check.options"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local movetest = {}

local MOST = 4 -- standard errors
local FIELDS = {
  { field = "ndim", type = "integer", min = 1, max = 3, default = 2 },
  { field = "walkers", type = "integer", min = 2, max = 8, default = 6 },
  { field = "replicates", type = "integer", min = 1000, max = 1e9, default = 100000 },
}

-- Few replicates of many steps, and many of one step.
local TRIALS = {
  { name = "gaussian, 1 step", skewed = false, sweeps = 1, share = 1 },
  { name = "skewed, 1 step", skewed = true, sweeps = 1, share = 1 },
  { name = "gaussian, 40 steps", skewed = false, sweeps = 40, share = 0.05 },
  { name = "skewed, 40 steps", skewed = true, sweeps = 40, share = 0.05 },
}

local function refuse()
  failure.config("check --move takes a script that returns a move: it ends with 'return ensemble.moves.mh { ... }'")
end

-- The moves that the script returned, in the core's form, and the fields beside them.
local function read(value)
  if value == nil then refuse() end
  local given, list = {}, value
  if type(value) == "table" and getmetatable(value) == nil then
    list = {}
    for key, entry in pairs(value) do (type(key) == "number" and list or given)[key] = entry end
  end
  local values, message = check.fields(given, FIELDS, "field")
  if not values then failure.raise("config", message) end
  return moves.flatten(list), values
end

local function labels(ndim)
  local names = {}
  for d = 1, ndim do
    names[#names + 1] = ("mean of x%d"):format(d)
    for e = 1, d do names[#names + 1] = ("mean of x%d x%d"):format(d, e) end
  end
  names[#names + 1] = "r.r' of two walkers"
  names[#names + 1] = "|r|^2 |r'|^2 of two"
  return names
end

local function sampler(list, values, seed)
  local parameters = {}
  for d = 1, values.ndim do parameters[d] = "x" .. d end
  for _, move in ipairs(list) do move.names = parameters end
  local nothing = { parameters = parameters, log_prob = function() return 0 end }
  local model = failure.check(core.model({ kind = "table", table = nothing, name = "none" }))
  local config = { walkers = values.walkers, workers = 1, moves = list, seed = seed, progress = "none", quiet = true,
    start = { center = {}, spread = {} } }
  return failure.check(core.sampler(model, options.fill(options.of("field"), config)))
end

-- A table of { name, statistics = { { name, z } ... } } for each trial, with the largest |z|.
local function run(list, values, seed)
  local raw, names = sampler(list, values, seed), labels(values.ndim)
  local found = { ndim = values.ndim, walkers = values.walkers, replicates = values.replicates, largest_z = 0,
    trials = {} }
  for i, trial in ipairs(TRIALS) do
    local n = math.floor(values.replicates * trial.share)
    local z = failure.check(raw:test_moves(trial.skewed, trial.sweeps, n))
    found.trials[i] = { name = trial.name, z = {} }
    for k, name in ipairs(names) do
      found.trials[i].z[k] = { statistic = name, z = z[k] }
      found.largest_z = math.max(found.largest_z, z[k] == z[k] and math.abs(z[k]) or math.huge)
    end
  end
  found.passed = found.largest_z < MOST
  return found
end

local WRONG = "the move does not keep its target. The log factor, the second value of a proposal, is the log density "
  .. "of proposing x from q, less that of q from x; 0 where both are alike. A proposal may depend on its position and "
  .. "on math.random alone"

local function text_of(found)
  local lines = { ("%-20s"):format("z (standard errors)") }
  for _, trial in ipairs(found.trials) do lines[1] = lines[1] .. ("  %18s"):format(trial.name) end
  for k, row in ipairs(found.trials[1].z) do
    lines[k + 1] = ("%-20s"):format(row.statistic)
    for _, trial in ipairs(found.trials) do lines[k + 1] = lines[k + 1] .. ("  %18.2f"):format(trial.z[k].z) end
  end
  lines[#lines + 1] = ("the largest is %.2f (%d walkers in %d dimensions, %.0f replicates): %s"):format(found.largest_z,
    found.walkers, found.ndim, found.replicates, found.passed and "the move keeps its target" or WRONG)
  return table.concat(lines, "\n")
end

-- Runs the command. Returns its exit status and the text to print.
function movetest.run(path, values, words)
  local missing_engine = launch.enter_engine(values.engine)
  if missing_engine then
    session.note(missing_engine)
    return script.USAGE
  end
  launch.set_arg(session.program, words, 1)
  session.mode = Mode.extend { begin = refuse } -- nothing is sampled, even if the script calls ensemble.run
  local status, value = script.run_file(path, launch.rest(words, 2))
  if status ~= script.OK then return status end
  local found
  status = script.call(function()
    local list, fields = read(value)
    found = run(list, fields, values.seed or "1")
  end)
  if status ~= script.OK then return status end
  return found.passed and script.OK or script.FAILED, values.json and json.encode(found) or text_of(found)
end

return movetest
