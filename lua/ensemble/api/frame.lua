-- A table of named columns from a file, for scripts and models: d.x is a column, d:names() lists them. This module
-- knows no files: it gets the columns as arrays of equal length. The arrays of an archive are such a table, too.

local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"

local frame = {}

local methods = {}

-- The names in the order of the file.
function methods.names(self)
  local names = {}
  for i, name in ipairs(getmetatable(self).names) do names[i] = name end
  return names
end

-- The number of rows. Only for tables: other collections have no common length.
function methods.nrows(self)
  local meta = getmetatable(self)
  if meta.what then failure.raise("script", ("%ss by name have no rows: ask one of them"):format(meta.what)) end
  local first = meta.names[1]
  local column = first and rawget(self, first)
  return core.is_array(column) and #column or column and 1 or 0
end

local function missing(self, key)
  if methods[key] then return methods[key] end
  local meta = getmetatable(self)
  local what, reason = meta.what or "column", meta.left_out and meta.left_out[key]
  if reason then failure.raise("script", ("%s '%s' was left out: it %s"):format(what, tostring(key), reason)) end
  failure.raise("script",
    ("there is no %s '%s'%s"):format(what, tostring(key), nearest.advice(key, meta.names, what .. "s")))
end

local function refuse(self, key)
  local what = getmetatable(self).what or "column"
  failure.raise("script", ("%s '%s' cannot be set: a table read from a file is read-only"):format(what, tostring(key)))
end

-- Fields of the module, so that the state of a model finds its own copies by name when a frame arrives with its
-- metatable.
frame.methods, frame.missing, frame.refuse = methods, missing, refuse

-- Makes a frame of `columns` (name -> array) and owns it; `names` gives their order. Columns are plain fields: reading
-- one costs a table access, and pairs() visits them; a column hides a method of its name. `left_out` (name -> reason)
-- lists columns without numbers; messages call a column `what`, "column" by default.
function frame.new(names, columns, left_out, what)
  return setmetatable(columns, {
    __name = "ensemble.frame",
    names = names,
    left_out = left_out and next(left_out) and left_out or nil,
    what = what,
    __index = missing,
    __newindex = refuse,
  })
end

-- The names of a frame's columns, in order; nil for any other value.
function frame.names(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and meta.__name == "ensemble.frame" and meta.names or nil
end

return frame
