-- The readers of data files: ensemble.read_csv, read_npy, ... check what they are asked for and make tables of columns
-- of what the core has read. What is in a file they do not know.

local check = require "ensemble.check"
local core = require "ensemble.core"
local failure = require "ensemble.failure"
local frame = require "ensemble.frame"

local readers = {}

local function check_path(reader, path)
  if type(path) == "string" then return end
  failure.config("%s: the path is %s: give the name of a file", reader, check.show(path))
end

-- What the core made of a file: arrays and numbers as they are, tables as frames. `what` is their columns' name.
local function build(value, what)
  if type(value) ~= "table" then return value end
  for _, name in ipairs(value.names) do value.values[name] = build(value.values[name]) end
  return frame.new(value.names, value.values, value.left_out, what)
end

-- The core's answer as a frame or an array; a bad file is no mistake of the configuration, whatever is wrong with it.
local function finish(what, value, message)
  return build(failure.check(value, message, "io"), what)
end

local CSV = {
  { field = "delimiter", type = "string", value_text = "one character, like ',' or '\\t'" },
  { field = "comment", type = "string", value_text = "one character, like '#'" },
  { field = "header", type = "boolean" },
}

-- A text table's columns: d.x, d:names(). Options: delimiter and comment (one character each), header (true: the first
-- line has names; false: it has numbers, and the columns are c1, c2, ...); what is left out is found out.
function readers.read_csv(path, given)
  check_path("read_csv", path)
  if given ~= nil and type(given) ~= "table" then
    failure.config("read_csv: the options are %s: give a table, like { delimiter = ';' }", check.show(given))
  end
  local values, message = check.fields(given or {}, CSV, "field")
  if not values then failure.raise("config", "read_csv: " .. message) end
  for _, field in ipairs { "delimiter", "comment" } do
    if values[field] and #values[field] ~= 1 then
      failure.config("read_csv: field '%s' is %s: give one character", field, check.show(values[field]))
    end
  end
  return finish(nil, core.read_csv(path, values))
end

-- The array of a .npy file; a number, if it has no axes; a table of columns, if its type is structured.
function readers.read_npy(path)
  check_path("read_npy", path)
  return finish(nil, core.read_npy(path))
end

-- The arrays of a .npz file by their names: d.x, d:names().
function readers.read_npz(path)
  check_path("read_npz", path)
  return finish("array", core.read_npz(path))
end

return readers
