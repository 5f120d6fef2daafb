-- One row per option: it drives the command line, the check of a script's table, the help, the manual and the range
-- that a message gives. The texts of the manual are in cli/field_texts.lua and cli/command_texts.lua. This file has the
-- rows and their look-up; other modules act on the values.
--
-- field    name in a script's table, and key of the value that was read
-- cli      long option of the command line; nil: only in a script. `short` is its short form
-- type     one of check.kinds, with min, max, exclusive or values; nil for a field that has its own module
-- default  a value, or a function without arguments if it depends on the machine; nil: none
-- default_text  words for a default that is not a plain value
-- required  true, or the condition under which the field must be given
-- value    the help's name for the option's value; a boolean option takes none
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
    value_text = "a path, a table or ensemble.native(...)", help = "the model: a file, a table or a library" },
  { field = "data", type = "any", applies = at("field"),
    value_text = "a table", help = "data for the model's functions" },
  { field = "walkers", type = "integer", min = 2, applies = at("field"),
    default_text = "4 * ndim, at least 32", help = "number of walkers" },
  { field = "nsplits", type = "integer", min = 2, default = 2, applies = at("field"),
    help = "number of sets that the walkers are split into" },
  { field = "randomize_split", type = "boolean", default = true, applies = at("field"),
    help = "draw the sets anew for each step" },
  { field = "live_dangerously", type = "boolean", default = false, applies = at("field"),
    help = "allow fewer than 2 * ndim walkers" },
  { field = "steps", cli = "--steps", type = "integer", min = 1, value = "N",
    applies = at("field", "run", "check"), required = "if 'until' is not given",
    help = "number of kept steps of the whole run" },
  { field = "steps", cli = "--steps", type = "integer", min = 1, value = "N", applies = at("resume"),
    help = "add N to the steps of the script" },
  { field = "thin_by", type = "integer", min = 1, default = 1, applies = at("field"), help = "keep every n-th step" },
  { field = "start", type = "any", applies = at("field"),
    value_text = "ensemble.ball(center, spread), 'prior', positions, a state or a store's path",
    required = "if the model has no priors", default_text = "'prior' if the model has priors",
    help = "starting positions of the walkers" },
  { field = "moves", type = "any", applies = at("field"),
    value_text = "a move, a list of moves or of { move, weight }, or 'emcee'",
    default_text = "0.8 de + 0.2 snooker", help = "the moves that make proposals" },
  { field = "tune", type = "integer", min = 0, max = 1e9, default = 0, applies = at("field"),
    help = "steps before the chain in which moves adapt their scale" },
  { field = "workers", cli = "--workers", type = "integer", min = 1, max = 4096, default = cpus, value = "N",
    applies = at("field", "run", "check", "resume"),
    default_text = "the CPUs that this process may use", help = "number of worker threads" },
  { field = "seed", cli = "--seed", type = "seed", value = "N", applies = at("field", "run", "check"),
    default_text = "drawn, printed and stored", help = "seed of the run's random numbers" },
  { field = "output", cli = "--output", type = "string", value = "FILE", value_text = "the path of a store file",
    applies = at("field", "run"), default_text = "none, the chain is in memory",
    help = "store file that keeps the chain" },
  { field = "resume", cli = "--resume", type = "choice", values = { "auto", "never", "must", "force" },
    default = "auto", value = "WHEN", applies = at("field", "run"),
    help = "whether to continue an output that exists" },
  { field = "until", type = "any", applies = at("field"),
    value_text = "a table of rules, like { tau = 50, mcse = 0.05 }", help = "rules of convergence that end the run" },
  { field = "time_limit", cli = "--time-limit", type = "duration", min = 0, exclusive = true, value = "TIME",
    applies = at("field", "run", "resume"), help = "stop after this time with every step saved (exit status 75)" },
  { field = "on_error", type = "choice", values = { "stop", "reject" }, default = "stop", applies = at("field"),
    help = "response to an error in the model" },
  { field = "on_nan", type = "choice", values = { "stop", "reject" }, default = "stop", applies = at("field"),
    help = "response to a NaN from the model" },
  { field = "max_errors", type = "integer", min = 0, applies = at("field"),
    default_text = "no limit", help = "number of errors and NaNs that may be rejected" },
  { field = "eval_timeout", type = "duration", min = 0, exclusive = true, applies = at("field"),
    help = "longest time of one evaluation; a longer one is an error" },
  { field = "rank_timeout", type = "duration", min = 3, default = 30, applies = at("field"),
    help = "with MPI: longest silence of a rank that has work" },
  { field = "commit_every", type = "duration", min = 0, default = 1, applies = at("field"),
    help = "longest time between commits to the store" },
  { field = "progress", cli = "--progress", type = "choice", values = { "auto", "bar", "plain", "json", "none" },
    default = "auto", value = "HOW", applies = at("field", "run", "resume"),
    help = "form of the progress report on stderr" },
  { field = "journal", cli = "--journal", type = "choice", values = { "auto", "wal", "delete" }, default = "auto",
    value = "MODE", applies = at("field", "run", "resume"),
    help = "the store's journal; auto chooses by the file system" },
  { field = "blas_threads", cli = "--blas-threads", type = "integer", min = 1, max = 4096, value = "N",
    applies = at("run", "check", "resume"), default_text = "1",
    help = "threads of BLAS, OpenMP and MKL in each worker" },
  { field = "engine", cli = "--engine", type = "choice", values = { "lua", "luajit" }, value = "NAME",
    applies = at("run", "check", "resume"), help = "run the script with this engine's program" },
  { field = "no_mpi", cli = "--no-mpi", type = "boolean", applies = at("run", "resume"),
    help = "under mpiexec or srun, let each process run for itself" },
  { field = "quiet", cli = "--quiet", type = "boolean", default = false, applies = at("field", "run", "resume"),
    help = "print warnings and errors only" },

  { field = "discard", cli = "--discard", type = "steps_or_auto", min = 0, default = "auto", value = "N|auto",
    applies = at("summary"), help = "leave out the first N steps" },
  { field = "thin", cli = "--thin", type = "integer", min = 1, default = 1, value = "N", applies = at("summary"),
    help = "use every N-th step" },
  { field = "json", cli = "--json", type = "boolean", default = false, applies = at("check", "info", "summary"),
    help = "print JSON" },

  { field = "move", cli = "--move", type = "boolean", default = false, applies = at("check"),
    help = "test the move or mixture of moves that SCRIPT returns" },

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

-- The default of a row in words; nil if it has none.
function options.default(row)
  if row.default_text then return row.default_text end
  if row.default == nil or type(row.default) == "function" then return nil end
  return (check.show(row.default):gsub("^'(.*)'$", "%1")) .. (row.type == "duration" and " s" or "")
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
    local default = row.type ~= "boolean" and options.default(row)
    if default then text = ("%s (default: %s)"):format(text, default) end
    lines[i] = ("  %s%s  %s"):format(left[i], (" "):rep(width - #left[i]), text)
  end
  return table.concat(lines, "\n")
end

return options
