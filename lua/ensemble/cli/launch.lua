-- Applies the words before a script on a command line: options that override the script's fields, -e and -l, and the
-- global `arg`. Serves the command line of this process and one from a store.

local core = require "ensemble.core"
local options = require "ensemble.check.options"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local launch = {}

-- The words of a list from index `first`.
function launch.rest(words, first)
  local out = {}
  for i = first, #words do out[#out + 1] = words[i] end
  return out
end

-- Sets `arg` as lua does: arg[0] is the script, its arguments follow, the words before it have negative numbers.
function launch.set_arg(program, words, at)
  local first = words[at] and at or 0
  local all = { [-first] = program }
  for i, word in ipairs(words) do all[i - first] = word end
  rawset(_G, "arg", all)
end

-- Options of a run override the fields of the script.
function launch.override(values)
  for _, row in ipairs(options.of("run")) do
    if row.applies.field and values[row.field] ~= nil then session.overrides[row.field] = values[row.field] end
  end
  if values.blas_threads then core.set_blas_threads(values.blas_threads) end
end

local PROGRAMS = { lua = "ensemble-lua", luajit = "ensemble-luajit" }

-- Replaces this program by the program of another engine, with the same words. Returns nil if this is the engine, or a
-- message if the other one cannot start.
function launch.enter_engine(engine)
  local program = PROGRAMS[engine]
  if not program or program == session.program then return nil end
  local words = launch.rest(session.script.argv, 1)
  words[1] = program
  return ("option '--engine' is '%s': %s"):format(engine, core.enter_program(program, words))
end

-- Of the processes of an MPI job, the first one does the work of the command line; the others evaluate for it. Returns
-- the exit status of a process that has done so; nil in the first process.
function launch.join(values)
  if values.no_mpi then return nil end
  if values.blas_threads then core.set_blas_threads(values.blas_threads) end -- on every rank
  local status, message = core.join()
  if not message then return status end
  if message ~= "" then session.note(message) end
  return script.USAGE
end

-- "mod" and "global=mod", as lua's -l.
local function load_library(text)
  local global, name = text:match("^([%a_][%w_]*)=(.+)$")
  name = name or text
  local status, value = script.call(require, name)
  if status == script.OK then _G[global or name] = value end
  return status
end

local actions = {
  execute = function(code) return script.run(code, "=(command line)") end,
  library = load_library,
}

-- Runs -e and -l in their order, up to the first error.
function launch.run_actions(values)
  for _, action in ipairs(values.order or {}) do
    local status = actions[action.field](action.value)
    if status ~= script.OK then return status end
  end
  return script.OK
end

return launch
