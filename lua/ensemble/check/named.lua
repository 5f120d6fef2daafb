-- The names in a model: lists of unique names, groups of parameters, and tables by parameter. The errors have no place;
-- the caller puts the model's name in front.

local nearest = require "ensemble.check.nearest"

local named = {}

-- A value as a message calls it.
function named.article(value)
  local kind = type(value)
  if kind == "nil" then return "nil" end
  if kind == "string" then return ("the string '%s'"):format(value) end
  if kind == "number" or kind == "boolean" then return tostring(value) end
  return "a " .. kind
end

function named.fail(form_text, ...)
  error(form_text:format(...), 0)
end

local article, fail = named.article, named.fail

-- A list of unique names, of parameters or of blobs.
function named.list(list, field)
  if type(list) ~= "table" then
    fail("field '%s' is %s: it must be a list of names, like { \"m\", \"b\" }", field, article(list))
  end
  local out, seen = {}, {}
  for i = 1, #list do
    local name = list[i]
    if type(name) ~= "string" or name == "" then
      fail("%s[%d] is %s: it must be a name", field, i, name == "" and "an empty string" or article(name))
    end
    if seen[name] then fail("field '%s' has the name '%s' twice", field, name) end
    seen[name], out[i] = true, name
  end
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key > #list or key % 1 ~= 0 then
      fail("field '%s' has the key %s: it must be a list of names, like { \"m\", \"b\" }", field, article(key))
    end
  end
  return out
end

-- The keys of a table, in an order that does not depend on the table.
function named.sorted_keys(table_of)
  local keys = {}
  for key in pairs(table_of) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

local MOST_MEMBERS = 2 ^ 20

local function read_group(entry, i)
  local name, length = entry[1], entry[2]
  for key in pairs(entry) do
    if key ~= 1 and key ~= 2 then name = nil end
  end
  if type(name) ~= "string" or name == "" or type(length) ~= "number" or length < 1 or length % 1 ~= 0
    or length > MOST_MEMBERS then
    fail("parameters[%d] is a table: a group of 3 parameters is { \"beta\", 3 }", i)
  end
  return name, length
end

-- The names of all parameters of a list like { "m", { "beta", 3 } }: m, beta[1], beta[2], beta[3]; and its groups, a
-- list of { name, first, length }.
function named.parameters(declared)
  if type(declared) ~= "table" then return named.list(declared, "parameters"), {} end
  local all, names, groups = {}, {}, {}
  for key, entry in pairs(declared) do
    all[key] = type(entry) == "table" and type(key) == "number" and read_group(entry, key) or entry
  end
  named.list(all, "parameters")
  for i = 1, #declared do
    local length = type(declared[i]) == "table" and declared[i][2]
    if length then groups[#groups + 1] = { name = all[i], first = #names + 1, length = length } end
    for k = 1, length or 1 do names[#names + 1] = length and ("%s[%d]"):format(all[i], k) or all[i] end
  end
  return named.list(names, "parameters"), groups
end

-- Turns a table by parameters or groups into one by parameters: the value of a group holds for each of its members. nil
-- for nil. Messages call it `field`.
function named.spread(given, field, names, groups)
  if given == nil then return nil end
  local known, out, advised = {}, {}, {}
  for i, name in ipairs(names) do known[name], advised[i] = { name }, name end
  for i, group in ipairs(groups) do
    known[group.name], advised[#names + i] = {}, group.name
    for k = 1, group.length do known[group.name][k] = names[group.first + k - 1] end
  end
  for _, key in ipairs(named.sorted_keys(given)) do
    if not known[key] then
      fail("field '%s' has '%s', which is no parameter%s", field, tostring(key), nearest.advice(key, advised,
        "parameters"))
    end
    for _, name in ipairs(known[key]) do
      if out[name] ~= nil then fail("field '%s' has '%s' twice: by its name and by its group's", field, name) end
      out[name] = given[key]
    end
  end
  return out
end

-- The `theta` of these parameters: the table itself, in which the name of a group has a list of its members; and for
-- each parameter its name in the table or its list, and its index there (0 for a name).
function named.theta(names, groups)
  local theta, targets, places = {}, {}, {}
  for i, name in ipairs(names) do targets[i], places[i] = name, 0 end
  for _, group in ipairs(groups) do
    local members = {}
    for k = 1, group.length do
      members[k] = 0
      targets[group.first + k - 1], places[group.first + k - 1] = members, k
    end
    theta[group.name] = members
  end
  return theta, targets, places
end

return named
