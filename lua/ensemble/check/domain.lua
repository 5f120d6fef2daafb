-- The fields `bounds` and `periodic` of a model, which limit its parameters. This module checks them; the core rejects
-- and wraps the proposals.

local named = require "ensemble.check.named"

local domain = {}

local article, fail = named.article, named.fail

local function check_table(field, given, how)
  if given ~= nil and type(given) ~= "table" then fail("field '%s' is %s: give %s", field, article(given), how) end
end

local function check_end(field, name, value)
  if type(value) ~= "number" or value ~= value then
    fail("%s.%s has the end %s: give a number", field, name, article(value))
  end
  return value
end

-- The two ends of a parameter's interval; nil for an open end.
local function read_interval(field, name, pair, how)
  if type(pair) ~= "table" then fail("%s.%s is %s: give %s", field, name, article(pair), how) end
  for key in pairs(pair) do
    if key ~= 1 and key ~= 2 then fail("%s.%s has the key %s: give %s", field, name, article(key), how) end
  end
  local low, high = pair[1], pair[2]
  if low ~= nil then check_end(field, name, low) end
  if high ~= nil then check_end(field, name, high) end
  if low and high and low >= high then
    fail("%s.%s is { %s, %s }: the first must be less than the second", field, name, tostring(low), tostring(high))
  end
  return low, high
end

local HOW_BOUNDS = "{ low, high }, or { 0, nil } for one bound only"
local HOW_PERIODIC = "{ low, high }, like { 0, 2 * math.pi }: the value at high is that at low"

local function read_period(name, pair)
  local low, high = read_interval("periodic", name, pair, HOW_PERIODIC)
  if not low or not high or low == -math.huge or high == math.huge then
    fail("periodic.%s has no end: give %s", name, HOW_PERIODIC)
  end
  return low, high
end

-- { low, high, periodic }, each a list over the parameters; nil if the model has neither field. `groups` comes from
-- named.parameters.
function domain.read(bounds, periodic, names, groups)
  if bounds == nil and periodic == nil then return nil end
  check_table("bounds", bounds, "bounds = { m = { -5, 5 }, ... }")
  check_table("periodic", periodic, "periodic = { phi = { 0, 2 * math.pi }, ... }")
  bounds = named.spread(bounds or {}, "bounds", names, groups)
  periodic = named.spread(periodic or {}, "periodic", names, groups)
  local out = { low = {}, high = {}, periodic = {} }
  for i, name in ipairs(names) do
    local low, high
    if bounds[name] ~= nil and periodic[name] ~= nil then
      fail("parameter '%s' is in bounds and in periodic: give one of them, a periodic parameter is always within its "
        .. "interval", name)
    end
    if bounds[name] ~= nil then low, high = read_interval("bounds", name, bounds[name], HOW_BOUNDS) end
    if periodic[name] ~= nil then low, high = read_period(name, periodic[name]) end
    out.low[i], out.high[i], out.periodic[i] = low or -math.huge, high or math.huge, periodic[name] ~= nil
  end
  return out
end

return domain
