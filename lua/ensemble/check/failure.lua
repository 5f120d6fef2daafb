-- Brings an error to the person: the place in the script, the kind of the error, and a traceback without our own
-- frames. It raises and remembers errors; it knows nothing of their causes and never prints.

local failure = {
  last = nil, -- { kind =, text = } of the last error: the command line chooses the exit status by it
  script = nil, -- name of the running script: the place of an error if the stack has none (a tail call)
}

-- A chunk is ours if it is a loaded module below the folder of this module.
local folder = debug.getinfo(1, "S").source:match("^@(.*)check/failure%.lua$")

local function is_own(source)
  if source:sub(1, 1) ~= "@" or source:sub(2, #folder + 1) ~= folder then return false end
  local name = source:sub(#folder + 2):match("^([%w_/]+)%.lua$")
  return name == "init" or (name ~= nil and package.loaded["ensemble." .. name:gsub("/", ".")] ~= nil)
end

-- The place where the user's script called us, such as "run.lua:5"; the name of the script, or nil, if no frame of it
-- is left.
function failure.place()
  local level = 2
  local info = debug.getinfo(level, "Sl")
  while info do
    if info.currentline > 0 and not is_own(info.source) then return info.short_src .. ":" .. info.currentline end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return failure.script
end

-- Raises `text` with the place in front. Kinds: "config", "io", "memory", "model", or "script" for a misuse that shows
-- only while the script runs.
function failure.raise(kind, text)
  local place = failure.place()
  if place then text = place .. ": " .. text end
  failure.last = { kind = kind, text = text }
  error(text, 0)
end

-- failure.raise for a configuration error, with a format.
function failure.config(form, ...)
  failure.raise("config", form:format(...))
end

-- Passes on the results of a call of the core, and raises its `nil, message, kind`. An error of a model has its own
-- place (model, walker, step) and is raised unchanged.
function failure.check(value, message, kind, ...)
  if value ~= nil then return value, message, kind, ... end
  message = message or "failed without saying why"
  if kind ~= "model" then failure.raise(kind or "script", message) end
  failure.last = { kind = kind, text = message }
  error(message, 0)
end

-- The kind of a caught error, even if the script has added words to it; nil for an error that is not ours.
function failure.kind(message)
  local last = failure.last
  if last and type(message) == "string" and message:find(last.text, 1, true) then return last.kind end
  return nil
end

-- A stop by a signal or by the time limit is no error, but must leave the script: it is raised as an object of this
-- type. Without a text, nothing is printed.
local Stop = {}
Stop.__index = Stop
Stop.__tostring = function(stop) return stop.text or "the script ends here" end

function failure.stop(text)
  error(setmetatable({ text = text }, Stop), 0)
end

function failure.is_stop(value)
  return getmetatable(value) == Stop
end

local function is_noise(line)
  local chunk = line:match("^\t(.-%.lua):") or line:match("in function <(.-%.lua):")
  return chunk ~= nil and is_own("@" .. chunk)
end

-- Lines at the two ends of a traceback: the C code that called us, and the call of `error`.
local function is_edge(line)
  return line:find("^\t%[C%]: in %?") or line:find("^\t%[[^%]]*%]: at 0x") or line:find("in function '?x?pcall'?")
    or line:find("^\t%[C%]: in function 'error'")
end

local function is_tail(line)
  return line:find("^\t%(...tail calls...%)") ~= nil
end

-- The lines of debug.traceback about the user's code; nil if there are none. A frame of ours takes along the tail calls
-- that led to it.
function failure.trim(traceback)
  local kept, is_ours = {}, false
  for line in traceback:gmatch("[^\n]+") do
    if line:sub(1, 1) == "\t" and not is_edge(line) then
      is_ours = is_noise(line) or (is_ours and is_tail(line))
      if not is_ours then kept[#kept + 1] = line end
    end
  end
  while #kept > 0 and is_tail(kept[#kept]) do kept[#kept] = nil end
  if #kept == 0 then return nil end
  return "stack traceback:\n" .. table.concat(kept, "\n")
end

return failure
