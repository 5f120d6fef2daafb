-- The rules that end a run: checks the field 'until', and reports the rules at the end of a run. The core decides when
-- they hold.

local account = require "ensemble.api.account"
local check = require "ensemble.check.value"
local failure = require "ensemble.check.failure"
local session = require "ensemble.api.session"

local until_ = {} -- `until` is a word of Lua

until_.rows = {
  { field = "mcse", type = "number", min = 0, exclusive = true },
  { field = "tau", type = "number", min = 0, exclusive = true },
  { field = "change", type = "number", min = 0, exclusive = true },
  { field = "ess", type = "number", min = 0, exclusive = true },
  { field = "min_steps", type = "integer", min = 1 },
  { field = "max_steps", type = "integer", min = 1 },
}

local EXAMPLE = "like { tau = 50, mcse = 0.05 }"

-- The rules in the core's form; nil without any. Raises an error for invalid rules.
function until_.read(given)
  if given == nil then return nil end
  if type(given) ~= "table" then
    failure.config("field 'until' is %s: give a table of rules, %s", check.show(given), EXAMPLE)
  end
  local rules, message = check.fields(given, until_.rows, "rule")
  if not rules then failure.raise("config", "field 'until': " .. message) end
  if not (rules.mcse or rules.tau or rules.change or rules.ess) then
    failure.config("field 'until' has no rule that can end a run: give one of mcse, tau, change and ess, "
      .. EXAMPLE)
  end
  if (rules.min_steps or 0) > (rules.max_steps or math.huge) then
    failure.config("field 'until': min_steps is %d, above max_steps, which is %d", rules.min_steps, rules.max_steps)
  end
  return rules
end

-- The largest number of steps of a run with these rules; nil: no limit.
function until_.most(rules, steps)
  local most = math.min(rules.max_steps or math.huge, steps or math.huge)
  return most < math.huge and most or nil
end

-- Rounded up to two digits: a forecast has no more.
local function about(n)
  local unit = 1
  while n / unit > 100 do unit = unit * 10 end
  return math.ceil(n / unit) * unit
end

-- Prints the outcome of the rules on stderr. `verdict` comes from the core, `done` is the number of steps. If the run
-- reached its last step before the rules held, the exit status of the program becomes 3.
function until_.conclude(run, verdict, done, quiet)
  session.unconverged[run] = not verdict.reached or nil
  if verdict.reached then
    if not quiet then
      session.note(("until: all rules %s after %s: %s"):format(verdict.step < done and "held" or "hold",
        account.plural(verdict.step, "step"), (verdict.step < done and "now " or "") .. verdict.text))
    end
    return
  end
  local more = verdict.steps > done and ("; about %.0f more steps would do"):format(about(verdict.steps - done))
  session.note(("until: not converged after %s: %s%s (to continue: raise steps or max_steps)"):format(
    account.plural(done, "step"), verdict.text, more or ""))
end

return until_
