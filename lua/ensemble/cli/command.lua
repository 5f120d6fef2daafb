-- The commands of the program: check, info, summary, resume, help. Each is a row. The core reads
-- stores; summary.lua and json.lua turn numbers into text.

local account = require "ensemble.api.account"
local checkup = require "ensemble.cli.checkup"
local core = require "ensemble.core"
local json = require "ensemble.api.json"
local movetest = require "ensemble.cli.movetest"
local options = require "ensemble.check.options"
local resume = require "ensemble.cli.resume"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"
local summary = require "ensemble.api.summary"

local command = {}

local INFO_KEYS = {
  "steps", "walkers", "ndim", "parameters", "status", "seed", "engine", "version", "acceptance_fraction",
  "evaluations", "errors", "nans",
  { "timing", { "wall_s", "model_s", "workers", "ranks", "efficiency" } },
  { "per_worker", { "rank", "worker", "host", "evaluations", "busy_s" } },
  { "moves", { "move", "weight", "proposed", "acceptance_fraction" } }, "warnings",
}

local function fail(status, text)
  session.note(text)
  return status
end

-- Results go to stdout; a full disk or a closed pipe is a failure, not a silence.
local function print_result(text)
  local ok, message = io.stdout:write(text, "\n")
  if ok then ok, message = io.stdout:flush() end
  if not ok then return fail(script.FAILED, "cannot write to standard output: " .. tostring(message)) end
  return script.OK
end

local function core_failure(message, kind)
  return fail(kind == "config" and script.USAGE or script.FAILED, message)
end

-- A seed may be larger than a double can say: the core gives it as digits.
local function with_seed(info)
  local copy = {}
  for key, value in pairs(info) do copy[key] = value end
  if type(copy.seed) == "string" and copy.seed:find("^%d+$") then copy.seed = json.raw(copy.seed) end
  return copy
end

local function value_or_dash(x, form)
  if type(x) ~= "number" or x ~= x then return "-" end
  return form:format(x)
end

local function duration_or_dash(x)
  return type(x) == "number" and x == x and account.duration(x) or "-"
end

local function add_workers(lines, workers, wall)
  for _, worker in ipairs(workers) do
    lines[#lines + 1] = { ("worker %.0f"):format(worker.worker),
      ("%s, busy for %s, idle for %s"):format(account.plural(worker.evaluations, "evaluation"),
        account.duration(worker.busy_s), account.duration(math.max(0, wall - worker.busy_s))) }
  end
end

-- A line a rank: a job may have thousands of workers.
local function add_ranks(lines, workers, wall)
  local ranks, order = {}, {}
  for _, worker in ipairs(workers) do
    local rank = ranks[worker.rank]
    if not rank then
      rank = { number = worker.rank, host = worker.host or "-", workers = 0, evaluations = 0, busy = 0 }
      ranks[worker.rank], order[#order + 1] = rank, rank
    end
    rank.workers = rank.workers + 1
    rank.evaluations = rank.evaluations + worker.evaluations
    rank.busy = rank.busy + worker.busy_s
  end
  for _, rank in ipairs(order) do
    lines[#lines + 1] = { ("rank %.0f"):format(rank.number), ("%s, %s, %s, busy %s of the time"):format(rank.host,
      account.plural(rank.workers, "worker"), account.plural(rank.evaluations, "evaluation"),
      value_or_dash(100 * rank.busy / (rank.workers * wall), "%.0f %%")) }
  end
end

