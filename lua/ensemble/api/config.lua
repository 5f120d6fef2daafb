-- From the table of a run script to the configuration of the core: checks every field, fills in defaults and loads the
-- model before anything starts. Modules of their own check the larger fields; this one puts them together.

local account = require "ensemble.api.account"
local check = require "ensemble.check.value"
local core = require "ensemble.core"
local data = require "ensemble.api.data"
local failure = require "ensemble.check.failure"
local model = require "ensemble.api.model"
local moves = require "ensemble.api.moves"
local options = require "ensemble.check.options"
local session = require "ensemble.api.session"
local start = require "ensemble.api.start"
local until_ = require "ensemble.api.until"

local config = {}

local FIELDS = options.of("field")

local function require_output(values)
  if values.resume == "must" and not values.output then
    failure.config("field 'resume' is 'must', but the run has no output: there is no run to continue")
  end
end

-- The fields as given, in normal form; options of the command line override those of the script.
local function read_fields(given)
  if type(given) ~= "table" then
    failure.config("the configuration is %s: give a table, like ensemble.run { model = 'line.lua', steps = 1000, ... }",
      check.show(given))
  end
  local values, message = check.fields(given, FIELDS, "field")
  if not values then failure.raise("config", message) end
  for field, value in pairs(session.overrides) do values[field] = value end
  session.mode:prepare(values)
  if given.progress == nil and session.overrides.progress == nil and values.quiet then values.progress = "none" end
  return values
end

-- `steps` may be missing if `until` ends the run.
local function require_fields(values, required)
  for _, field in ipairs(required) do
    if values[field] == nil and not (field == "steps" and values["until"]) then
      failure.config("field '%s' is missing: give %s", field, check.allowed(options.field(field)))
    end
  end
end

-- The store that exists and may be resumed; nil if there is none.
local function stored_run(values)
  local file = values.output and values.resume ~= "never" and io.open(values.output, "rb")
  if not file then return nil end
  file:close()
  return failure.check(core.store_info(values.output))
end

-- The seed, and whether it was drawn. A resumed run without a seed of its own keeps the stored one.
local function choose_seed(values)
  if values.seed then return values.seed, false end
  local stored = stored_run(values)
  if not stored then return failure.check(core.draw_seed()), true end
  local digits = tostring(stored.seed)
  return digits:find("^%d+$") and digits or ("%.0f"):format(stored.seed), false
end

local function choose_walkers(values, names)
  local ndim = #names
  local walkers = values.walkers or start.walkers(values.start) or math.max(4 * ndim, 32)
  if walkers < 2 * ndim and not values.live_dangerously then
    failure.config("%s too few for %s: give at least %d, better %d or more, since half of the walkers must span all "
      .. "directions", walkers == 1 and "1 walker is" or walkers .. " walkers are", account.plural(ndim, "parameter"),
      2 * ndim, 4 * ndim)
  end
  return walkers
end

local function check_splits(values, walkers)
  if values.nsplits > walkers then
    failure.config("field 'nsplits' is %d: give at most the number of walkers, %d", values.nsplits, walkers)
  end
end

local function refuse_second_writer(values)
  if values.output and session.writer(values.output) then
    failure.config("field 'output': another sampler of this script writes to '%s': give each a file of its own",
      values.output)
  end
end

-- More threads than CPUs compete for them; a model that waits may want that, so it is only a warning.
local function warn_of_workers(values)
  local cpus = core.cpus()
  if values.workers and values.workers > cpus and not values.quiet then
    session.note(("warning: %d workers on %d CPU%s that this process may use: they will share"):format(values.workers,
      cpus, cpus == 1 and "" or "s"))
  end
end

-- A resumed run does not need its start, whose store may be gone.
local function path_of_start(values)
  if type(values.start) ~= "string" or values.start == "prior" then return values.start end
  local stored = stored_run(values)
  return stored and stored.steps > 0 and values.output or values.start
end

-- The core's model. The name of an inline model is its place, which the message has in front already.
local function load_model(values)
  local loaded, message, kind = core.model(model.describe(values.model), values.data,
    values.output and data.describe(values.data))
  if kind == "config" then message = message:gsub("^(inline model) at .-: ", "%1: ") end
  return failure.check(loaded, message, kind)
end

-- Checks the table of ensemble.run or ensemble.sampler. `required` lists the fields that must be there beside the
-- model. Returns the core's model, the core's configuration, and the values that the sampler itself needs.
function config.read(given, required)
  local values = read_fields(given)
  require_fields(values, { "model" })
  require_fields(values, required)
  require_output(values)
  data.check(values.data)
  local rules = until_.read(values["until"])
  local move_list = moves.flatten(values.moves)
  refuse_second_writer(values)
  warn_of_workers(values)

  local loaded = load_model(values)
  local names = loaded:parameters()
  values.start = start.resolve(path_of_start(values))
  local walkers = choose_walkers(values, names)
  for _, move in ipairs(move_list or {}) do move.names = names end
  check_splits(values, walkers)
  local out = {
    walkers = walkers,
    workers = values.workers or core.cpus(),
    workers_given = values.workers ~= nil,
    moves = move_list or moves.best(walkers),
    start = start.flatten(values.start, names, walkers, loaded:has_priors()),
    rules = rules,
    script = session.script,
    output_name = values.output_name or values.output,
    replay = values.first_step,
  }
  local drawn
  values.seed, drawn = choose_seed(values)
  for _, field in ipairs(core.fields) do
    if out[field] == nil then out[field] = values[field] end
  end
  return loaded, out, { model = loaded:name(), names = names, blobs = loaded:blobs(), has_priors = loaded:has_priors(),
    walkers = walkers, rules = rules, steps = rules and until_.most(rules, values.steps) or values.steps,
    output = values.output, quiet = values.quiet, thin_by = values.thin_by,
    seed_drawn = drawn, seed = values.seed, tune = values.tune }
end

return config
