-- Runs a program as its users do: a fresh directory, a command line, exit status, stdout, stderr, signals, and a store
-- read by another program. It knows docs/reference and nothing of the source.
--
--   local helper = require "tests.spec.helper"
--   local dir = helper.directory()                       -- fresh; removed when the spec file is done
--   dir:write("run.lua", "print(1)")
--   local result = dir:run { "run.lua", "--steps", 10 }  -- .status .stdout .stderr
--
-- Written in the common subset of Lua 5.1 to 5.4; needs sh, and python3 for stores.
local helper = {}

local function quote(text) return "'" .. tostring(text):gsub("'", "'\\''") .. "'" end

local function capture(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function absolute(path)
  if path:sub(1, 1) == "/" then return path end
  return helper.root .. "/" .. path
end

helper.quote = quote
helper.root = capture("pwd"):gsub("\n$", "")
helper.program = absolute(os.getenv("ENSEMBLE") or "build/ensemble-lua")
helper.name = helper.program:match("[^/]*$")
helper.is_luajit = helper.name == "ensemble-luajit"

--- Text of a file, or nil if it does not exist.
function helper.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

---------------------------------------------------------------------------------------------------- directories
local directory = {}
directory.__index = directory
local made, started = {}, {}

--- A fresh directory. helper.clean removes it with its contents; it runs after the last spec.
function helper.directory()
  local path = capture("mktemp -d"):gsub("\n$", "")
  assert(path ~= "", "mktemp -d gave no directory")
  made[#made + 1] = path
  return setmetatable({ path = path, count = 0 }, directory)
end

--- Kills the processes that still run, and removes every directory.
function helper.clean()
  for _, child in ipairs(started) do
    if child:alive() then child:signal("KILL") end
  end
  for _, path in ipairs(made) do os.execute("chmod -R u+w " .. quote(path) .. " && rm -rf " .. quote(path)) end
  made, started = {}, {}
end

-- Only inside busted: a spec that runs without it leaves its directories for inspection.
local busted = package.loaded["busted"]
if type(busted) == "table" and busted.subscribe then
  busted.subscribe({ "suite", "end" }, function()
    helper.clean()
    return nil, true
  end)
end

function directory:file(name) return self.path .. "/" .. name end

function directory:read(name) return helper.read(self:file(name)) end

--- Writes a file, making the folders on its way. Returns its path.
function directory:write(name, text)
  local folder = name:match("^(.*)/[^/]*$")
  if folder then os.execute("mkdir -p " .. quote(self:file(folder))) end
  write(self:file(name), text)
  return self:file(name)
end

---------------------------------------------------------------------------------------------------- programs
-- The words of a command line, each quoted: "env K=V" for options.env, then the program and its arguments.
local function words(options)
  local list = { "env" }
  for name, value in pairs(options.env or {}) do list[#list + 1] = quote(name .. "=" .. tostring(value)) end
  list[#list + 1] = quote(options.program or helper.program)
  for _, argument in ipairs(options) do list[#list + 1] = quote(argument) end
  return table.concat(list, " ")
end

-- The shell writes the status, because os.execute returns it differently in each Lua. The status of a program that a
-- signal ended is 128 + the signal.
function directory:prepare(options)
  self.count = self.count + 1
  local base = self:file(".run" .. self.count)
  if options.stdin then write(base .. ".in", options.stdin) end
  local limit = "timeout -k 5 " .. (options.timeout or 300) .. " "
  local command = ("cd %s && { %s%s <%s >%s 2>%s; echo $? >%s; }"):format(quote(self.path), limit, words(options),
    options.stdin and quote(base .. ".in") or "/dev/null", quote(base .. ".out"), quote(base .. ".err"),
    quote(base .. ".status"))
  return command, base
end

local function result(base)
  local status = tonumber(helper.read(base .. ".status") or "")
  return { status = status, stdout = helper.read(base .. ".out") or "", stderr = helper.read(base .. ".err") or "" }
end

--- Runs the program in this directory to its end. Positional fields are its arguments; env = table, stdin = text,
--- timeout = seconds (the status is then 124), program = another program. Returns { status, stdout, stderr }.
function directory:run(options)
  local command, base = self:prepare(options)
  os.execute(command)
  return result(base)
end

--- Writes `text` as run.lua and runs it. Options as for run; their positional fields follow the script.
function directory:script(text, options)
  options = options or {}
  self:write("run.lua", text)
  local call = { "run.lua" }
  for key, value in pairs(options) do
    if type(key) ~= "number" then call[key] = value end
  end
  for _, argument in ipairs(options) do call[#call + 1] = argument end
  return self:run(call)
end

local process = {}
process.__index = process

--- Starts the program and returns at once a process with :signal(name), :wait(), :alive(). Options as for run, except
--- timeout, which is 300 s.
function directory:start(options)
  local base_words = words(options)
  self.count = self.count + 1
  local base = self:file(".run" .. self.count)
  if options.stdin then write(base .. ".in", options.stdin) end
  -- With `exec`, the recorded pid is the program's own, so that a signal reaches only the program.
  local inner = ("echo $$ >%s; exec %s"):format(quote(base .. ".pid"), base_words)
  local command = ("cd %s && { sh -c %s <%s >%s 2>%s; echo $? >%s.tmp; mv %s.tmp %s; } >/dev/null 2>&1 &"):format(
    quote(self.path), quote(inner), options.stdin and quote(base .. ".in") or "/dev/null", quote(base .. ".out"),
    quote(base .. ".err"), quote(base .. ".status"), quote(base .. ".status"), quote(base .. ".status"))
  os.execute(command)
  local child = setmetatable({ base = base }, process)
  assert(helper.eventually(function() return tonumber(helper.read(base .. ".pid") or "") end), "it did not start")
  started[#started + 1] = child
  child.pid = tonumber(helper.read(base .. ".pid"))
  return child
end

--- Calls `condition` until it returns a true value, at most for `seconds` (60). Returns that value, or nil. For waiting
--- on another process.
function helper.eventually(condition, seconds)
  for _ = 1, (seconds or 60) * 50 do
    local value = condition()
    if value then return value end
    os.execute("sleep 0.02")
  end
  return nil
end

--- Sends a signal: "TERM", "INT", "KILL", "HUP", "STOP", "CONT".
function process:signal(name) os.execute(("kill -%s %d 2>/dev/null"):format(name, self.pid)) end

function process:alive() return helper.read(self.base .. ".status") == nil end

function process:stdout() return helper.read(self.base .. ".out") or "" end

function process:stderr() return helper.read(self.base .. ".err") or "" end

--- Waits for the end, at most `seconds` (300), then kills the process. Returns { status, stdout, stderr }.
function process:wait(seconds)
  local ended = helper.eventually(function() return not self:alive() end, seconds or 300)
  if not ended then
    self:signal("KILL")
    helper.eventually(function() return not self:alive() end, 10)
  end
  local answer = result(self.base)
  if not ended then answer.status = 124 end
  return answer
end

---------------------------------------------------------------------------------------------------- stores
local reader = helper.root .. "/tests/spec/readstore.py"

local function ask(...)
  local list = { "python3", quote(reader) }
  for _, word in ipairs { ... } do list[#list + 1] = quote(word) end
  local text = capture(table.concat(list, " ") .. " 2>&1; echo status $?")
  local answer, status = text:match("^(.*)status (%d+)\n$")
  assert(status == "0", answer)
  return answer
end

local special = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }
local unescaped = { n = "\n", t = "\t", ["\\"] = "\\" }
local function number(text) return special[text] or tonumber(text) end

--- Rows of a query, each a list of texts (blobs as hex, NULL as nil). The reader uses only Python's SQLite.
function helper.sql(path, query)
  local rows = {}
  for line in ask("sql", path, query):gmatch("([^\n]*)\n") do
    local row, n = {}, 0
    for cell in (line .. "\t"):gmatch("([^\t]*)\t") do
      n = n + 1
      if cell ~= "\\N" then row[n] = cell:gsub("\\(.)", unescaped) end
    end
    rows[#rows + 1] = row
  end
  return rows
end

--- The stored chain: numbers steps, walkers, ndim, nblobs; flat lists coords [step][walker][dim], log_prob
--- [step][walker], accepted [step][walker], blobs [blob] of [step][walker]; and sha256 of their bytes, little-endian
--- and in this order.
function helper.chain(path)
  local chain, list = { blobs = {} }, nil
  for line in ask("chain", path):gmatch("([^\n]*)\n") do
    local key, value = line:match("^(%a[%w_]*) (.*)$")
    if key == "list" then
      list = {}
      local blob = value:match("^blob (%d+)$")
      if blob then chain.blobs[tonumber(blob) + 1] = list else chain[value] = list end
    elseif key == "sha256" then
      chain.sha256 = value
    elseif key and not special[line] then
      chain[key] = tonumber(value)
    else
      list[#list + 1] = number(line)
    end
  end
  return chain
end

--- sha256 of the stored chain alone: equal for equal chains.
function helper.digest(path) return (ask("digest", path):gsub("\n$", "")) end

return helper
