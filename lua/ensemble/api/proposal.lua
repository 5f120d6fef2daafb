-- Calls a script's own proposal function in the state that it runs in, and checks its results.

local nearest = require "ensemble.check.nearest"

local proposal = {}

-- A position: x[i] and x.name are one number, to read and to write.
local function position(names)
  local index = {}
  for i, name in ipairs(names) do index[name] = i end
  return setmetatable({}, {
    __index = function(x, name) return index[name] and rawget(x, index[name]) end,
    __newindex = function(x, name, value)
      if not index[name] then
        error(("a position has no '%s'%s"):format(tostring(name), nearest.advice(name, names, "parameters")), 2)
      end
      rawset(x, index[name], value)
    end,
  })
end

local function is_number(value)
  return type(value) == "number" and value == value
end

local function show(value)
  if value ~= value then return "nan" end
  return type(value) == "number" and tostring(value) or value == nil and "nothing" or "a " .. type(value)
end

-- The function that the core calls with x, a position with a number for each name, and x itself. It returns a table of
-- the proposed numbers, and the log of the Hastings factor.
function proposal.wrap(propose, names)
  local info = debug.getinfo(propose, "S")
  local place = ("%s:%d"):format(info.short_src, info.linedefined)
  local out = {}

  local function refuse(form, ...)
    error(("%s: the proposal returned "):format(place) .. form:format(...), 0)
  end

  return function(x)
    local q, factor = propose(x)
    if type(q) ~= "table" then
      refuse("%s: it must return the proposed position, a table, and the log of the Hastings factor, a number",
        show(q))
    end
    for i, name in ipairs(names) do
      local value = q[i]
      if value == nil then value = q[name] end
      if not is_number(value) or value - value ~= 0 then
        refuse("a position whose '%s' is %s: it must be a finite number", name, show(value))
      end
      out[i] = value
    end
    if not is_number(factor) or factor == math.huge then
      refuse("%s after the position: it must be the log of the Hastings factor, 0 for a symmetric proposal",
        show(factor))
    end
    return out, factor
  end, position(names)
end

return proposal
