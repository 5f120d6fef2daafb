-- The closing line of a run: steps, speed, how busy the workers were, and the command to type next. It turns the
-- figures of `info` into text; it knows neither the sampler nor the screen.

local account = {}

local function is_known(x)
  return type(x) == "number" and x == x and x ~= math.huge and x ~= -math.huge
end

-- "0.0123 s", "12.3 s", "2 min 03 s", "1 h 02 min", "3 days 04 h"
function account.duration(seconds)
  if seconds < 59.95 then return ("%.3g s"):format(seconds) end
  local whole = math.floor(seconds + 0.5)
  if whole < 3600 then return ("%d min %02d s"):format(math.floor(whole / 60), whole % 60) end
  local minutes = math.floor(seconds / 60 + 0.5)
  if minutes < 48 * 60 then return ("%d h %02d min"):format(math.floor(minutes / 60), minutes % 60) end
  local hours = math.floor(seconds / 3600 + 0.5)
  return ("%d days %02d h"):format(math.floor(hours / 24), hours % 24)
end

-- Three significant digits; large numbers are written out.
function account.rate(x)
  local text = ("%.3g"):format(x)
  return x >= 100 and ("%.0f"):format(tonumber(text)) or text
end

function account.plural(n, word)
  return ("%.0f %s%s"):format(n, word, n == 1 and "" or "s")
end

-- Evaluations of the last session. `info.evaluations` counts those of all sessions.
local function evaluations_of_session(info)
  if not info.per_worker or #info.per_worker == 0 then return info.evaluations end
  local sum = 0
  for _, worker in ipairs(info.per_worker) do sum = sum + worker.evaluations end
  return sum
end

local function speed(info)
  local timing, evaluations = info.timing or {}, evaluations_of_session(info)
  if not is_known(timing.wall_s) then return nil end
  local text = " in " .. account.duration(timing.wall_s)
  if is_known(evaluations) and timing.wall_s > 0 then
    text = ("%s, %s evaluations/s"):format(text, account.rate(evaluations / timing.wall_s))
  end
  return text
end

local COSTLY = 100e-6 -- seconds per evaluation; below it, idle time may come from handing work over

-- Whether the sampler evaluated nearly everything on its own thread, because an evaluation costs less than handing it
-- over.
local function is_inline(info)
  local first = info.per_worker and info.per_worker[1]
  local evaluations = evaluations_of_session(info)
  return info.timing.workers > 1 and first and first.evaluations > 0.9 * evaluations
    and info.timing.model_s < COSTLY * evaluations
end

local function workers(info)
  local timing = info.timing
  if not timing or not is_known(timing.workers) then return nil end
  local text = account.plural(timing.workers, "worker")
  if not is_known(timing.efficiency) then return text end
  if is_inline(info) then
    return ("1 of %s used (%.2g us per evaluation: a hand-over would gain nothing)"):format(text,
      1e6 * timing.model_s / evaluations_of_session(info))
  end
  return ("%s %.0f %% of the time in the model"):format(text, 100 * timing.efficiency)
end

local function rejected(info)
  local parts = {}
  if is_known(info.errors) and info.errors > 0 then parts[#parts + 1] = account.plural(info.errors, "error") end
  if is_known(info.nans) and info.nans > 0 then parts[#parts + 1] = ("%.0f NaN"):format(info.nans) end
  return #parts > 0 and "rejected " .. table.concat(parts, " and ") or nil
end

-- Quotes a path for a shell, if it needs quotes.
function account.quote(path)
  return path:find("^[%w%._/%-+,:@%%]+$") and path or "'" .. path:gsub("'", "'\\''") .. "'"
end

local function whereabouts(output, program)
  if not output then return "in memory only (output = 'run.db' keeps it)" end
  return ("stored in %s (next: %s summary %s)"):format(output, program, account.quote(output))
end

-- "5000 steps of 32 walkers in 12.3 s, 13000 evaluations/s; acceptance 0.552; 2 workers 97 % of the time in the model;
-- stored in line.db (next: ensemble-lua summary line.db)"
function account.line(info, output, program)
  local parts = { ("%s of %.0f walkers%s"):format(account.plural(info.steps, "step"), info.walkers, speed(info) or "") }
  if is_known(info.acceptance_fraction) then
    parts[#parts + 1] = ("acceptance %.3f"):format(info.acceptance_fraction)
  end
  parts[#parts + 1] = workers(info)
  parts[#parts + 1] = rejected(info)
  parts[#parts + 1] = whereabouts(output, program)
  return table.concat(parts, "; ")
end

-- A sentence that says why workers were idle and how many walkers would keep them busy; nil if they were busy or if the
-- figures do not show it. Four walkers per worker are enough even for very uneven evaluations: a simulation of the
-- schedule with exponential times keeps the workers busy 0.99 of the time.
function account.idle(info)
  local timing, evaluations = info.timing, evaluations_of_session(info)
  if not timing or not is_known(timing.efficiency) or timing.workers < 2 or timing.efficiency > 0.9 then return nil end
  if evaluations == 0 then return nil end
  if timing.model_s / evaluations < COSTLY then return nil end
  local enough = 4 * timing.workers
  if info.walkers >= enough then return nil end
  return ("workers idled for lack of walkers: %.0f walkers are few for %s; %.0f would keep them busy"):format(
    info.walkers, account.plural(timing.workers, "worker"), enough)
end

-- The line of a run that finds everything in its output already: all the steps, or a chain for which the rules of
-- 'until' hold.
function account.complete(done, steps, output)
  local all = done >= (steps or math.huge)
  local has = ("%s has %s%s"):format(output, all and "all " or "", account.plural(done, "step"))
  if all then
    return has .. ": nothing to do (more steps: raise 'steps'; another run: another output)"
  end
  return has .. ", with which the rules of 'until' hold: nothing to do (more steps: stricter rules, or run(n); another "
    .. "run: another output)"
end

-- The line of a stopped run, with the way to resume it: the same command, or `again`. `done` and `total` are { steps,
-- tuned }: steps of the chain, and steps before it that tune the moves.
function account.stop(done, total, output, again)
  local what = done.steps > 0 and "steps" or "tuned"
  if done[what] == 0 then
    return ("stopped before the first of %s: %s begins"):format(account.plural(total.steps, "step"),
      again or "the same command")
  end
  local how_far = ("stopped after %.0f of %s"):format(done[what], account.plural(total[what], "step"))
  if what == "tuned" then how_far = how_far .. " that tune the moves" end
  if not output then
    return how_far .. "; they were in memory and are lost: give output = 'run.db', then the same command resumes"
  end
  if again then return ("%s, all saved in %s: resume with %s"):format(how_far, output, again) end
  return ("%s, all saved in %s: run the same command again to resume"):format(how_far, output)
end

return account
