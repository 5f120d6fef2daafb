-- The Python helpers of the specs as functions: python.call("storecheck.py", "form", path, script) returns the script's
-- output, or nil and its error text. Debian's interpreter is tried first: it has numpy and emcee from packages, and
-- starts at once even if `python3` is a wrapper.
local helper = require "tests.spec.helper"

local python = {}

local function command_of(interpreter, words)
  local list = { interpreter, "-B" }
  for _, word in ipairs(words) do list[#list + 1] = helper.quote(word) end
  return table.concat(list, " ") .. " 2>&1; echo status $?"
end

local function ask(interpreter, words)
  local pipe = assert(io.popen(command_of(interpreter, words), "r"))
  local text, status = pipe:read("*a"):match("^(.*)status (%d+)\n$")
  pipe:close()
  if status == "0" then return text end
  return nil, text
end

local function choose(modules)
  local list = { helper.read("/usr/bin/python3") and "/usr/bin/python3", "python3" }
  for _, interpreter in pairs(list) do
    if interpreter and ask(interpreter, { "-c", "import " .. modules }) then return interpreter end
  end
  return nil
end

local chosen = {}

--- An interpreter that can import these modules ("numpy, emcee"), or nil.
function python.with(modules)
  if chosen[modules] == nil then chosen[modules] = choose(modules) or false end
  return chosen[modules] or nil
end

--- Output of a script in tests/spec that needs `modules`, or nil and its error text. Some python3 must have the
--- modules.
function python.call_with(modules, script, ...)
  local interpreter = assert(python.with(modules), "no python3 has " .. modules)
  return ask(interpreter, { helper.root .. "/tests/spec/" .. script, ... })
end

--- The same for a script that needs only Python itself.
function python.call(...) return python.call_with("sqlite3, zlib", ...) end

return python
