-- The command resume: resumes a stored run from its store alone. It runs the stored script again, with its arguments
-- and in its folder; the sampler of that script for the store resumes the stored chain.

local account = require "ensemble.api.account"
local core = require "ensemble.core"
local json = require "ensemble.api.json"
local launch = require "ensemble.cli.launch"
local Mode = require "ensemble.api.mode"
local options = require "ensemble.check.options"
local script = require "ensemble.cli.script"
local session = require "ensemble.api.session"

local resume = {}

local function fail(status, text)
  session.note(text)
  return status
end

-- The folder of the run: the one where it ran; else, if the store was moved together with its folder, the new folder.
-- nil: the current folder.
local function folder_of(origin, real)
  local here = core.folder()
  if not origin.folder or origin.folder == here then return nil end
  if core.enter_folder(origin.folder) then return origin.folder end
  local output = origin.output and "/" .. origin.output:gsub("^%./", "")
  local base = output and real:sub(-#output) == output and real:sub(1, -#output - 1)
  return base and base ~= here and core.enter_folder(base) and base or nil
end

-- Changes to the folder of the run. Returns the path of the store there.
local function enter(origin, path)
  local real = core.real_path(path) or path
  local folder = folder_of(origin, real)
  if not folder then return path end
  session.note(("the run resumes in its folder %s"):format(folder))
  return real
end

-- The stored command line without the program: its options, its words, and the index of the script among them.
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

-- ---- the mode: the script's sampler for this store resumes the stored chain ----

-- Fields: path (of the store), shown (the path as it was typed), output (the path in the script; nil: unknown), base
-- (steps of the chain when the script starts), target (steps that the run was asked for), more (steps wanted beyond
-- that; nil: none), sampler (the one that resumes the chain; nil: none yet).
local Resuming = {}

-- The sampler for the store opens it at its present place and keeps its seed, which the script may draw anew each time.
function Resuming:prepare(values)
  if self.sampler or not values.output or values.output ~= (self.output or self.path) then return end
  values.output_name, values.output = values.output, self.path
  values.resume, values.seed, values.first_step = "must", nil, self.base
end

function Resuming:begin(sampler, config)
  if config.replay then self.sampler = sampler end
end

-- The script counts from the step where it was started, so that it does not repeat its steps.
function Resuming:first_step(sampler, n)
  if sampler ~= self.sampler then return Mode.first_step(self, sampler, n) end
  local from = self.base
  self.base = from + n
  return from
end

-- The steps that the run was asked for, now or earlier, and those wanted beyond.
function Resuming:last_step(sampler, steps)
  if sampler ~= self.sampler then return steps end
  local more = self.more or 0
  self.more = nil
  return math.max(steps, self.target, sampler.raw:steps()) + more
end

function Resuming:command(sampler)
  if sampler ~= self.sampler then return nil end
  return ("%s resume %s"):format(session.program, account.quote(self.shown))
end

-- Samples the steps beyond the script's own. It is a usage error if the script had no sampler for the store.
function Resuming:done(status)
  if status ~= script.OK or session.stopped then return status end
  if not self.sampler then
    return fail(script.USAGE, ("%s: its script did not resume it: none of its outputs is '%s'"):format(
      self.path, self.output or self.path))
  end
  if not self.more then return status end
  return (script.call(self.sampler.run_to, self.sampler, self:last_step(self.sampler, 0)))
end

-- Resumes with the program of the engine that sampled the last steps, if it is installed; other ranks run this one. If
-- it is not, the core prints a warning.
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

-- Runs the command. `values` are its options: steps is the number of steps to add.
function resume.run(path, values)
  local missing_engine = launch.enter_engine(values.engine)
  if missing_engine then return fail(script.USAGE, missing_engine) end
  local joined = launch.join(values)
  if joined then return joined end
  local origin, message, kind = core.store_origin(path)
  if not origin then return fail(kind == "config" and script.USAGE or script.FAILED, message) end
  if not origin.script then
    return fail(script.USAGE, ("'%s' holds no script: it was made by code of a command line, a prompt or another "
      .. "program; run that again to resume"):format(path))
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
  session.mode = Mode.extend(Resuming, { path = place, output = origin.output, base = origin.base,
    target = origin.target, more = more, shown = path })
  launch.set_arg(session.program, words, at)
  local status = launch.run_actions(stored)
  if status == script.OK then status = run_script(origin, words, at) end
  return session.mode:done(status)
end

return resume
