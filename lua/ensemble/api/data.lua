-- Checks the data of a model: arrays, numbers, strings, booleans and tables of them. An error names the entry that is
-- something else. The core copies the data into each worker's state.

local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local frame = require "ensemble.api.frame"
local ordered = require "ensemble.api.ordered"

local data = {}

local PLAIN = { number = true, string = true, boolean = true }

local function step(path, key)
  if type(key) == "string" and key:find("^[%a_][%w_]*$") then return path .. "." .. key end
  return ("%s[%s]"):format(path, type(key) == "string" and ("'%s'"):format(key) or tostring(key))
end

-- `above` is the set of tables that contain this value.
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

-- Raises an error unless `value` can be the data of a model; nil is fine.
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

local origins = setmetatable({}, { __mode = "k" }) -- array -> path

-- Remembers the file that an array, or the arrays of a table, were read from.
function data.is_of_file(value, path)
  if core.is_array(value) then origins[value] = path end
  for _, name in ipairs(frame.names(value) or {}) do data.is_of_file(rawget(value, name), path) end
end

-- The first file that the arrays of a value were read from.
local function file_of(value)
  if core.is_array(value) then return origins[value] end
  if type(value) ~= "table" then return nil end
  for _, inner in ordered(value) do
    local file = file_of(inner)
    if file then return file end
  end
  return nil
end

-- "line=crc32:12ab34cd:480@line.csv;x=...", for the entries with plain names. The store keeps it, to name the entry
-- that has changed.
function data.describe(value)
  local out = {}
  for key, inner in ordered(value or {}) do
    local fingerprint = type(key) == "string" and key:find("^[%a_][%w_]*$") and core.fingerprint(inner)
    local file = fingerprint and file_of(inner)
    if file and file:find('[%c"\\;,{}@]') then file = nil end
    if fingerprint then out[#out + 1] = ("%s=%s%s"):format(key, fingerprint, file and "@" .. file or "") end
  end
  return #out > 0 and table.concat(out, ";") or nil
end

return data
