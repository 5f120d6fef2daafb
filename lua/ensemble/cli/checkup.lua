-- The command check: runs a script up to its first sampler, evaluates the model as the run would, and prints a report.
-- Nothing is sampled, and no store is made or changed. findings.lua draws the conclusions.

local account = require "ensemble.api.account"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local findings = require "ensemble.cli.findings"
local json = require "ensemble.api.json"
local launch = require "ensemble.cli.launch"
local Mode = require "ensemble.api.mode"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local checkup = {}

local SECONDS = 1.5 -- of evaluations at new positions; each is evaluated a second time

-- ---- as text ----

local function time(seconds)
  if seconds < 1e-3 then return ("%.3g us"):format(1e6 * seconds) end
  if seconds < 1 then return ("%.3g ms"):format(1e3 * seconds) end
  return account.duration(seconds)
end

local function evaluated(n)
  local text = ("%s: %d of the start"):format(account.plural(n.total, "position"), n.start)
  if n.total > n.start then text = ("%s, %d that the moves proposed from there"):format(text, n.total - n.start) end
  return text
end

local function outcomes(n)
  return ("%d finite, %d rejected (-inf), %d NaN, %s"):format(n.finite, n.minus_inf, n.nans,
    account.plural(n.errors, "error"))
end

local function times(t)
  return ("%s per evaluation (5 %% to 95 %%: %s to %s; longest %s)"):format(time(t.median), time(t.q05), time(t.q95),
    time(t.max))
end

local function value(x)
  return x ~= x and "a failure" or ("%.17g"):format(x)
end

local function sameness(same)
  if not same.differs_by then return "yes: in two calls and in two states, bit for bit" end
  local where = not same.calls and "in two calls" or "in two states"
  if same.in_blobs then return ("no: blobs differ %s at %s"):format(where, same.parameters) end
  return ("no: %s and %s %s at %s"):format(value(same.log_prob), value(same.other), where, same.parameters)
end

local function globals(written)
  local parts = {}
  for _, phase in ipairs { "load", "setup", "evaluation" } do
    if #written[phase] > 0 then parts[#parts + 1] = ("by %s: %s"):format(phase, table.concat(written[phase], ", ")) end
  end
  return #parts > 0 and table.concat(parts, "; ") or "none written"
end

local function fits(found)
  local fit = found.fit
  local text = ("%s (the run has %d) and %.0f walkers or more (the run has %.0f)"):format(account.plural(fit.workers,
    "worker"), found.workers, fit.walkers, found.walkers)
  if fit.workers == 1 and found.workers > 1 then
    text = text .. "; a hand-over to others would gain nothing"
  end
  return text
end

local function run_time(run, asked)
  local span = account.duration(run.seconds_max)
  if run.seconds_min < 0.9 * run.seconds_max then
    span = ("%s to %s"):format(account.duration(run.seconds_min), span)
  end
  return ("about %s for %s%s, %.0f evaluations"):format(span, account.plural(run.steps, "step"),
    asked and "" or " (the script asks for no number)", run.evaluations)
end

local function rows_of(found)
  local rows = {
    { "model", ("%s: %s"):format(found.model, table.concat(found.parameters, ", ")) },
    { "evaluated", evaluated(found.evaluations) },
    { "", outcomes(found.evaluations) },
  }
  local function add(name, text) rows[#rows + 1] = { name, text } end
  if found.first_failure then
    add("first failure", found.first_failure.message)
    add("", "at " .. found.first_failure.parameters)
  end
  add("time", times(found.time_s))
  add("same again", sameness(found.same))
  add("setup", ("%s, %s in each worker (its whole state: %s, %s)"):format(time(found.setup.seconds),
    findings.bytes(found.setup.bytes), time(found.state.seconds), findings.bytes(found.state.bytes)))
  if found.call then
    add("a call makes", findings.bytes(math.floor(math.max(0, found.call.allocated_bytes) + 0.5)) .. " of garbage")
  end
  if found.globals then add("globals", globals(found.globals)) end
  add("fits", fits(found))
  add("the run", run_time(found.run, found.steps))
  return rows
end

local function text_of(found)
  local lines = {}
  for i, row in ipairs(rows_of(found)) do lines[i] = ("%-13s %s"):format(row[1], row[2]) end
  for _, warning in ipairs(found.warnings) do lines[#lines + 1] = "warning: " .. warning end
  if #found.warnings == 0 then lines[#lines + 1] = "no warnings" end
  return table.concat(lines, "\n")
end

-- ---- the command ----

local Looking = {}

-- Leaves the store alone.
function Looking:prepare(values) -- luacheck: ignore 212
  values.output_name, values.output, values.resume = values.output, nil, "auto"
end

-- Looks at the first sampler of the script, and leaves the script there.
function Looking:begin(sampler, config)
  local known = sampler.known
  local run = { names = known.names, model = known.model, walkers = known.walkers, workers = config.workers,
    cpus = core.cpus(), steps = known.steps, thin_by = config.thin_by, tune = config.tune, on_error = config.on_error,
    on_nan = config.on_nan, output = config.output_name }
  self.found = findings.of(failure.check(sampler.raw:look(SECONDS)), run)
  failure.stop()
end

-- The exit status and the text to print.
function Looking:done(status)
  local found = self.found
  if found then
    return found.passed and script.OK or script.FAILED,
      self.json and json.encode(found, findings.keys) or text_of(found)
  end
  if status ~= script.OK then return status end
  session.note(("%s makes no sampler: check takes a script that calls ensemble.run or ensemble.sampler"):format(
    self.path))
  return script.USAGE
end

-- Runs the command. Returns its exit status and the text to print.
function checkup.run(path, values, words)
  local missing_engine = launch.enter_engine(values.engine)
  if missing_engine then
    session.note(missing_engine)
    return script.USAGE
  end
  launch.override(values)
  session.overrides.quiet = true
  launch.set_arg(session.program, words, 1)
  session.mode = Mode.extend(Looking, { path = path, json = values.json })
  return session.mode:done(script.run_file(path, launch.rest(words, 2)))
end

return checkup
