-- The state of one run of the program: the script, the options of the command line, and the live samplers, so that each
-- is closed once and an unread result is shown. It uses only the methods finish, show and output of a sampler.

local failure = require "ensemble.check.failure"
local Mode = require "ensemble.api.mode"

local session = {
  program = "ensemble-lua", -- the command as it was typed, for messages that name the next command
  script = { name = nil, text = nil, argv = {} },
  overrides = {}, -- field -> value of the command line's options
  mode = Mode, -- how samplers come about: that of a run, or that of a command
  unconverged = {}, -- set of runs whose rules did not hold at the end
  stopped = nil, -- text of the stop, after a signal or the time limit has ended a run
}

local alive = setmetatable({}, { __mode = "k" }) -- sampler -> true; the collector may take a sampler that nobody holds
local order = setmetatable({}, { __mode = "v" }) -- in order of creation
local created = 0
local unread = {} -- samplers of ensemble.run whose summary nobody has asked for, oldest first

-- A script that makes many runs and reads none would keep all of them: beyond this number, the oldest is shown at once.
local MOST_UNREAD = 4

-- Registers a new sampler.
function session.add(sampler)
  if next(alive) ~= nil then collectgarbage() end -- ends the threads of samplers that nobody holds any more
  created = created + 1
  alive[sampler] = true
  order[created] = sampler
end

-- The sampler that writes to this store file, or nil.
function session.writer(path)
  for sampler in pairs(alive) do
    if sampler:output() == path then return sampler end
  end
  return nil
end

-- Registers the sampler of a finished run as unread.
function session.expect(sampler)
  session.read(sampler)
  unread[#unread + 1] = sampler
  if #unread > MOST_UNREAD then table.remove(unread, 1):show() end
end

function session.read(sampler)
  for i = #unread, 1, -1 do
    if unread[i] == sampler then table.remove(unread, i) end
  end
end

-- Shows the unread results.
function session.show()
  while #unread > 0 do table.remove(unread, 1):show() end
end

-- Closes every sampler in order of creation, even if one of them fails. Returns nil, or message and kind of the first
-- error. A second call does nothing.
function session.close()
  local first, first_kind
  for i = 1, created do
    local sampler = order[i]
    if sampler and alive[sampler] then
      alive[sampler] = nil
      local ok, message, kind = sampler:finish()
      if not ok and not first then first, first_kind = message, kind end
    end
  end
  unread = {}
  return first, first_kind
end

-- Prints a line on stderr.
function session.note(text)
  io.stderr:write("ensemble-lua: ", text, "\n")
end

-- Records that a run was stopped, and leaves the script.
function session.stop(text)
  session.stopped = text
  failure.stop(text)
end

return session
