-- A file's table of named columns, as scripts and models see it: d.x is a column, d:names() lists them.
-- It knows nothing of files: columns come ready, as arrays of equal length.

local failure = require "ensemble.failure"
local nearest = require "ensemble.nearest"

local frame = {}

local methods = {}

-- Names in the file's order.
function methods.names(self)
  local names = {}
  for i, name in ipairs(getmetatable(self).names) do names[i] = name end
  return names
end

-- Number of rows.
function methods.nrows(self)
  local first = getmetatable(self).names[1]
  return first and #rawget(self, first) or 0
end

local function missing(self, key)
  if methods[key] then return methods[key] end
  local names = getmetatable(self).names
  failure.raise("script", ("there is no column '%s'%s"):format(tostring(key), nearest.advice(key, names, "columns")))
end

local function refuse(_, key)
  failure.raise("script", ("column '%s' cannot be set: a table read from a file is read-only"):format(tostring(key)))
end

-- Fields of the module, so that a model's state finds its own by name where a frame comes to it with its metatable.
frame.methods, frame.missing, frame.refuse = methods, missing, refuse

-- Makes a frame of `columns` (name -> array), which it takes; `names` gives their order. Columns are plain fields, so
-- that reading one costs a table access and pairs() goes through them; a column hides a method of its name.
function frame.new(names, columns)
  return setmetatable(columns, {
    __name = "ensemble.frame",
    names = names,
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
