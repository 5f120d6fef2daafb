-- The sampler of a script: emcee's methods over the core's sampler. It checks arguments and gives results their form;
-- the core samples and computes.

local account = require "ensemble.api.account"
local advice = require "ensemble.api.advice"
local check = require "ensemble.check.value"
local config = require "ensemble.api.config"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local session = require "ensemble.api.session"
local start = require "ensemble.api.start"
local summary = require "ensemble.api.summary"
local until_ = require "ensemble.api.until"

local ENDLESS = 2 ^ 53 -- steps: more than any run makes

local to_integer = math.tointeger or function(x) return x end

local Sampler = {}
Sampler.__index = Sampler
Sampler.__name = "sampler" -- so that an error about a model that captures a sampler names it

local DISCARD = { field = "discard", type = "steps_or_auto", min = 0, default = 0 }
local THIN = { field = "thin", type = "integer", min = 1, default = 1 }
local FLAT = { field = "flat", type = "boolean", default = false }

local READ = { FLAT, THIN, DISCARD }
local AUTOCORR = { DISCARD, THIN,
  { field = "c", type = "number", min = 0, exclusive = true, default = 5 },
  { field = "tol", type = "number", min = 0, default = 50 } }
local SUMMARY = { { field = "discard", type = "steps_or_auto", min = 0, default = "auto" }, THIN }
local SAMPLE = {
  { field = "start", type = "any" },
  { field = "steps", type = "integer", min = 1 },
  { field = "thin_by", type = "integer", min = 1 },
  { field = "store", type = "boolean", default = true } }

-- Checks a method's table of options against its rows. Messages call the method `method`.
local function read_options(given, rows, method)
  if given ~= nil and type(given) ~= "table" then
    failure.raise("script", ("%s: the argument is %s: give a table, like %s { %s = ... }"):format(method,
      check.show(given), method, rows[1].field))
  end
  local values, message = check.fields(given or {}, rows, "field")
  if not values then failure.raise("script", ("%s: %s"):format(method, message)) end
  return values
end

-- The core's sampler after any loop over sample { ... } that was left early: steps without store are forgotten, and its
-- thin_by no longer holds.
local function raw_of(self)
  failure.check(self.raw:record(true))
  failure.check(self.raw:thin(self.known.thin_by))
  return self.raw
end

local function tell_failure(self)
  local steps, saved = self.raw:steps(), self.raw:saved()
  if not self.known.output or steps == 0 then return end
  local how_many = saved < steps and ("%.0f of "):format(saved) or ""
  session.note(("%s%s up to the error %s saved in %s"):format(how_many, account.plural(steps, "step"),
    saved == 1 and "is" or "are", self.known.output))
end

-- Samples until `total` steps are kept or, if `heed` is true, until the configured rules hold. Raises an error if the
-- model fails, and leaves the script if the run is stopped.
local function advance(self, total, horizon, heed)
  local done = self.raw:steps() -- a store may hold more steps than asked for: then nothing is left to do
  local outcome, message, kind = self.raw:advance(math.max(total, done), math.max(horizon, done), heed)
  if outcome == "done" then return end
  if outcome == "stopped" then
    session.stop(account.stop({ steps = self.raw:steps(), tuned = self.raw:tuned() },
      { steps = horizon, tuned = self.known.tune }, self.known.output, session.mode:command(self)))
  end
  tell_failure(self)
  failure.check(nil, message, kind)
end

local function state_of(self)
  local coords, log_prob, blobs, step = self.raw:last()
  failure.check(coords, log_prob, blobs)
  return { coords = coords, log_prob = log_prob, blobs = blobs, step = to_integer(step) }
end

-- The state of the configured rules; nil if there are none.
local function verdict_of(self)
  local reached, step, steps, text = self.raw:verdict()
  if reached == nil then return nil end
  return { reached = reached, step = step, steps = steps, text = text }
end

-- Whether a stored chain has everything that was asked for.
local function is_complete(self)
  local verdict = verdict_of(self)
  return self.raw:steps() >= (self.known.steps or ENDLESS) or verdict ~= nil and verdict.reached
end

local function tell_going_on(self)
  local known, done = self.known, self.raw:steps()
  if known.quiet or done == 0 or is_complete(self) then return end
  session.note(("%s has %s: resuming from there"):format(known.output, account.plural(done, "step")))
end

