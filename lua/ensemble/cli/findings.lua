-- Conclusions of a look at a model: counts and times, a forecast of the run, the workers and walkers that fit, and
-- warnings with their remedies. It turns the core's numbers into a table and knows neither the model nor the screen.

local account = require "ensemble.api.account"
local core = require "ensemble.core"

local findings = {}

findings.keys = {
  "model", "parameters", "walkers", "workers", "steps", "passed",
  { "evaluations", { "total", "start", "finite", "minus_inf", "nans", "errors" } },
  { "first_failure", { "message", "parameters" } },
  { "time_s", { "median", "mean", "q05", "q95", "max" } },
  { "same", { "calls", "states", "differs_by", "log_prob", "other", "parameters" } },
  { "setup", { "seconds", "bytes" } },
  { "state", { "seconds", "bytes" } },
  { "globals", { "load", "setup", "evaluation" } },
  { "call", { "allocated_bytes", "kept_bytes" } },
  { "fit", { "workers", "walkers" } },
  { "run", { "steps", "evaluations", "seconds_min", "seconds_max", "workers_used" } },
  "warnings",
}

-- ---- counts and times ----

local function count(look)
  local out = { total = look.n, start = look.nstart, finite = 0, minus_inf = 0, nans = 0, errors = 0 }
  local field = { nan = "nans", error = "errors" }
  for i, outcome in ipairs(look.outcome) do
    local name = field[outcome] or (look.log_prob[i] == -math.huge and "minus_inf" or "finite")
    out[name] = out[name] + 1
  end
  return out
end

