-- Moves as a script writes them: ensemble.moves.stretch { a = 2 }. The core lists the moves and their parameters; this
-- module checks them and brings them into the core's form.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"

local moves = {}

local Move = {}
Move.__index = Move

-- A value as a script writes it.
local function source(value)
  if type(value) ~= "table" then return check.show(value) end
  local parts = {}
  for i, part in ipairs(value) do parts[i] = source(part) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function Move.__tostring(move)
  local parts = {}
  for i, parameter in ipairs(move.row.parameters) do
    parts[i] = ("%s = %s"):format(parameter.name, source(move.values[parameter.name]))
  end
  return ("ensemble.moves.%s { %s }"):format(move.name, table.concat(parts, ", "))
end

-- Types of parameters that only moves have, as rows of check.kinds.

local function quoted(words)
  local parts = {}
  for i, word in ipairs(words) do parts[i] = ("'%s'"):format(word) end
  return table.concat(parts, " or ")
end

check.kinds.number_or_word = {
  accept = function(row, value)
    return check.kinds.choice.accept(row, value) or check.kinds[row.numbers].accept(row, value)
  end,
  allowed = function(row) return check.kinds[row.numbers].allowed(row) .. ", or " .. quoted(row.values) end,
}

local function is_variance(value)
  return type(value) == "number" and value > 0 and value < math.huge
end

local function is_list_of(accept, value)
  if type(value) ~= "table" or #value == 0 then return false end
  for key, element in pairs(value) do
    if type(key) ~= "number" or key < 1 or key > #value or key % 1 ~= 0 or not accept(element, #value) then
      return false
    end
  end
  return true
end

local function is_finite(value)
  return type(value) == "number" and value - value == 0
end

local function is_row(value, n)
  return is_list_of(is_finite, value) and #value == n
end

-- A number, a list or a list of lists. Only the shape is checked here; the core checks the rest.
check.kinds.covariance = {
  accept = function(_, value)
    if core.is_array(value) then value = value:totable() end
    if is_variance(value) or is_list_of(is_variance, value) or is_list_of(is_row, value) then return value end
    return nil
  end,
  allowed = function()
    return "a variance above 0, a list of one for each parameter, or a covariance matrix as a list of its rows"
  end,
}

local function kind_of(parameter)
  if parameter.covariance then return "covariance" end
  if parameter.only_words then return "choice" end
  local numbers = parameter.whole and "integer" or "number"
  return #parameter.words > 0 and "number_or_word" or numbers, numbers
end

-- The core's rows of parameters, as rows for check.
local function parameter_rows(row)
  local rows = {}
  for i, parameter in ipairs(row.parameters) do
    local kind, numbers = kind_of(parameter)
    rows[i] = { field = parameter.name, type = kind, numbers = numbers, default = parameter.default,
      min = parameter.min, max = parameter.max, exclusive = parameter.exclusive, values = parameter.words }
  end
  return rows
end

moves.parameter_rows = parameter_rows -- for the manual

local function example(row)
  local first = row.parameters[1]
  return first and ("{ %s = %s }"):format(first.name, check.show(first.default or 1)) or "{}"
end

local function check_values(row, given)
  if type(given) ~= "table" then
    failure.config("move '%s' is called with %s: give its parameters in a table, e.g. %s", row.name, check.show(given),
      example(row))
  end
  local rows = parameter_rows(row)
  local values, message = check.fields(given, rows, "parameter")
  if not values then failure.config("move '%s': %s", row.name, message) end
  for i, parameter in ipairs(row.parameters) do
    if values[parameter.name] == nil then
      failure.config("move '%s': parameter '%s' is missing: give %s", row.name, parameter.name, check.allowed(rows[i]))
    end
  end
  return values
end

local function make(row, given)
  local values = check_values(row, given == nil and {} or given)
  return setmetatable({ name = row.name, row = row, values = values }, Move)
end

-- The one move that is not the core's: its proposal is a function of the script.
local MH = { name = "mh", parameters = {} }

local function make_mh(given)
  local rows = { { field = "proposal", type = "any" } }
  local values, message = check.fields(type(given) == "function" and { proposal = given } or given or {}, rows,
    "parameter")
  if not values then failure.config("move 'mh': %s", message) end
  if type(values.proposal) ~= "function" then
    failure.config("move 'mh': parameter 'proposal' is %s: give a function of a position that returns the proposed "
      .. "position and the log of the Hastings factor", check.show(values.proposal))
  end
  return setmetatable({ name = "mh", row = MH, values = {}, proposal = values.proposal }, Move)
end

-- The table ensemble.moves: a function for each move of the core. An unknown name is an error that gives the nearest
-- one.
function moves.catalogue()
  local catalogue, names = {}, {}
  for i, row in ipairs(core.moves) do
    names[i] = row.name
    catalogue[row.name] = function(parameters) return make(row, parameters) end
  end
  names[#names + 1], catalogue.mh = "mh", make_mh
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

-- The core takes numbers only. A word is -i for the i-th word of the parameter. A covariance is its number of rows (0
-- for a single number), its number of columns, and its elements row by row, with the count of these numbers in front.
local function append_covariance(list, value)
  local rows, columns = 0, 1
  if type(value) == "table" then
    rows = type(value[1]) == "table" and #value or 1
    columns = #value
  end
  list[#list + 1], list[#list + 2] = rows, columns
  for i = 1, math.max(rows, 1) do
    for j = 1, columns do
      list[#list + 1] = rows == 0 and value or type(value[1]) == "number" and value[j] or value[i][j]
    end
  end
end

local function encode(parameter, value)
  for i, word in ipairs(parameter.words) do
    if value == word then return -i end
  end
  return value
end

local function numbers(move)
  local parameters, list = move.row.parameters, {}
  for i, parameter in ipairs(parameters) do list[i] = encode(parameter, move.values[parameter.name]) end
  for i, parameter in ipairs(parameters) do
    if parameter.covariance then
      list[i] = #list
      append_covariance(list, move.values[parameter.name])
    end
  end
  return list
end

local function flat(move, weight)
  return { name = move.name, weight = weight, parameters = numbers(move), proposal = move.proposal }
end

-- The default of emcee.
local function stretch()
  return { flat(make(row_of("stretch")), 1) }
end

-- The default mixture: the cheapest one measured, at a third to an eighth of the evaluations per independent sample of
-- stretch. With very few walkers the complement lacks the three that snooker reads, or the two that de reads.
function moves.best(walkers)
  if walkers < 4 then return stretch() end
  local de, snooker = make(row_of("de")), make(row_of("snooker"))
  if walkers < 6 then return { flat(de, 1) } end
  return { flat(de, 0.8), flat(snooker, 0.2) }
end

-- The core's list, { { name =, weight =, parameters = }, ... }, from the field `moves` of a script; nil for nil.
function moves.flatten(value)
  if value == nil then return nil end
  if value == "emcee" then return stretch() end
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
