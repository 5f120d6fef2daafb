-- The command resume: a stored run goes on from its store alone. The script is run again as it was, with its arguments,
-- in its folder; the sampler that writes to the store takes up the stored chain instead of beginning one.

local account = require "ensemble.api.account"
local core = require "ensemble.core"
local json = require "ensemble.api.json"
local launch = require "ensemble.cli.launch"
local options = require "ensemble.check.options"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local resume = {}

local function fail(status, text)
  session.note(text)
  return status
end

-- The folder that the run is to be in: where it was; else, where the store was moved with what lies beside it, the
-- folder from which its place has the old name; nil: this one.
local function folder_of(origin, real)
  local here = core.folder()
  if not origin.folder or origin.folder == here then return nil end
  if core.enter_folder(origin.folder) then return origin.folder end
  local output = origin.output and "/" .. origin.output:gsub("^%./", "")
  local base = output and real:sub(-#output) == output and real:sub(1, -#output - 1)
  return base and base ~= here and core.enter_folder(base) and base or nil
end

-- Goes to the run's folder; the store's path as it is called there.
local function enter(origin, path)
  local real = core.real_path(path) or path
  local folder = folder_of(origin, real)
  if not folder then return path end
  session.note(("the run goes on in its folder %s"):format(folder))
  return real
end

-- The stored command line, without the program: options, and the words with the place of the script among them.
local function stored_options(origin)
  local words = launch.rest(json.decode_texts(origin.argv or "[]"), 2)
  local values, at = options.read(options.of("run", "program"), words, 1)
  if not values then values, at = {}, #words + 1 end
  return values, words, at
end

local function run_script(origin, words, at)
  local arguments = launch.rest(words, at + 1)
  if words[at] and words[at] ~= "-" then return script.run_file(origin.script_name, arguments) end
  return script.run_text(origin.script_name, origin.script, arguments)
end

-- The script is over: steps that were asked for beyond its own, and a word where it did not go on with the store.
local function complete(status)
  local replay = session.replay
  if status ~= script.OK or session.stopped then return status end
  if not replay.sampler then
    return fail(script.USAGE, ("%s: its script did not go on with it: no output that it names is '%s'"):format(
      replay.path, replay.output or replay.path))
  end
  if not replay.more then return status end
  return (script.call(replay.sampler.run_beyond, replay.sampler))
end

-- The program of the engine that the store's last steps were sampled by goes on with it, where it is here; other ranks
-- run this one. Where it is not, the core warns.
local function enter_last_engine(origin)
  local engine = origin.engine or ""
  if core.ranks() > 1 then return end
  launch.enter_engine(engine:find("^LuaJIT") and "luajit" or engine:find("^Lua") and "lua")
end

local function nothing_to_do(path, origin, values)
  if values.steps or origin.status ~= "finished" or origin.steps < origin.target then return nil end
  return ("%s is finished: it has all %s (more: %s resume %s --steps N)"):format(path,
    account.plural(origin.steps, "step"), session.program, account.quote(path))
end

-- Runs the command. `values` are its options: steps is how many more are wanted.
function resume.run(path, values)
  local missing_engine = launch.enter_engine(values.engine)
  if missing_engine then return fail(script.USAGE, missing_engine) end
  local joined = launch.join(values)
  if joined then return joined end
  local origin, message, kind = core.store_origin(path)
  if not origin then return fail(kind == "config" and script.USAGE or script.FAILED, message) end
  if not origin.script then
    return fail(script.USAGE, ("'%s' holds no script: it was made by code of a command line, a prompt or another "
      .. "program; run that again to go on"):format(path))
  end
  local nothing = nothing_to_do(path, origin, values)
  if nothing then
    session.note(nothing)
    return script.OK
  end
  if not values.engine then enter_last_engine(origin) end
  local stored, words, at = stored_options(origin)
  launch.override(stored)
  local more = values.steps
  values.steps = nil
  launch.override(values)
  local place = enter(origin, path)
  session.replay = { path = place, output = origin.output, base = origin.base, target = origin.target, more = more,
    shown = path }
  launch.set_arg(session.program, words, at)
  local status = launch.run_actions(stored)
  if status == script.OK then status = run_script(origin, words, at) end
  return complete(status)
end

return resume