local function timing_lines(info)
  local timing, lines = info.timing or {}, {}
  lines[1] = { "last session", ("%s, %s in the model, %s, efficiency %s"):format(duration_or_dash(timing.wall_s),
    duration_or_dash(timing.model_s), timing.workers and account.plural(timing.workers, "worker") or "-",
    value_or_dash(timing.efficiency, "%.3f")) }
  local add_busy = timing.ranks and timing.ranks > 1 and add_ranks or add_workers
  add_busy(lines, info.per_worker or {}, timing.wall_s)
  local idle = account.idle(info)
  if idle then lines[#lines + 1] = { "", idle } end
  return lines
end

local function info_text(path, info)
  local seed = type(info.seed) == "number" and ("%.0f"):format(info.seed) or tostring(info.seed)
  local rows = {
    { "store", path },
    { "status", info.status },
    { "steps", ("%.0f of %.0f walkers"):format(info.steps, info.walkers) },
    { "parameters", table.concat(info.parameters, ", ") },
    { "seed", seed },
    { "made by", ("ensemble-lua %s, %s"):format(info.version, info.engine) },
    { "acceptance", value_or_dash(info.acceptance_fraction, "%.3f") },
    { "evaluations", ("%.0f (%s, %.0f NaN)"):format(info.evaluations, account.plural(info.errors, "error"),
      info.nans) },
  }
  for _, move in ipairs(info.moves) do
    rows[#rows + 1] = { "  " .. move.move, ("%s in %s"):format(value_or_dash(move.acceptance_fraction, "%.3f"),
      account.plural(move.proposed, "proposal")) }
  end
  for _, row in ipairs(timing_lines(info)) do rows[#rows + 1] = row end
  for _, warning in ipairs(info.warnings or {}) do rows[#rows + 1] = { "warning", warning } end
  for i, row in ipairs(rows) do rows[i] = ("%-13s %s"):format(row[1], row[2]) end
  return table.concat(rows, "\n")
end

local function run_info(path, values)
  local info, message, kind = core.store_info(path)
  if not info then return core_failure(message, kind) end
  return print_result(values.json and json.encode(with_seed(info), INFO_KEYS) or info_text(path, info))
end

local function run_summary(path, values)
  local discard = values.discard ~= "auto" and values.discard or nil
  local result, message, kind = core.store_summary(path, discard, values.thin)
  if not result then return core_failure(message, kind) end
  return print_result(values.json and summary.json(result) or summary.text(result))
end

local function run_check(script_path, values, words)
  local status, text = (values.move and movetest or checkup).run(script_path, values, words)
  if not text then return status end
  local printed = print_result(text)
  return printed ~= script.OK and printed or status
end

-- A command's text is in command_texts.lua; arguments and help are its line in the help.
command.rows = {
  { name = "check", arguments = "SCRIPT.lua", help = "try the model of a script before a long run", run = run_check,
    takes_words = true },
  { name = "info", arguments = "RUN.db", help = "show the state of a stored run: steps, status, seed, timing, errors",
    run = run_info },
  { name = "summary", arguments = "RUN.db",
    help = "show means, quantiles, autocorrelation times and warnings of a stored run", run = run_summary },
  { name = "resume", arguments = "RUN.db", help = "resume a stored run from the store alone", run = resume.run },
  { name = "help", arguments = "[WORD]", help = "explain a command, an option, or a field of the script or a model" },
}

local function find(name)
  for _, row in ipairs(command.rows) do
    if row.name == name then return row end
  end
  return nil
end

function command.is_command(name)
  return find(name) ~= nil
end

function command.names()
  local names = {}
  for i, row in ipairs(command.rows) do names[i] = row.name end
  return names
end

-- The manual is loaded only if it is asked for.
local function manual()
  return require "ensemble.cli.manual"
end

local GENERAL = [[
usage: %s [options] SCRIPT.lua [script arguments]
%s
       %s [-i] [-e CODE] [-l MOD] [-v]

Samples posterior distributions with an affine-invariant ensemble; the run is described by a Lua script.
Without a script: a prompt on a terminal, else standard input is the script.

commands
%s

options of a run: they stand before SCRIPT and override its fields
%s

other options
%s

fields of ensemble.run { ... } in a script
%s

fields of a model
%s

exit status
%s

Each command, option and field has a page: %s help walkers

the manual
%s]]

local function general_help()
  local usages, lines = {}, {}
  for i, row in ipairs(command.rows) do
    usages[i] = ("       %s %s %s"):format(session.program, row.name, row.arguments)
    lines[i] = ("  %-9s %s"):format(row.name, row.help)
  end
  return GENERAL:format(session.program, table.concat(usages, "\n"), session.program, table.concat(lines, "\n"),
    options.help(options.of("run")), options.help(options.of("program")), manual().field_lines(),
    manual().model_lines(), manual().exit_lines(), session.program, manual().place_lines())
end

-- Prints the pages on a word, or the general help without one. Answers the exit status.
function command.help(word)
  if not word then return print_result(general_help()) end
  local pages, message = manual().pages(word, command.rows, session.program)
  if not pages then return fail(script.USAGE, message) end
  return print_result(pages)
end

-- Runs the command words[1] with the words after it. Answers the exit status.
function command.run(words)
  local row = find(words[1])
  if row.name ~= "resume" and core.launched() > 0 then return script.OK end -- the first process answers
  if row.name == "help" then return command.help(words[2] == "--help" and "help" or words[2]) end
  local option_rows = options.of(row.name)
  local values, arguments = options.read_mixed(option_rows, words, 2)
  if not values then
    return fail(script.USAGE, ("%s: %s (see %s help %s)"):format(row.name, arguments, session.program, row.name))
  end
  if values.help then return print_result(manual().command(row.name, command.rows, session.program)) end
  if #arguments < 1 or (#arguments > 1 and not row.takes_words) then
    return fail(script.USAGE, ("%s: %s given, one %s is needed: %s %s %s"):format(row.name,
      account.plural(#arguments, "argument"), row.takes_words and "script" or "store", session.program, row.name,
      row.arguments))
  end
  if row.name ~= "resume" then options.fill(option_rows, values) end -- a field's default is its script's business
  return row.run(arguments[1], values, arguments)
end

return command
