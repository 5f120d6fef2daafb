-- ensemble.native: a model that is a C function of a shared library. It checks what is asked and finds the file;
-- loading it is the core's.

local check = require "ensemble.check"
local failure = require "ensemble.failure"
local session = require "ensemble.session"

local native = {}

local Native = {}
Native.__index = Native
Native.__name = "ensemble.native"

local FIELDS = {
  { field = "symbol", type = "string", value_text = "the name of a function double f(const double *, size_t, void *)" },
  { field = "parameters", type = "any" },
}

local function is_file(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Beside the script first, then as given; dlopen wants a slash in it, or looks in the system's folders.
local function find(path)
  if path:sub(1, 1) == "/" then return path end
  local folder = (session.script.name or ""):match("^(.*/)[^/]*$") or ""
  for _, place in ipairs { folder .. path, path } do
    if is_file(place) then return place:find("/", 1, true) and place or "./" .. place end
  end
  return path
end

local function names(list)
  local valid = type(list) == "table" and #list > 0
  local seen = {}
  for i = 1, valid and #list or 0 do
    local name = list[i]
    valid = valid and type(name) == "string" and name ~= "" and not seen[name]
    if valid then seen[name] = true end
  end
  if not valid then
    failure.config("native: field 'parameters' is %s: give a list of unique names, like { \"m\", \"b\" }",
      check.show(list))
  end
  return list
end

-- ensemble.native("./libm.so", { symbol = "f", parameters = { "m", "b" } })
function native.new(path, given)
  if type(path) ~= "string" or path == "" then
    failure.config("native: the path is %s: give the name of a shared library, like './libline.so'", check.show(path))
  end
  if type(given) ~= "table" then
    failure.config("native: the second argument is %s: give { symbol = \"f\", parameters = { ... } }",
      check.show(given))
  end
  local values, message = check.fields(given, FIELDS, "field")
  if not values then failure.raise("config", "native: " .. message) end
  if not values.symbol then failure.config("native: field 'symbol' is missing: give the function's name") end
  return setmetatable({ kind = "native", path = find(path), symbol = values.symbol,
    parameters = names(values.parameters) }, Native)
end

function native.is(value)
  return getmetatable(value) == Native
end

return native
