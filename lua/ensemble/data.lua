-- What may go to the model as its data: arrays, numbers, strings, booleans and tables of them. It finds what may not,
-- and says where; the copy into each worker's state is the core's.

local core = require "ensemble.core"
local failure = require "ensemble.failure"

local data = {}

local PLAIN = { number = true, string = true, boolean = true }

local function step(path, key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then return path .. "." .. key end
  return ("%s[%s]"):format(path, type(key) == "string" and ("'%s'"):format(key) or tostring(key))
end

-- `above` holds the tables that this value is inside of.
local function visit(value, path, above)
  local kind = type(value)
  if core.is_work(value) then
    failure.config("field 'data': %s is a work array, which belongs to one state: give ensemble.array(w)", path)
  end
  if PLAIN[kind] or core.is_array(value) then return end
  if kind ~= "table" then
    failure.config("field 'data': %s is a %s: give arrays, numbers, strings, booleans or tables of them", path, kind)
  end
  if above[value] then failure.config("field 'data': %s contains itself: give a table without cycles", path) end
  above[value] = true
  for key, inner in pairs(value) do
    if type(key) ~= "string" and type(key) ~= "number" then
      failure.config("field 'data': %s has a %s as a key: give strings or numbers", path, type(key))
    end
    visit(inner, step(path, key), above)
  end
  above[value] = nil
end

-- Raises unless the model may have `value` as its data; nil is fine.
function data.check(value)
  if value == nil then return end
  if core.is_array(value) then
    failure.config("field 'data' is an array: put it into a table, like data = { x = array }")
  elseif type(value) ~= "table" then
    failure.config("field 'data' is a %s: give a table, like data = { line = ensemble.read_csv('line.csv') }",
      type(value))
  end
  visit(value, "data", {})
end

return data
