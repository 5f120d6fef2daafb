-- Checks of input: unknown names, wrong types, values out of range. A check returns the value in its normal form, or
-- nil and a sentence with the field, the value and the allowed values. It raises nothing and knows no particular field:
-- rows like those of options.lua describe the allowed values.

local nearest = require "ensemble.check.nearest"

local check = {}

local LARGEST = 2 ^ 53 -- beyond it a double no longer holds every whole number
local to_integer = math.tointeger or function(x) return x end

local function is_finite(x)
  return x == x and x ~= math.huge and x ~= -math.huge
end

local function is_whole(x)
  return type(x) == "number" and is_finite(x) and x == math.floor(x)
end

-- A value as a message shows it.
function check.show(value)
  local kind = type(value)
  if value ~= value then return "nan" end -- without the sign that some print
  if kind == "number" then
    return is_whole(value) and math.abs(value) <= LARGEST and ("%d"):format(value) or ("%.14g"):format(value)
  elseif kind == "string" then
    return #value > 60 and ("'%s...'"):format(value:sub(1, 57)) or ("'%s'"):format(value)
  elseif kind == "boolean" or kind == "nil" then
    return tostring(value)
  end
  local array = (kind == "userdata" or kind == "cdata") and tostring(value):match("^[%l ]*array of .*$")
  return array and "an " .. array or "a " .. kind
end

