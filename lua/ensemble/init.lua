-- What `require "ensemble"` gives: the names that scripts and models use. Each is defined in a module of its own;
-- inside a model there are no runs, so nothing of the control side is loaded there.

local cfunction = require "ensemble.cfunction"
local core = require "ensemble.core"
local dist = require "ensemble.dist"
local failure = require "ensemble.failure"
local frame = require "ensemble.frame"
local prior = require "ensemble.prior"

local ensemble = {
  version = core.version,
  engine = core.engine,
  now = core.now,
  sleep = core.sleep,
  dist = dist,
  prior = prior,
  cfunction = cfunction,
}

-- A read-only array of a table of numbers, of tables of numbers, ...
function ensemble.array(values)
  return (failure.check(core.array(values))) -- one value, also as the last argument of a call
end

local CSV = {
  { field = "delimiter", type = "string", value_text = "one character, like ',' or '\\t'" },
  { field = "comment", type = "string", value_text = "one character, like '#'" },
  { field = "header", type = "boolean" },
}

-- A text table's columns: d.x, d:names(). Options: delimiter and comment (one character each), header (true: the first
-- line has names; false: it has numbers, and the columns are c1, c2, ...); what is left out is found out.
function ensemble.read_csv(path, given)
  local check = require "ensemble.check"
  if type(path) ~= "string" then
    failure.config("read_csv: the path is %s: give the name of a file", check.show(path))
  end
  if given ~= nil and type(given) ~= "table" then
    failure.config("read_csv: the options are %s: give a table, like { delimiter = ';' }", check.show(given))
  end
  local values, message = check.fields(given or {}, CSV, "field")
  if not values then failure.raise("config", "read_csv: " .. message) end
  for _, field in ipairs { "delimiter", "comment" } do
    if values[field] and #values[field] ~= 1 then
      failure.config("read_csv: field '%s' is %s: give one character", field, check.show(values[field]))
    end
  end
  -- A bad file is no mistake of the configuration, whatever is wrong with it.
  local names, arrays = core.read_csv(path, values)
  failure.check(names, arrays, "io")
  local columns = {}
  for i, name in ipairs(names) do columns[name] = arrays[i] or arrays[name] end
  return frame.new(names, columns)
end

-- In a model's state `worker` is its number: a run inside a run has no meaning.
local function refuse(name)
  return function()
    failure.raise("script", ("ensemble.%s is for run scripts: a model's code cannot start a run"):format(name))
  end
end

if core.worker then
  ensemble.run, ensemble.sampler = refuse("run"), refuse("sampler")
  return ensemble
end

local Sampler = require "ensemble.sampler"

ensemble.ball = require("ensemble.start").ball
ensemble.native = require("ensemble.native").new
ensemble.moves = require("ensemble.moves").catalogue()

-- Makes a sampler, runs it up to `steps`, and answers it.
function ensemble.run(config)
  return Sampler.new_and_run(config)
end

-- Makes a sampler only; run(n) and sample { steps = n } then sample.
function ensemble.sampler(config)
  return Sampler.new(config, {})
end

return ensemble
