-- Writes plain tables as JSON text. The caller knows the meaning of the keys and may give their order.

local json = {}

local MAX_DEPTH = 100

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t" }

local function escape(character)
  return ESCAPES[character] or ("\\u%04x"):format(character:byte())
end

-- Byte ranges of well-formed UTF-8 (Unicode 15, table 3-7).
local SEQUENCES = {
  "^[\194-\223][\128-\191]", "^\224[\160-\191][\128-\191]", "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]", "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]", "^\244[\128-\143][\128-\191][\128-\191]",
}

-- A name may hold any bytes, JSON only UTF-8: other bytes become the replacement character.
local function repair(text)
  local out, i = {}, 1
  while i <= #text do
    local plain, length = text:match("^[%z\1-\127]+", i), nil
    if plain then
      out[#out + 1], length = plain, #plain
    else
      for _, sequence in ipairs(SEQUENCES) do
        local found = text:match(sequence, i)
        if found then out[#out + 1], length = found, #found end
      end
    end
    if not length then out[#out + 1], length = "\239\191\189", 1 end
    i = i + length
  end
  return table.concat(out)
end

local function encode_string(text)
  if text:find("[\128-\255]") then text = repair(text) end
  return '"' .. text:gsub('[%z\1-\31"\\]', escape) .. '"'
end

-- The shortest decimal that reads back as the same double; whole numbers without a fraction; null for NaN and
-- infinities.
local function encode_number(x)
  if x ~= x or x == math.huge or x == -math.huge then return "null" end
  local plain = tostring(x)
  if plain:find("^%-?%d+$") and tonumber(plain) == x then return plain ~= "-0" and plain or "0" end
  if x == math.floor(x) and math.abs(x) < 2 ^ 53 then return ("%d"):format(x) end
  for digits = 15, 16 do
    local text = ("%%.%dg"):format(digits):format(x)
    if tonumber(text) == x then return text end
  end
  return ("%.17g"):format(x)
end

local Raw = {}

-- A value whose text stands in the output unchanged, such as a 64-bit number that a double cannot hold.
function json.raw(text)
  return setmetatable({ text = text }, Raw)
end

local encode

local function encode_list(list, order, depth)
  local parts = {}
  for i = 1, #list do parts[i] = encode(list[i], order, depth + 1) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function extra_keys(object, seen)
  local keys = {}
  for key in pairs(object) do
    if not seen[key] then
      if type(key) ~= "string" then error("json: an object's keys must be strings, not a " .. type(key), 0) end
      keys[#keys + 1] = key
    end
  end
  table.sort(keys)
  return keys
end

-- The keys of `order` first, with null for those that the object lacks, then the others in alphabetical order.
local function encode_object(object, order, depth)
  local parts, seen = {}, {}
  local function add(key, inner)
    seen[key] = true
    parts[#parts + 1] = encode_string(key) .. ":" .. encode(object[key], inner, depth + 1)
  end
  for _, entry in ipairs(order or {}) do
    if type(entry) == "table" then add(entry[1], entry[2]) else add(entry) end
  end
  for _, key in ipairs(extra_keys(object, seen)) do add(key) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function is_list(value)
  return #value > 0 or next(value) == nil
end

function encode(value, order, depth)
  local kind = type(value)
  if kind == "nil" or kind == "boolean" then return value == nil and "null" or tostring(value) end
  if kind == "number" then return encode_number(value) end
  if kind == "string" then return encode_string(value) end
  if kind ~= "table" then error("json: cannot encode a " .. kind, 0) end
  if getmetatable(value) == Raw then return value.text end
  if depth > MAX_DEPTH then error(("json: more than %d tables inside each other"):format(MAX_DEPTH), 0) end
  if is_list(value) then return encode_list(value, order, depth) end
  return encode_object(value, order, depth)
end

-- The text of a value, in one line. A table with elements, or an empty one, is a list. `order` lists the keys of an
-- object in their order; an entry { key, order } gives the order inside that key; a list passes its order to each
-- element.
function json.encode(value, order)
  return encode(value, order, 1)
end

local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function unescape(raw)
  return (raw:gsub("\\(.)(%x?%x?%x?%x?)", function(c, digits)
    if c == "u" then return string.char(tonumber(digits, 16)) end
    return (UNESCAPES[c] or c) .. digits
  end))
end

-- The texts of a JSON array of strings that json.encode has written.
function json.decode_texts(text)
  local out, i = {}, 1
  while true do
    local first = text:find('"', i, true)
    if not first then return out end
    local last = first + 1
    while text:sub(last, last) ~= '"' and last <= #text do
      last = last + (text:sub(last, last) == "\\" and 2 or 1)
    end
    out[#out + 1] = unescape(text:sub(first + 1, last - 1))
    i = last + 1
  end
end

return json
