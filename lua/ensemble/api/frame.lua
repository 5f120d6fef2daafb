-- A file's table of named columns, as scripts and models see it: d.x is a column, d:names() lists them.
-- It knows nothing of files: columns come ready, as arrays of equal length. Arrays of an archive are such a table, too.

local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"

local frame = {}

local methods = {}

-- Names in the file's order.
function methods.names(self)
  local names = {}
  for i, name in ipairs(getmetatable(self).names) do names[i] = name end
  return names
end

-- Number of rows; only of a table, for other things by name have no common length.
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

-- Fields of the module, so that a model's state finds its own by name where a frame comes to it with its metatable.
frame.methods, frame.missing, frame.refuse = methods, missing, refuse

-- Makes a frame of `columns` (name -> array), which it takes; `names` gives their order. Columns are plain fields, so
-- that reading one costs a table access and pairs() goes through them; a column hides a method of its name.
-- `left_out` (name -> reason) are columns that are no numbers; `what` is what messages call a column, if not that.
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

-- Names of a frame's columns in order; nil for anything else.
function frame.names(value)
  local meta = type(value) == "table" and getmetatable(value)
  return type(meta) == "table" and meta.__name == "ensemble.frame" and meta.names or nil
end

return frame