local function at_fraction(sorted, fraction)
  return sorted[math.floor(fraction * (#sorted - 1) + 1.5)]
end

local function mean_of(list, first)
  local sum = 0
  for i = first, #list do sum = sum + list[i] end
  return sum / (#list - first + 1)
end

-- Times of the evaluations with a finite value, if there are any: a rejection is often cheap. The mean is over all
-- proposals of the moves, as in a run.
local function times(look)
  local chosen = {}
  for i, seconds in ipairs(look.seconds) do
    if look.outcome[i] == "value" and look.log_prob[i] > -math.huge then chosen[#chosen + 1] = seconds end
  end
  if #chosen == 0 then chosen = { (table.unpack or unpack)(look.seconds, 1, math.min(look.n, 200)) } end
  table.sort(chosen)
  return { median = at_fraction(chosen, 0.5), q05 = at_fraction(chosen, 0.05), q95 = at_fraction(chosen, 0.95),
    max = chosen[#chosen], mean = mean_of(look.seconds, look.n > look.nstart and look.nstart + 1 or 1) }
end

local function named(theta, names)
  local parts = {}
  for i, name in ipairs(names) do parts[i] = ("%s = %.10g"):format(name, theta[i]) end
  return table.concat(parts, ", ")
end

-- ---- the run ----

-- The sampler's own rules (src/core/pace.h), in seconds per evaluation. Below `cheap` a run uses one worker, above
-- `costly` all of them; in between it tries both. Above `likely` the workers probably win.
local pace = core.pace

-- Share of the time that workers are busy, by walkers per worker: measured for the default moves with uneven times.
local function busy(walkers, workers)
  local each = walkers / workers
  return each >= 4 and 0.95 or each >= 2 and 0.7 or 0.4 * math.min(1, each)
end

local PREVIEW = 1000 -- steps of the forecast if the script asks for no number

local function forecast(look, run, cost)
  local steps = run.steps or PREVIEW
  local updates = run.walkers * (steps * run.thin_by + run.tune)
  local each = look.evaluations_per_update > 0 and look.evaluations_per_update or 1
  local evaluations = run.walkers + updates * each
  local alone = evaluations * math.max(look.loop_s, cost)
  local shared = evaluations * cost / (run.workers * busy(run.walkers, run.workers))
  local out = { steps = steps, evaluations = math.floor(evaluations + 0.5), workers_used = run.workers }
  if run.workers == 1 or cost < pace.cheap then
    out.seconds_min, out.seconds_max, out.workers_used = alone, alone, 1
  elseif cost > pace.costly then
    out.seconds_min = math.min(alone, shared)
    out.seconds_max = out.seconds_min
  else
    out.seconds_min, out.seconds_max = math.min(alone, shared), alone
  end
  return out
end

local function fit(run, cost)
  local workers = cost < pace.cheap and 1 or run.cpus
  local walkers = math.max(4 * run.ndim, cost > pace.likely and 4 * workers or 0)
  return { workers = workers, walkers = math.max(walkers, 6) }
end

-- ---- warnings ----

local function percent(part, whole)
  return ("%.0f %%"):format(100 * part / whole)
end

local DIFFERS = {
  history = "an answer depends on the evaluations before it: the model keeps something between calls (a counter, a "
    .. "cache that changes values, a global). Make log_prob depend on theta and data alone",
  state = "each worker's state has answers of its own: setup or the model's file reads a clock, an address or a file "
    .. "that changes, draws numbers that are not seeded, or goes through a table by next, whose order differs (pairs "
    .. "has one order in a model). Use math.random, which is seeded, and the values in data",
  chance = "each call has another answer: the model reads a clock, an address or a file that changes, or draws numbers "
    .. "that are not seeded. Use math.random, which is seeded for each evaluation",
}

local MANY_BYTES, MUCH_SETUP, LONG_RUN = 1024 ^ 3, 5, 600

local rules = {}

function rules.failures(found, _, run)
  local n = found.evaluations
  local stop = { errors = run.on_error ~= "reject", nans = run.on_nan ~= "reject" }
  local out = {}
  for _, kind in ipairs { "errors", "nans" } do
    if n[kind] > 0 then
      local what = kind == "errors" and account.plural(n.errors, "evaluation") .. " failed"
        or ("log_prob was NaN %s"):format(n.nans == 1 and "once" or ("%d times"):format(n.nans))
      local policy = kind == "errors" and "on_error" or "on_nan"
      out[#out + 1] = ("%s of %d: %s"):format(what, n.total, stop[kind] and ("a run would stop there; mend the model, "
        .. "return -math.huge where a point is not allowed, or give %s = 'reject'"):format(policy)
        or ("rejected in a run, since %s is 'reject'"):format(policy))
    end
  end
  return out, (n.errors > 0 and stop.errors) or (n.nans > 0 and stop.nans)
end

function rules.refusals(found)
  local n = found.evaluations
  if n.finite == 0 and n.minus_inf > 0 then
    return { ("log_prob is -inf at all %s: no walker can begin there; move the start to where the model allows"):format(
      account.plural(n.minus_inf, "position")) }, true
  end
  if n.minus_inf <= 0.5 * n.total then return {} end
  return { ("%s of the positions are rejected (-inf): the start or the steps reach far beyond the points that the "
    .. "model allows; a smaller ball, or priors that fit, waste fewer proposals"):format(
      percent(n.minus_inf, n.total)) }
end

function rules.same(_, look)
  if look.same == "same" then return {} end
  return { "two evaluations of one position differ, so that no run can be repeated or resumed bit for bit: "
    .. DIFFERS[look.same] }, true
end

local function list(names)
  return ("'%s'"):format(table.concat(names, "', '"))
end

function rules.globals(_, look)
  local globals, out = look.globals or { load = {}, setup = {}, evaluation = {} }, {}
  if #globals.evaluation > 0 then
    out[1] = ("evaluations write the %s %s: say 'local' where it is made; a global that is kept from call to call may "
      .. "change answers, and it is slow"):format(#globals.evaluation == 1 and "global" or "globals",
        list(globals.evaluation))
  end
  local made = {}
  for _, phase in ipairs { "load", "setup" } do
    for _, name in ipairs(globals[phase]) do made[#made + 1] = name end
  end
  if #made > 0 then
    out[#out + 1] = ("the model makes the %s %s: say 'local', if that is not meant; a local is faster, too"):format(
      #made == 1 and "global" or "globals", list(made))
  end
  return out
end

function rules.memory(found, look, run)
  local out = {}
  if look.kept and look.kept > 16 then
    out[1] = ("each call keeps %.0f bytes, %s in the whole run: the model collects something: release it"):format(
      look.kept, findings.bytes(look.kept * found.run.evaluations))
  end
  if found.state.bytes * run.workers > MANY_BYTES then
    out[#out + 1] = ("each of %s will take %s: give large tables as arrays in 'data', which all of them share"):format(
      account.plural(run.workers, "worker"), findings.bytes(found.state.bytes))
  end
  if found.setup.seconds > MUCH_SETUP then
    out[#out + 1] = ("setup takes %s in each worker: do it once in the script and give the result as 'data'"):format(
      account.duration(found.setup.seconds))
  end
  return out
end

function rules.workers(found, _, run)
  if run.workers < 2 or found.time_s.mean <= pace.likely or run.walkers >= 4 * run.workers then return {} end
  return { ("%.0f walkers are few for %s, which will idle about %s of the time: %.0f would keep them busy"):format(
    run.walkers, account.plural(run.workers, "worker"), percent(1 - busy(run.walkers, run.workers), 1),
    4 * run.workers) }
end

function rules.output(found, _, run)
  if run.output or found.run.seconds_max < LONG_RUN then return {} end
  return { ("the run will take %s and has no output: give output = 'run.db', so that a stop loses nothing"):format(
    account.duration(found.run.seconds_max)) }
end

-- The rules in their order. Each returns a list of warnings, and whether the model fails by it.
local ORDER = { "failures", "refusals", "same", "globals", "memory", "workers", "output" }

local function judge(found, look, run)
  found.warnings, found.passed = {}, true
  for _, name in ipairs(ORDER) do
    local warnings, failed = rules[name](found, look, run)
    for _, warning in ipairs(warnings) do found.warnings[#found.warnings + 1] = warning end
    if failed then found.passed = false end
  end
end

-- "1 byte", "312 bytes", "1.5 KiB", "23 MiB"
function findings.bytes(n)
  if n < 999.5 then return account.plural(math.floor(n + 0.5), "byte") end
  local units, i = { "KiB", "MiB", "GiB", "TiB" }, 0
  repeat n, i = n / 1024, i + 1 until n < 999.5 or i == #units
  return ("%s %s"):format(account.rate(n), units[i])
end

local function sameness(look, names)
  local difference = look.difference or {}
  return { calls = look.calls_agree, states = look.states_agree,
    differs_by = look.same ~= "same" and look.same or nil, log_prob = difference.log_prob, other = difference.other,
    in_blobs = difference.in_blobs, parameters = difference.theta and named(difference.theta, names) }
end

-- The findings: a table with the keys of findings.keys. `look` is the core's table; `run` describes the run: names,
-- model, walkers, workers, cpus, steps (or nil), thin_by, tune, on_error, on_nan, output.
function findings.of(look, run)
  run.ndim = #run.names
  local found = { model = run.model, parameters = run.names, walkers = run.walkers, workers = run.workers,
    steps = run.steps, evaluations = count(look), time_s = times(look), same = sameness(look, run.names) }
  if look.failure then
    found.first_failure = { message = look.failure.message, parameters = named(look.failure.theta, run.names) }
  end
  found.setup = { seconds = look.setup_s or look.state_s, bytes = look.setup_bytes or look.state_bytes }
  found.state = { seconds = look.state_s, bytes = look.state_bytes }
  found.globals = look.globals
  found.call = look.allocated and { allocated_bytes = look.allocated, kept_bytes = look.kept }
  found.fit = fit(run, found.time_s.mean)
  found.run = forecast(look, run, found.time_s.mean)
  judge(found, look, run)
  return found
end

return findings
