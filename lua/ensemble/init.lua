-- What `require "ensemble"` gives: the names that scripts and models use. Each is defined in a module of its own;
-- inside a model there are no runs, so nothing of the control side is loaded there.

local cfunction = require "ensemble.api.cfunction"
local autocorr = require "ensemble.api.autocorr"
local core = require "ensemble.core"
local dist = require "ensemble.api.dist"
local failure = require "ensemble.check.failure"
local prior = require "ensemble.api.prior"
local readers = require "ensemble.api.readers"

local ensemble = {
  version = core.version,
  engine = core.engine,
  now = core.now,
  sleep = core.sleep,
  autocorr = autocorr,
  dist = dist,
  prior = prior,
  cfunction = cfunction,
}

-- A read-only array of a table of numbers, of tables of numbers, ...
function ensemble.array(values)
  return (failure.check(core.array(values))) -- one value, also as the last argument of a call
end

-- A work array, which may be written to and belongs to this state: of zeros, by its extents, or of the numbers of a
-- table or an array.
function ensemble.work(...)
  return (failure.check(core.work(...)))
end

for name, read in pairs(readers) do ensemble[name] = read end

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

local Sampler = require "ensemble.api.sampler"

ensemble.ball = require("ensemble.api.start").ball
ensemble.native = require("ensemble.api.native").new
ensemble.moves = require("ensemble.api.moves").catalogue()

-- Makes a sampler, runs it up to `steps`, and answers it.
function ensemble.run(config)
  return Sampler.new_and_run(config)
end

-- Makes a sampler only; run(n) and sample { steps = n } then sample.
function ensemble.sampler(config)
  return Sampler.new(config, {})
end

return ensemble
