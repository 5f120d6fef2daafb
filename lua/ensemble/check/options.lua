-- One row per option: it drives the command line, the check of a script's table, the help text and the range that a
-- message gives. Only data and its look-up are here; what an option does is its reader's business.
--
-- field    name in a script's table (and of the value for whoever reads it)
-- cli      long option of the command line; nil: only in a script. `short` is its short form
-- type     one of check.kinds, with min, max, exclusive or values; nil for a field that has its own module
-- default  a value, or a function of nothing where it depends on the machine; nil: none
-- value    what the help calls the value; a boolean option takes none
-- applies  set of: field (of ensemble.run's table), run (an option before SCRIPT), program, and
--          the commands check, info, summary, resume, help

local check = require "ensemble.check.value"
local nearest = require "ensemble.check.nearest"

local options = {}

local function cpus()
  return require("ensemble.core").cpus()
end

local function at(...)
  local places = {}
  for _, place in ipairs { ... } do places[place] = true end
  return places
end

options.rows = {
  { field = "model", type = "any", required = true, applies = at("field"),
    value_text = "a path or a table", help = "the model: a file or a table" },
  { field = "data", type = "any", applies = at("field"),
    value_text = "a table", help = "what the model's functions get as data" },
  { field = "walkers", type = "integer", min = 2, applies = at("field"),
    help = "number of walkers (default: 4 * ndim, at least 32)" },
  { field = "nsplits", type = "integer", min = 2, default = 2, applies = at("field"),
    help = "sets that the walkers are split into: one moves against the others" },
  { field = "randomize_split", type = "boolean", default = true, applies = at("field"),
    help = "whether the sets are drawn anew for each step" },
  { field = "live_dangerously", type = "boolean", default = false, applies = at("field"),
    help = "allow fewer than 2 * ndim walkers" },
  { field = "steps", cli = "--steps", type = "integer", min = 1, value = "N",
    applies = at("field", "run", "check"), help = "kept steps of the whole run" },
  { field = "steps", cli = "--steps", type = "integer", min = 1, value = "N", applies = at("resume"),
    help = "N more steps than the run was asked for" },
  { field = "thin_by", type = "integer", min = 1, default = 1, applies = at("field"), help = "keep every n-th step" },
  { field = "start", type = "any", applies = at("field"),
    value_text = "ensemble.ball(center, spread), 'prior', positions, a state or a store's path",
    help = "where the walkers start" },
  { field = "moves", type = "any", applies = at("field"),
    value_text = "a move, a list of moves or of { move, weight }, or 'emcee'", help = "how proposals are made" },
  { field = "tune", type = "integer", min = 0, max = 1e9, default = 0, applies = at("field"),
    help = "steps before the chain in which moves adapt their scale" },
  { field = "workers", cli = "--workers", type = "integer", min = 1, max = 4096, default = cpus, value = "N",
    applies = at("field", "run", "check", "resume"),
    help = "worker threads (default: the CPUs that this process may use)" },
  { field = "seed", cli = "--seed", type = "seed", value = "N", applies = at("field", "run", "check"),
    help = "seed of the run's random numbers (default: drawn, printed and stored)" },
  { field = "output", cli = "--output", type = "string", value = "FILE", value_text = "the path of a store file",
    applies = at("field", "run"), help = "store file (default: none, the chain is in memory)" },
  { field = "resume", cli = "--resume", type = "choice", values = { "auto", "never", "must", "force" },
    default = "auto", value = "WHEN", applies = at("field", "run"),
    help = "whether to go on with an output that exists" },
  { field = "until", type = "any", applies = at("field"),
    value_text = "a table of rules, like { tau = 50, mcse = 0.05 }", help = "rules of convergence that end the run" },
  { field = "time_limit", cli = "--time-limit", type = "duration", min = 0, exclusive = true, value = "TIME",
    applies = at("field", "run", "resume"), help = "stop after that long with every step saved (exit status 75)" },
  { field = "on_error", type = "choice", values = { "stop", "reject" }, default = "stop", applies = at("field"),
    help = "what an error in the model does" },
  { field = "on_nan", type = "choice", values = { "stop", "reject" }, default = "stop", applies = at("field"),
    help = "what a NaN from the model does" },
  { field = "max_errors", type = "integer", min = 0, applies = at("field"),
    help = "how many errors and NaNs are rejected before the run stops (default: no limit)" },
  { field = "eval_timeout", type = "duration", min = 0, exclusive = true, applies = at("field"),
    help = "longest time of one evaluation: beyond it, it is an error (default: none)" },
  { field = "rank_timeout", type = "duration", min = 3, default = 30, applies = at("field"),
    help = "over MPI: how long a rank that has work may be silent before the run ends" },
  { field = "commit_every", type = "duration", min = 0, default = 1, applies = at("field"),
    help = "longest time between commits to the store" },
  { field = "progress", cli = "--progress", type = "choice", values = { "auto", "bar", "plain", "json", "none" },
    default = "auto", value = "HOW", applies = at("field", "run", "resume"),
    help = "how progress is shown on stderr" },
  { field = "journal", cli = "--journal", type = "choice", values = { "auto", "wal", "delete" }, default = "auto",
    value = "MODE", applies = at("field", "run", "resume"),
    help = "the store's journal; auto knows network file systems" },
  { field = "blas_threads", cli = "--blas-threads", type = "integer", min = 1, max = 4096, value = "N",
    applies = at("run", "check", "resume"), help = "threads of BLAS, OpenMP and MKL in each worker (default: 1)" },
  { field = "engine", cli = "--engine", type = "choice", values = { "lua", "luajit" }, value = "NAME",
    applies = at("run", "check", "resume"), help = "the engine: another one's program, beside this one, takes over" },
  { field = "no_mpi", cli = "--no-mpi", type = "boolean", applies = at("run", "resume"),
    help = "started several times by mpiexec or srun, each process runs for itself" },
  { field = "quiet", cli = "--quiet", type = "boolean", default = false, applies = at("field", "run", "resume"),
    help = "no progress, no closing line; warnings and errors only" },

  { field = "discard", cli = "--discard", type = "steps_or_auto", min = 0, default = "auto", value = "N|auto",
    applies = at("summary"), help = "leave out the first N steps" },
  { field = "thin", cli = "--thin", type = "integer", min = 1, default = 1, value = "N", applies = at("summary"),
    help = "use every N-th step" },
  { field = "json", cli = "--json", type = "boolean", default = false, applies = at("check", "info", "summary"),
    help = "print JSON" },

  { field = "move", cli = "--move", type = "boolean", default = false, applies = at("check"),
    help = "SCRIPT returns a move, or a mixture: test whether it keeps its target" },

  { field = "interactive", cli = "-i", type = "boolean", applies = at("program"),
    help = "a prompt after the script or the code" },
  { field = "execute", cli = "-e", type = "string", value = "CODE", repeated = true, applies = at("program"),
    help = "run CODE" },
  { field = "library", cli = "-l", type = "string", value = "MOD", repeated = true, applies = at("program"),
    help = "require MOD into a global of its name" },
  { field = "version", cli = "--version", short = "-v", type = "boolean", applies = at("program"),
    help = "print the version" },
  { field = "help", cli = "--help", short = "-h", type = "boolean",
    applies = at("program", "check", "info", "summary", "resume", "help"), help = "print help" },
}

-- The rows that apply to any of the places, in order.
function options.of(...)
  local rows = {}
  for _, row in ipairs(options.rows) do
    for _, place in ipairs { ... } do
      if row.applies[place] then
        rows[#rows + 1] = row
        break
      end
    end
  end
  return rows
end

-- The row of a field of ensemble.run's table.
function options.field(name)
  for _, row in ipairs(options.rows) do
    if row.field == name and row.applies.field then return row end
  end
  return nil
end

local function find(rows, flag)
  for _, row in ipairs(rows) do
    if row.cli == flag or row.short == flag then return row end
  end
  return nil
end

local function unknown(rows, flag)
  local flags = {}
  for _, row in ipairs(rows) do
    flags[#flags + 1] = row.cli
  end
  return ("unknown option '%s'%s"):format(flag, nearest.advice(flag, flags, "options"))
end

-- "--steps=5" is flag and value; "-e5" and "-lmod" too, as lua takes them.
local function split(rows, word)
  local flag, value = word:match("^(%-%-[^=]+)=(.*)$")
  if flag then return flag, value end
  local short = word:match("^%-%a")
  local row = short and #word > 2 and find(rows, short)
  if row and row.value then return short, word:sub(3) end
  return word, nil
end

local function store(out, row, value)
  if not row.repeated then
    out[row.field] = value
    return
  end
  out[row.field] = out[row.field] or {}
  out.order = out.order or {}
  table.insert(out[row.field], value)
  table.insert(out.order, { field = row.field, value = value })
end

-- Reads the option at words[i] into `out`. The index of the next word, or nil and a message.
local function read(rows, words, i, out)
  local flag, text = split(rows, words[i])
  local row = find(rows, flag)
  if not row then return nil, unknown(rows, flag) end
  if not row.value then
    if text then return nil, ("option '%s' takes no value"):format(flag) end
    store(out, row, true)
    return i + 1
  end
  if not text then
    i = i + 1
    text = words[i]
    if not text then return nil, ("option '%s' needs a value: %s"):format(flag, check.allowed(row)) end
  end
  local value, message = check.text(row, text, ("option '%s'"):format(flag))
  if message then return nil, message end
  store(out, row, value)
  return i + 1
end

local function is_option(word)
  return word:sub(1, 1) == "-" and word ~= "-"
end

-- Reads options from words[first] on, up to the first word that is none; "--" ends them too. Answers the table of
-- values and the index of that word, or nil and a message.
-- Repeated options are lists, and `order` has them all as they came.
function options.read(rows, words, first)
  local out, i = {}, first
  while words[i] and is_option(words[i]) do
    if words[i] == "--" then return out, i + 1 end
    local following, message = read(rows, words, i, out)
    if not following then return nil, message end
    i = following
  end
  return out, i
end

-- The same for a command, whose options and arguments may come in any order: values, list of arguments.
function options.read_mixed(rows, words, first)
  local out, arguments, i = {}, {}, first
  while words[i] do
    if words[i] == "--" then
      for j = i + 1, #words do arguments[#arguments + 1] = words[j] end
      break
    elseif is_option(words[i]) then
      local following, message = read(rows, words, i, out)
      if not following then return nil, message end
      i = following
    else
      arguments[#arguments + 1] = words[i]
      i = i + 1
    end
  end
  return out, arguments
end

-- Fills in the defaults of the options that were not given.
function options.fill(rows, values)
  for _, row in ipairs(rows) do
    if values[row.field] == nil and type(row.default) ~= "function" then values[row.field] = row.default end
  end
  return values
end

-- The help's lines on these rows.
function options.help(rows)
  local left, width = {}, 0
  for i, row in ipairs(rows) do
    left[i] = (row.short and row.short .. ", " or "") .. row.cli .. (row.value and " " .. row.value or "")
    width = math.max(width, #left[i])
  end
  local lines = {}
  for i, row in ipairs(rows) do
    local text = row.help
    if row.type == "choice" then text = text .. ": " .. table.concat(row.values, ", ") end
    if row.default ~= nil and type(row.default) ~= "function" and row.type ~= "boolean" then
      text = ("%s (default: %s)"):format(text, tostring(row.default))
    end
    lines[i] = ("  %s%s  %s"):format(left[i], (" "):rep(width - #left[i]), text)
  end
  return table.concat(lines, "\n")
end

return options
