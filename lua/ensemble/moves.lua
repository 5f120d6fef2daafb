-- Moves as a script writes them: ensemble.moves.stretch { a = 2 }. What moves there are, and their parameters, comes
-- from the core; here they are checked and brought into the form that the core takes.

local check = require "ensemble.check"
local core = require "ensemble.core"
local failure = require "ensemble.failure"
local nearest = require "ensemble.nearest"

local moves = {}

local Move = {}
Move.__index = Move

function Move.__tostring(move)
  local parts = {}
  for i, parameter in ipairs(move.row.parameters) do
    parts[i] = ("%s = %s"):format(parameter.name, check.show(move.parameters[i]))
  end
  return ("ensemble.moves.%s { %s }"):format(move.name, table.concat(parts, ", "))
end

-- The core's rows on parameters, as check's rows.
local function parameter_rows(row)
  local rows = {}
  for i, parameter in ipairs(row.parameters) do
    rows[i] = { field = parameter.name, type = "number", default = parameter.default, min = parameter.min,
      max = parameter.max, exclusive = parameter.exclusive }
  end
  return rows
end

local function make(row, given)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    local first = row.parameters[1]
    local example = first and ("{ %s = %s }"):format(first.name, check.show(first.default)) or "{}"
    failure.config("move '%s' is called with %s: give its parameters in a table, e.g. %s", row.name, check.show(given),
      example)
  end
  local values, message = check.fields(given, parameter_rows(row), "parameter")
  if not values then failure.config("move '%s': %s", row.name, message) end
  local parameters = {}
  for i, parameter in ipairs(row.parameters) do parameters[i] = values[parameter.name] end
  return setmetatable({ name = row.name, row = row, parameters = parameters }, Move)
end

-- The table ensemble.moves: a function for each move of the core. Another name is an error that gives the nearest.
function moves.catalogue()
  local catalogue, names = {}, {}
  for i, row in ipairs(core.moves) do
    names[i] = row.name
    catalogue[row.name] = function(parameters) return make(row, parameters) end
  end
  return setmetatable(catalogue, {
    __index = function(_, name)
      failure.config("there is no move '%s'%s", tostring(name), nearest.advice(name, names, "moves"))
    end,
  })
end

local function is_move(value)
  return getmetatable(value) == Move
end

local function row_of(name)
  for _, row in ipairs(core.moves) do
    if row.name == name then return row end
  end
  return nil
end

local WEIGHT = { field = "weight", type = "number", min = 0, exclusive = true }

-- One entry of the list: a move, or { move, weight }.
local function entry(value, i)
  if is_move(value) then return value, 1 end
  local where = ("field 'moves': entry %d"):format(i)
  if type(value) ~= "table" or not is_move(value[1]) then
    local hint = type(value) == "number" and i > 1 and " (a move with its weight stands in braces of its own)" or ""
    failure.config("%s is %s: give a move like ensemble.moves.stretch { a = 2 }, or { move, weight }%s", where,
      check.show(value), hint)
  end
  for key in pairs(value) do
    if key ~= 1 and key ~= 2 then failure.config("%s has a stray %s: give { move, weight }", where, check.show(key)) end
  end
  if value[2] == nil then return value[1], 1 end
  local weight, message = check.value(WEIGHT, value[2], where .. ": the weight")
  if not weight then failure.raise("config", message) end
  return value[1], weight
end

local function flat(move, weight)
  return { name = move.name, weight = weight, parameters = move.parameters }
end

-- emcee's own default.
local function stretch()
  return { flat(make(row_of("stretch")), 1) }
end

-- The list that the core takes, { { name =, weight =, parameters = }, ... }, of a script's field `moves`.
function moves.flatten(value)
  if value == nil or value == "emcee" then return stretch() end
  if is_move(value) then return { flat(value, 1) } end
  if type(value) ~= "table" or #value == 0 then
    failure.config("field 'moves' is %s: give a move like ensemble.moves.stretch { a = 2 }, a list of moves or of "
      .. "{ move, weight }, or 'emcee'", type(value) == "table" and "a table without a move" or check.show(value))
  end
  local list = {}
  for i = 1, #value do list[i] = flat(entry(value[i], i)) end
  for key in pairs(value) do
    if type(key) ~= "number" then
      failure.config("field 'moves' has a stray '%s': give a list of moves or of { move, weight }", tostring(key))
    end
  end
  return list
end

return moves