-- Checks `given` (see config.lua) and makes a sampler; only the start is evaluated. `required` lists the fields that
-- must be there beside the model.
function Sampler.new(given, required)
  local model, flat, known = config.read(given, required)
  local raw = failure.check(core.sampler(model, flat))
  local self = setmetatable({ raw = raw, known = known }, Sampler)
  session.mode:begin(self, flat)
  session.add(self)
  if not known.quiet and known.seed_drawn then
    session.note(("seed %s was drawn (seed = %s repeats this run)"):format(known.seed, known.seed))
  end
  tell_going_on(self)
  return self
end

-- Samples up to the configured total, or until the rules hold. Returns whether nothing was left to do.
local function run_to_the_end(self)
  local total, complete = self.known.steps or ENDLESS, is_complete(self)
  advance(self, total, total, self.known.rules ~= nil)
  return complete
end

local function tell_end(self, complete)
  if complete then
    session.note(account.complete(self.raw:steps(), self.known.steps, self.known.output))
    return
  end
  local info = self:info()
  session.note(account.line(info, self.known.output, session.program))
  local idle = account.idle(info)
  if idle then session.note(idle) end
end

local function tell_verdict(self)
  local verdict = verdict_of(self)
  if verdict then until_.conclude(self.known, verdict, self.raw:steps(), self.known.quiet) end
end

-- ensemble.run: samples up to the configured total, prints the closing line, and returns the sampler.
function Sampler.new_and_run(given)
  local self = Sampler.new(given, { "steps" })
  if not self.known.rules then self.known.steps = session.mode:last_step(self, self.known.steps) end
  local complete = run_to_the_end(self)
  if not self.known.quiet then tell_end(self, complete) end
  tell_verdict(self)
  if not self.known.quiet then session.expect(self) end
  return self
end

-- Samples until the chain has `total` steps.
function Sampler:run_to(total)
  advance(self, total, total)
end

-- Adds `steps` kept steps; without a number, samples up to the configured total or until the rules of 'until' hold.
-- Returns the last state, as emcee's run_mcmc does.
function Sampler:run(steps)
  local raw = raw_of(self)
  if steps ~= nil then
    local n, message = check.value({ type = "integer", min = 1 }, steps, "run: the number of steps")
    if not n then failure.raise("script", message) end
    local total = math.max(raw:steps(), session.mode:first_step(self, n) + n)
    advance(self, total, total)
  elseif self.known.steps or self.known.rules then
    run_to_the_end(self)
    tell_verdict(self)
  else
    failure.raise("script", "run: the number of steps is missing: give run(1000), or 'steps' to ensemble.sampler")
  end
  return self:last()
end

local function restart(self, raw, positions)
  local spec = start.flatten(positions, self.known.names, self.known.walkers, self.known.has_priors,
    "sample: field 'start'")
  failure.check(raw:restart(spec))
end

-- The number of steps of a sample { ... }, and whether the rules may end it earlier. Without `steps`, those that the
-- configured total still lacks.
local function steps_to_make(self, asked, raw)
  if asked.steps then
    return math.max(0, session.mode:first_step(self, asked.steps) + asked.steps - raw:steps())
  end
  local total = self.known.steps or (self.known.rules or not asked.store) and ENDLESS
  if total then return math.max(0, total - raw:steps()), self.known.rules ~= nil end
  failure.raise("script", "sample: field 'steps' is missing: give sample { steps = 100 }, or store = false for a loop "
    .. "without end")
end

-- An iterator over states: for state in sampler:sample { steps = 100 } do ... end. The chain keeps each step unless
-- store = false: then the steps are forgotten after the loop, and the next ones start from its end. thin_by holds for
-- this loop. Without `steps` the loop ends when the rules of 'until' hold, or never. A loop that was left can be
-- continued until the sampler is used otherwise.
function Sampler:sample(given)
  local asked = read_options(given, SAMPLE, "sample")
  local raw = raw_of(self)
  local left, heed = steps_to_make(self, asked, raw)
  if asked.start ~= nil then restart(self, raw, asked.start) end
  failure.check(raw:thin(asked.thin_by or self.known.thin_by))
  failure.check(raw:record(asked.store))
  return function()
    if left == 0 or heed and raw:verdict() then
      raw_of(self)
      return nil
    end
    local done = raw:steps()
    advance(self, done + 1, done + left, heed)
    left = left - 1
    return state_of(self)
  end
end

