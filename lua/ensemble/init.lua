-- The module "ensemble": the names for scripts and models, each defined in a module of its own. Models cannot start
-- runs, so their states load none of the modules for runs.

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

-- A read-only array from a table of numbers, a table of tables of numbers, ...
function ensemble.array(values)
  return (failure.check(core.array(values))) -- one value, also as the last argument of a call
end

-- A work array, which can be written and belongs to this state: of zeros, with the given extents, or with the numbers
-- of a table or an array.
function ensemble.work(...)
  return (failure.check(core.work(...)))
end

for name, read in pairs(readers) do ensemble[name] = read end

-- In the state of a model, `worker` is its number. A model cannot start a run.
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

-- Makes a sampler, runs it up to `steps`, and returns it.
function ensemble.run(config)
  return Sampler.new_and_run(config)
end

-- Only makes a sampler; its methods run(n) and sample { steps = n } sample.
function ensemble.sampler(config)
  return Sampler.new(config, {})
end

return ensemble
