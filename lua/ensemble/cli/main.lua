-- The command line: distinguishes commands, options and scripts, and runs them. Returns the exit status; only main.c
-- ends the process.

local command = require "ensemble.cli.command"
local core = require "ensemble.core"
local launch = require "ensemble.cli.launch"
local nearest = require "ensemble.check.nearest"
local options = require "ensemble.check.options"
local prompt = require "ensemble.cli.prompt"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function usage(text)
  session.note(("%s (see %s --help)"):format(text, session.program))
  return script.USAGE
end

-- A word that is no file and does not look like one may be a misspelt command.
local function missing(path)
  if path == "-" or path:find("[./]") or exists(path) then return nil end
  for _, name in ipairs(command.names()) do
    if name == path then
      return ("'%s' is a command: it comes first, and its options behind it (%s help %s)"):format(name,
        session.program, name)
    end
  end
  return ("there is no script '%s', and no command of that name%s"):format(path,
    nearest.advice(path, command.names(), "commands"))
end

local function run_script(path, words, at)
  local message = missing(path)
  if message then return usage(message) end
  return script.run_file(path, launch.rest(words, at + 1))
end

-- Runs the main job beside -e, -l and -v: the script, the prompt, or standard input.
local function run_main(values, words, at)
  local path = words[at]
  local status = script.OK
  if path then
    status = run_script(path, words, at)
  elseif not (values.order or values.version or values.interactive or core.isatty(0)) then
    status = script.run_file("-", {})
  end
  local is_idle = not (path or values.order or values.version)
  if values.interactive or (is_idle and core.isatty(0)) then prompt.run() end
  return status
end

local function version_line()
  return ("%s %s (%s)"):format(session.program, core.version, core.engine)
end

-- Loads LAPACK for the models' linear algebra, if the environment asks for it. It must be loaded before anything else
-- runs.
local function load_lapack()
  local library = os.getenv "ENSEMBLE_LAPACK"
  if not library or library == "" then return nil end
  return select(2, core.load_lapack(library))
end

local function run(argv, words)
  local no_lapack = load_lapack()
  if no_lapack then
    session.note(no_lapack)
    return script.USAGE
  end
  if command.is_command(words[1]) and not exists(words[1]) then return command.run(words) end
  local values, at = options.read(options.of("run", "program"), words, 1)
  local is_first = core.launched() == 0
  if not values then return is_first and usage(at) or script.OK end
  local missing_engine = launch.enter_engine(values.engine)
  if missing_engine then return is_first and usage(missing_engine) or script.OK end
  if values.help then return is_first and command.help() or script.OK end
  if values.version and is_first then print(version_line()) end
  local joined = launch.join(values)
  if joined then return joined end
  launch.override(values)
  launch.set_arg(argv[0], words, at)
  local status = launch.run_actions(values)
  if status ~= script.OK then return status end
  return session.mode:done(run_main(values, words, at))
end

-- os.exit in a script would end the process at once: close everything before that.
local function guard_exit()
  local exit = os.exit
  os.exit = function(code, ...) -- luacheck: ignore 122
    session.close()
    core.leave(type(code) == "number" and code or code == false and 1 or 0)
    return exit(code, ...)
  end
end

-- argv[0] is the name of the program, the arguments follow. Returns the exit status.
return function(argv)
  session.program = (argv[0] or "ensemble-lua"):match("[^/]+$") or "ensemble-lua"
  session.script.argv = launch.rest(argv, 0)
  session.script.folder = core.folder()
  guard_exit()
  local words = launch.rest(argv, 1)
  local status = run(argv, words)
  return script.finish(status)
end