local function steps_of(self, method)
  local raw = raw_of(self)
  if raw:steps() == 0 then
    failure.raise("script", ("%s: the chain is empty: call run(steps) first"):format(method))
  end
  return raw
end

local function resolve(raw, discard)
  if discard ~= "auto" then return discard end
  return failure.check(raw:summary(nil, 1)).discard
end

local function read(self, what, given)
  local asked = read_options(given, READ, what == "coords" and "chain" or what)
  local raw = steps_of(self, what == "coords" and "chain" or what)
  return raw, resolve(raw, asked.discard), asked.thin, asked.flat
end

-- Coordinates [step][walker][parameter]; flat: [step * walker][parameter], walkers of a step together. Takes the steps
-- discard + thin, discard + 2 thin, ..., as emcee does.
function Sampler:chain(given)
  local raw, discard, thin, flat = read(self, "coords", given)
  return failure.check(raw:read("coords", discard, thin, flat))
end

-- log_prob [step][walker], flat [step * walker].
function Sampler:log_prob(given)
  local raw, discard, thin, flat = read(self, "log_prob", given)
  return failure.check(raw:read("log_prob", discard, thin, flat))
end

-- Blobs by name, each [step][walker] or flat; a vector's elements are the last axis, texts are nested lists of strings.
-- nil for a model without blobs.
function Sampler:blobs(given)
  local raw, discard, thin, flat = read(self, "blobs", given)
  if #self.known.blobs == 0 then return nil end
  local out = {}
  for k, name in ipairs(self.known.blobs) do
    out[name] = failure.check(raw:read("blobs", discard, thin, flat, k))
  end
  return out
end

-- A list with the accepted proposals per kept step, for each walker.
function Sampler:acceptance_fraction()
  local raw = steps_of(self, "acceptance_fraction")
  local steps, fractions = raw:steps(), {}
  for i, accepted in ipairs(failure.check(raw:accepted())) do fractions[i] = accepted / steps end
  return fractions
end

-- Integrated autocorrelation times in steps, by index and by parameter name. A chain shorter than tol * tau gets its
-- number and a warning on stderr with the steps that it lacks; emcee raises an error.
function Sampler:autocorr_time(given)
  local asked = read_options(given, AUTOCORR, "autocorr_time")
  local raw = steps_of(self, "autocorr_time")
  local discard = resolve(raw, asked.discard)
  local taus = failure.check(raw:autocorr(discard, asked.thin, asked.c))
  local n = math.max(0, math.floor((raw:steps() - discard) / asked.thin))
  local names = self.known.names
  local warning = advice.shortfall(taus, names, n * asked.thin, asked.tol)
  if warning then session.note("warning: " .. warning) end
  local out = {}
  for i, name in ipairs(names) do out[i], out[name] = taus[i], taus[i] end
  return out
end

-- The last state: coords [walker][parameter], log_prob [walker], blobs by name or nil, step. Before any step, the
-- start.
function Sampler:last()
  return state_of(self)
end

-- The summary object of summary.lua: print it, or read its fields.
function Sampler:summary(given)
  local asked = read_options(given, SUMMARY, "summary")
  local raw = steps_of(self, "summary")
  local discard = asked.discard ~= "auto" and asked.discard or nil
  local result = summary.object(failure.check(raw:summary(discard, asked.thin)))
  session.read(self)
  return result
end

-- The figures of `info --json` as a table.
function Sampler:info()
  return failure.check(self.raw:info())
end

-- log_prob [n] at positions [n][parameter], and blobs by name (nil for a model without). The chain does not change.
function Sampler:compute_log_prob(positions)
  local flat, n = start.positions(positions, self.known.names, "compute_log_prob")
  local log_prob, blobs, kind = self.raw:compute(flat, n)
  failure.check(log_prob, blobs, kind)
  return log_prob, blobs
end

-- Forgets the kept steps; the walkers stay at their positions. After that, run(n) gives a chain of n steps.
function Sampler:reset()
  failure.check(self.raw:reset())
end

function Sampler:__tostring()
  return ("sampler of %d walkers with %s"):format(self.known.walkers, account.plural(self.raw:steps(), "step"))
end

-- Methods for session.lua: the path of the store, the closing table, the end.

function Sampler:output()
  return self.known.output
end

function Sampler:names()
  return self.known.names
end

function Sampler:show()
  io.stderr:write(tostring(self:summary()), "\n")
end

function Sampler:finish()
  return self.raw:finish()
end

return Sampler
