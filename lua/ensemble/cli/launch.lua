-- What stands before a script on a command line, put to work: options above the script's fields, -e and -l, and the
-- global `arg`. For a command line that was typed now, and for one that a store holds.

local core = require "ensemble.core"
local options = require "ensemble.check.options"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local launch = {}

-- The words of a list from `first` on.
function launch.rest(words, first)
  local out = {}
  for i = first, #words do out[#out + 1] = words[i] end
  return out
end

-- As lua has it: arg[0] is the script, its arguments follow, what stands before has negative numbers.
function launch.set_arg(program, words, at)
  local first = words[at] and at or 0
  local all = { [-first] = program }
  for i, word in ipairs(words) do all[i - first] = word end
  rawset(_G, "arg", all)
end

-- Options of a run stand above the script's fields.
function launch.override(values)
  for _, row in ipairs(options.of("run")) do
    if row.applies.field and values[row.field] ~= nil then session.overrides[row.field] = values[row.field] end
  end
  if values.blas_threads then core.set_blas_threads(values.blas_threads) end
end

local PROGRAMS = { lua = "ensemble-lua", luajit = "ensemble-luajit" }

-- Becomes the program of the engine that was asked for, with the words that this one got; there it is the engine that
-- is. A message where it cannot; nil where there is nothing to do.
function launch.enter_engine(engine)
  local program = PROGRAMS[engine]
  if not program or program == session.program then return nil end
  local words = launch.rest(session.script.argv, 1)
  words[1] = program
  return ("option '--engine' is '%s': %s"):format(engine, core.enter_program(program, words))
end

-- Of the processes that a launcher has started, the first one does what was asked for; the others evaluate for it. The
-- exit status of a process that has nothing to do any more; nil: it is the one.
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

-- -e and -l in their order, up to the first failure.
function launch.run_actions(values)
  for _, action in ipairs(values.order or {}) do
    local status = actions[action.field](action.value)
    if status ~= script.OK then return status end
  end
  return script.OK
end

return launch
