-- The start of the walkers: a ball around a point, the model's priors, or positions. Checks it against the parameters
-- of the model and the number of walkers, and brings it into the core's form; the core draws the positions and
-- evaluates them.

local account = require "ensemble.api.account"
local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local nearest = require "ensemble.check.nearest"
local session = require "ensemble.api.session"

local start = {}

local Ball = { __tostring = function() return "ensemble.ball" end }

-- A ball: each walker at `center` plus `spread` times a standard normal number, for each parameter. Both are a list in
-- the order of the parameters, a table by their names, or an array; the spread may be one number for all. A group of
-- parameters is one entry of such a list or table: a list of its members, or one number for each of them. The full
-- check needs the parameters and comes later.
function start.ball(center, spread)
  if type(center) ~= "table" and not core.is_array(center) then
    failure.config("ensemble.ball: the center is %s: give a list of numbers, one for each parameter",
      check.show(center))
  end
  if type(spread) ~= "number" and type(spread) ~= "table" and not core.is_array(spread) then
    failure.config("ensemble.ball: the spread is %s: give a number above 0, or a list of them, one for each parameter",
      check.show(spread))
  end
  return setmetatable({ center = center, spread = spread }, Ball)
end

-- The declared entries of a list of parameter names: { name, first, length } each, without length if it is no group.
-- The members of a group are beta[1], beta[2], ...
local function entries_of(names)
  local entries = {}
  for i, name in ipairs(names) do
    local group, place = name:match("^(.+)%[(%d+)%]$")
    local last = entries[#entries]
    if group and last and last.name == group and last.length == place - 1 then
      last.length = last.length + 1
    elseif place == "1" then
      entries[#entries + 1] = { name = group, first = i, length = 1 }
    else
      entries[#entries + 1] = { name = name, first = i }
    end
  end
  return entries
end

local function quote(names)
  local words = {}
  for i, entry in ipairs(entries_of(names)) do
    words[i] = entry.length and ("%s (%s)"):format(entry.name, account.plural(entry.length, "number")) or entry.name
  end
  return table.concat(words, ", ")
end

local function has_list(values)
  for i = 1, #values do
    if type(values[i]) == "table" or core.is_array(values[i]) then return true end
  end
  return false
end

-- Writes the value of an entry to its places in `out`. If `each` is true, one number stands for every member of a
-- group.
local function place(out, entry, value, what, each)
  if core.is_array(value) then value = value:totable() end
  if not entry.length or (each and type(value) ~= "table") then
    for k = 1, entry.length or 1 do out[entry.first + k - 1] = value end
  elseif type(value) == "table" and #value == entry.length then
    for k = 1, entry.length do out[entry.first + k - 1] = value[k] end
  else
    failure.config("%s: %s for '%s', a group of %s: give a list of %d%s", what,
      type(value) == "table" and account.plural(#value, "number") or check.show(value), entry.name,
      account.plural(entry.length, "number"), entry.length, each and ", or one number for each" or "")
  end
end

-- A vector given by names of parameters and groups, in the order of the parameters.
local function by_names(value, names, what, each)
  local known, advised, out = {}, {}, {}
  for i, name in ipairs(names) do known[name] = { name = name, first = i } end
  for i, entry in ipairs(entries_of(names)) do
    known[entry.name] = known[entry.name] or entry
    advised[i] = entry.name
  end
  for key, part in pairs(value) do
    local entry = known[key]
    if not entry then
      failure.config("%s has '%s', which is no parameter%s", what, tostring(key), nearest.advice(key, advised,
        "parameters"))
    end
    for i = entry.first, entry.first + (entry.length or 1) - 1 do
      if out[i] ~= nil then
        failure.config("%s has '%s' twice: by its name and by its group's", what, names[i])
      end
    end
    place(out, entry, part, what, each)
  end
  for i, name in ipairs(names) do
    if out[i] == nil then
      failure.config("%s lacks parameter '%s': give all of %s", what, name, quote(names))
    end
  end
  return out
end

-- A list with an entry for each parameter or group, in the order of the parameters; nil if it is no such list.
local function by_entries(value, names, what, each)
  local entries, out = entries_of(names), {}
  if #value ~= #entries or not (each or has_list(value)) then return nil end
  for i, entry in ipairs(entries) do place(out, entry, value[i], what, each) end
  return out
end

-- The numbers of one vector, in the order of the parameters. Messages call it `what`; for `each` see place.
local function vector(value, names, what, each)
  if core.is_array(value) then value = value:totable() end
  if type(value) ~= "table" then
    failure.config("%s is %s: give %s (%s)", what, check.show(value), account.plural(#names, "number"), quote(names))
  end
  if #value == 0 and next(value) ~= nil then
    value = by_names(value, names, what, each)
  elseif #value ~= #names or has_list(value) then
    value = by_entries(value, names, what, each) or value
  end
  if #value ~= #names then
    failure.config("%s has %s, the model has %s: %s", what, account.plural(#value, "number"),
      account.plural(#names, "parameter"), quote(names))
  end
  local out = {}
  for i, name in ipairs(names) do
    local number, message = check.value({ type = "number" }, value[i], ("%s: %s"):format(what, name))
    if not number then failure.raise("config", message) end
    out[i] = number
  end
  return out
end

local function spreads(spread, names)
  if type(spread) == "number" then
    local all = {}
    for i = 1, #names do all[i] = spread end
    spread = all
  end
  local out = vector(spread, names, "field 'start': the ball's spread", true)
  for i, name in ipairs(names) do
    if out[i] <= 0 then
      failure.config("field 'start': the ball's spread is %s for %s: give a number above 0", check.show(out[i]), name)
    end
  end
  return out
end

-- The extents of an array as a list.
local function shape_of(array)
  local shape = { array:shape() }
  return type(shape[1]) == "table" and shape[1] or shape
end

-- The rows of positions from a table, an array [n][dim] or a state.
local function rows_of(value, what)
  if type(value) == "table" and core.is_array(rawget(value, "coords")) then value = value.coords end -- a state
  if core.is_array(value) then
    local rank = #shape_of(value)
    if rank ~= 2 then
      failure.config("%s is an array of %s: give one of 2, [walker][parameter]", what,
      account.plural(rank, "dimension"))
    end
    return value:totable()
  end
  return type(value) == "table" and value or nil
end

-- A flat list [n][dim] of positions (see rows_of) and their number. Messages call them `what`.
function start.positions(value, names, what)
  local rows = rows_of(value, what)
  if not rows or (#rows == 0 and next(rows) ~= nil) then
    failure.config("%s: give positions as a list of walkers, each a list of %s (%s), or an array of that shape, "
      .. "or a state", what, account.plural(#names, "number"), quote(names))
  end
  local flat = {}
  for i = 1, #rows do
    for _, number in ipairs(vector(rows[i], names, ("%s: walker %d"):format(what, i))) do flat[#flat + 1] = number end
  end
  return flat, #rows
end

local START = "give ensemble.ball(center, spread), 'prior', positions [walker][parameter], a state or a store's path"

-- The last step of a store, as rows by parameter name. Saves the steps of a sampler of this script first.
local function stored_rows(path, what)
  local writer = session.writer(path)
  local names, coords, kind
  if writer then
    names, coords = writer:names(), writer:last().coords
  else
    names, coords, kind = core.store_last(path)
  end
  if not names then
    local advice = coords:find("does not exist", 1, true) and ": " .. START or ""
    failure.raise(kind, ("%s: %s%s"):format(what, coords, advice))
  end
  local rows = coords:totable()
  for i, row in ipairs(rows) do
    rows[i] = {}
    for d, name in ipairs(names) do rows[i][name] = row[d] end
  end
  return rows
end

-- The start as given, except that the path of a store becomes the positions of its last step.
function start.resolve(value)
  if type(value) ~= "string" or value == "prior" then return value end
  return stored_rows(value, "field 'start'")
end

-- The number of walkers that a start implies; nil if it leaves that open.
function start.walkers(value)
  if getmetatable(value) == Ball or value == nil or type(value) == "string" then return nil end
  local rows = rows_of(value, "field 'start'")
  return rows and #rows > 0 and #rows or nil
end

local function from_priors(has_priors, what)
  if not has_priors then
    failure.config("%s is 'prior', but the model has no priors: give it priors = { name = ensemble.prior.uniform(-5, "
      .. "5), ... } and log_likelihood, or start = ensemble.ball(center, spread)", what)
  end
  return { kind = "prior", prior = true }
end

-- The start in the core's form, for `walkers` walkers and these parameters. Without a value, a model with priors starts
-- there.
function start.flatten(value, names, walkers, has_priors, what)
  what = what or "field 'start'"
  value = start.resolve(value)
  if value == "prior" or (value == nil and has_priors) then return from_priors(has_priors, what) end
  if getmetatable(value) == Ball then
    return {
      kind = "ball",
      center = vector(value.center, names, what .. ": the ball's center", true),
      spread = spreads(value.spread, names),
    }
  end
  if value == nil then
    failure.config("%s is missing: give ensemble.ball(center, spread) or positions for %d walkers", what, walkers)
  elseif type(value) ~= "table" and not core.is_array(value) then
    failure.config("%s is %s: %s", what, check.show(value), START)
  end
  local coords, n = start.positions(value, names, what)
  if n ~= walkers then
    failure.config("%s has positions for %s, the run has %d: give as many, or leave out 'walkers'", what,
      account.plural(n, "walker"), walkers)
  end
  return { kind = "positions", coords = coords }
end

return start