local function quoted_list(values)
  local quoted = {}
  for i, value in ipairs(values) do quoted[i] = ("'%s'"):format(value) end
  if #quoted < 2 then return quoted[1] or "" end
  return table.concat(quoted, ", ", 1, #quoted - 1) .. " or " .. quoted[#quoted]
end

local function in_range(row, value)
  if row.min and (value < row.min or (row.exclusive and value == row.min)) then return false end
  return not (row.max and value > row.max)
end

-- " of at least 1", " above 0 and at most 1", ...; an infinite end is left out.
local function range_text(row)
  local min, max = row.min and is_finite(row.min) and row.min, row.max and is_finite(row.max) and row.max
  local text = ""
  if min then text = (row.exclusive and " above " or " of at least ") .. check.show(min) end
  if max then text = text .. (min and " and at most " or " of at most ") .. check.show(max) end
  return text
end

local UNITS = { d = 86400, h = 3600, m = 60, s = 1 }

-- Seconds of "2h30m", "90s", "1.5h", or of a plain number in a string; nil for anything else.
-- Units go from large to small, each at most once.
function check.duration(text)
  local plain = text:match("^%s*(%d+%.?%d*)%s*$") or text:match("^%s*(%.%d+)%s*$")
  if plain then return tonumber(plain) end
  local total, last, rest = 0, math.huge, text:gsub("%s", "")
  while rest ~= "" do
    local number, unit, tail = rest:match("^(%d*%.?%d*)([dhms])(.*)$")
    local amount = number and tonumber(number)
    if not amount or UNITS[unit] >= last then return nil end
    total, last, rest = total + amount * UNITS[unit], UNITS[unit], tail
  end
  return last < math.huge and total or nil
end

local LARGEST_SEED = "18446744073709551615"

-- Decimal digits of a 64-bit whole number without leading zeros, or nil.
local function seed_digits(value)
  if is_whole(value) then return value >= 0 and value <= LARGEST and ("%d"):format(value) or nil end
  local text = tostring(value)
  if type(value) == "cdata" then text = text:match("^(%d+)U?LL$") or "" end -- LuaJIT's 42ULL
  if type(value) ~= "string" and type(value) ~= "cdata" or not text:find("^%d+$") then return nil end
  text = text:gsub("^0+(%d)", "%1")
  local fits = #text < #LARGEST_SEED or (#text == #LARGEST_SEED and text <= LARGEST_SEED)
  return fits and text or nil
end

-- Integers of Lua 5.4 go up to 2^63 - 1 exactly, which no double holds.
local function exact_integer(value)
  local text = tostring(value)
  return type(value) == "number" and text:find("^%d+$") and tonumber(text) == value and text or value
end

-- One row per type: accept(row, value) gives the normal form or nil; allowed(row) describes the allowed values;
-- parse(text) reads the text of the command line, if accept does not.
local kinds = {}
check.kinds = kinds

kinds.integer = {
  accept = function(row, value)
    if not is_whole(value) or math.abs(value) > LARGEST or not in_range(row, value) then return nil end
    return to_integer(value)
  end,
  allowed = function(row) return "a whole number" .. range_text(row) end,
  parse = tonumber,
}
kinds.number = {
  accept = function(row, value)
    if type(value) ~= "number" or not is_finite(value) or not in_range(row, value) then return nil end
    return value
  end,
  allowed = function(row) return "a number" .. range_text(row) end,
  parse = tonumber,
}
kinds.duration = {
  accept = function(row, value)
    local seconds = type(value) == "string" and check.duration(value) or value
    return kinds.number.accept(row, seconds)
  end,
  allowed = function(row) return "a time" .. range_text(row) .. ", in seconds or like '2h30m' or '90s'" end,
}
kinds.choice = {
  accept = function(row, value)
    for _, allowed in ipairs(row.values) do
      if value == allowed then return value end
    end
    return nil
  end,
  allowed = function(row) return quoted_list(row.values) end,
}
kinds.boolean = {
  accept = function(_, value)
    if type(value) == "boolean" then return value end
    return nil
  end,
  allowed = function() return "true or false" end,
}
kinds.string = {
  accept = function(_, value) return type(value) == "string" and value ~= "" and value or nil end,
  allowed = function(row) return row.value_text or "a string that is not empty" end,
}
kinds.seed = {
  accept = function(_, value) return seed_digits(exact_integer(value)) end,
  allowed = function()
    return ("a whole number from 0 to %s (one above 2^53 in quotes)"):format(LARGEST_SEED)
  end,
}
kinds.steps_or_auto = {
  accept = function(row, value)
    if value == "auto" then return value end
    return kinds.integer.accept(row, value)
  end,
  allowed = function(row) return "'auto' or " .. kinds.integer.allowed(row) end,
  parse = function(text) return text == "auto" and text or tonumber(text) end,
}
kinds.any = {
  accept = function(_, value) return value end,
  allowed = function(row) return row.value_text end,
}

-- `value` in its normal form, or nil and "field 'steps' is -3: give a whole number, at least 1".
-- `subject` is how the message calls the thing, e.g. "field 'steps'" or "option '--steps'".
function check.value(row, value, subject)
  local kind = kinds[row.type]
  local accepted = kind.accept(row, value)
  if accepted ~= nil then return accepted end
  local message = ("%s is %s: give %s"):format(subject, check.show(value), kind.allowed(row))
  local near = row.type == "choice" and type(value) == "string" and nearest.find(value, row.values)
  if near then message = message .. (" (did you mean '%s'?)"):format(near) end
  return nil, message
end

-- The same for the text of an option of the command line.
function check.text(row, text, subject)
  local parse = kinds[row.type].parse
  local value = parse and parse(text)
  if value == nil then value = text end
  return check.value(row, value, subject)
end

-- The allowed values in words, for the help.
function check.allowed(row)
  return kinds[row.type].allowed(row)
end

-- nil, or "unknown field 'stpes': did you mean 'steps'?" for the first key without a row, in an order that does not
-- depend on the table. `subject` is the noun, such as "field".
function check.unknown(values, rows, subject)
  local names, known, strangers = {}, {}, {}
  for _, row in ipairs(rows) do
    names[#names + 1] = row.field
    known[row.field] = true
  end
  for key in pairs(values) do
    if not known[key] then strangers[#strangers + 1] = key end
  end
  if #strangers == 0 then return nil end
  table.sort(strangers, function(a, b) return tostring(a) < tostring(b) end)
  local shown = check.show(strangers[1])
  if type(strangers[1]) == "number" then shown = ("[%s]"):format(shown) end
  return ("unknown %s %s%s"):format(subject, shown, nearest.advice(strangers[1], names, subject .. "s"))
end

-- Checks all fields of a table against their rows. Returns a new table with the normal forms and defaults, or nil and a
-- message. A default that is a function is left to the caller.
function check.fields(values, rows, subject)
  local unknown = check.unknown(values, rows, subject)
  if unknown then return nil, unknown end
  local out = {}
  for _, row in ipairs(rows) do
    local given = values[row.field]
    if given ~= nil then
      local value, message = check.value(row, given, ("%s '%s'"):format(subject, row.field))
      if message then return nil, message end
      out[row.field] = value
    elseif type(row.default) ~= "function" then
      out[row.field] = row.default
    end
  end
  return out
end

return check
