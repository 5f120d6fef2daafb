-- The rules that end a run: the check of the field 'until', and what is said of them at the end. When they hold is the
-- core's to say.

local account = require "ensemble.api.account"
local check = require "ensemble.check.value"
local failure = require "ensemble.check.failure"
local session = require "ensemble.api.session"

local until_ = {} -- the word itself is Lua's

local ROWS = {
  { field = "mcse", type = "number", min = 0, exclusive = true },
  { field = "tau", type = "number", min = 0, exclusive = true },
  { field = "change", type = "number", min = 0, exclusive = true },
  { field = "ess", type = "number", min = 0, exclusive = true },
  { field = "min_steps", type = "integer", min = 1 },
  { field = "max_steps", type = "integer", min = 1 },
}

local EXAMPLE = "like { tau = 50, mcse = 0.05 }"

-- The rules as the core takes them; nil without any. Raises where they are not what they may be.
function until_.read(given)
  if given == nil then return nil end
  if type(given) ~= "table" then
    failure.config("field 'until' is %s: give a table of rules, %s", check.show(given), EXAMPLE)
  end
  local rules, message = check.fields(given, ROWS, "rule")
  if not rules then failure.raise("config", "field 'until': " .. message) end
  if not (rules.mcse or rules.tau or rules.change or rules.ess) then
    failure.config("field 'until' has no rule that a chain could come to hold: give one of mcse, tau, change and ess, "
      .. EXAMPLE)
  end
  if (rules.min_steps or 0) > (rules.max_steps or math.huge) then
    failure.config("field 'until': min_steps is %d, above max_steps, which is %d", rules.min_steps, rules.max_steps)
  end
  return rules
end

-- The most steps that a run with these rules makes; nil: no limit.
function until_.most(rules, steps)
  local most = math.min(rules.max_steps or math.huge, steps or math.huge)
  return most < math.huge and most or nil
end

-- Two digits, rounded up: no more is known of what is to come.
local function about(n)
  local unit = 1
  while n / unit > 100 do unit = unit * 10 end
  return math.ceil(n / unit) * unit
end

-- What came of the rules of a run, on stderr. `verdict` is the core's, `done` the run's steps. A run that came to its
-- last step first makes the program's exit status 3.
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
  session.note(("until: not converged after %s: %s%s (to go on: raise steps or max_steps)"):format(
    account.plural(done, "step"), verdict.text, more or ""))
end

return until_
