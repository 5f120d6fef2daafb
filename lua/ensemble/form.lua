-- The form of a model: what a model file returns or an inline table holds, checked, and brought to one form for the
-- evaluator: names, blobs, one log_prob(theta, data), setup. Runs inside the state that will evaluate the model.

local nearest = require "ensemble.nearest"

local form = {}

local FIELDS = { "parameters", "ndim", "blobs", "setup", "log_prob", "log_prior", "log_likelihood" }
local KNOWN = {}
for _, field in ipairs(FIELDS) do KNOWN[field] = true end

local function article(value)
  local kind = type(value)
  if kind == "nil" then return "nil" end
  if kind == "string" then return ("the string '%s'"):format(value) end
  if kind == "number" or kind == "boolean" then return tostring(value) end
  return "a " .. kind
end

local function fail(form_text, ...)
  error(form_text:format(...), 0)
end

-- A list of unique names, of parameters or of blobs.
local function names(list, field)
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

local function parameters(model)
  if model.parameters ~= nil then
    local list = names(model.parameters, "parameters")
    if #list == 0 then fail("field 'parameters' is empty: name at least one parameter") end
    if model.ndim ~= nil and model.ndim ~= #list then
      fail("ndim is %s, but there are %d parameters: leave ndim out", article(model.ndim), #list)
    end
    return list, true
  end
  local ndim = model.ndim
  if ndim == nil then
    fail("the model has no field 'parameters': give the names, like parameters = { \"m\", \"b\" }, or ndim")
  end
  if type(ndim) ~= "number" or ndim < 1 or ndim % 1 ~= 0 then
    fail("field 'ndim' is %s: it must be a whole number from 1 on", article(ndim))
  end
  local list = {}
  for i = 1, ndim do list[i] = ("p%d"):format(i) end
  return list, false
end

local function check_function(model, field)
  local value = model[field]
  if value ~= nil and type(value) ~= "function" then
    fail("field '%s' is %s: it must be a function", field, article(value))
  end
  return value
end

-- A model may have fields of its own; one that looks like a slip for a field that is missing is refused.
local function check_fields(model)
  for key in pairs(model) do
    local near = type(key) == "string" and not KNOWN[key] and nearest.find(key, FIELDS)
    if near and model[near] == nil then fail("unknown field '%s': did you mean '%s'?", key, near) end
  end
end

-- The likelihood is not called where the prior forbids the point; what it returns after its first value are the blobs.
local function joined(prior, likelihood)
  local forbidden = -math.huge
  local function add(log_prior, log_likelihood, ...)
    if type(log_likelihood) ~= "number" then return log_likelihood, ... end
    return log_prior + log_likelihood, ...
  end
  return function(theta, data)
    local log_prior = prior(theta, data)
    if type(log_prior) ~= "number" or log_prior == forbidden or log_prior ~= log_prior then return log_prior end
    return add(log_prior, likelihood(theta, data))
  end
end

local function log_prob(model)
  local whole, prior = check_function(model, "log_prob"), check_function(model, "log_prior")
  local likelihood = check_function(model, "log_likelihood")
  if whole and (prior or likelihood) then
    fail("the model has log_prob and %s: give log_prob alone, or log_prior and log_likelihood",
      prior and "log_prior" or "log_likelihood")
  end
  if whole then return whole, whole end
  if prior and likelihood then return joined(prior, likelihood), likelihood end
  if prior or likelihood then
    fail("the model has %s but no %s: give both, or log_prob", prior and "log_prior" or "log_likelihood",
      prior and "log_likelihood" or "log_prior")
  end
  fail("the model has no function 'log_prob': add function model.log_prob(theta, data) ... end")
end

-- Answers names, whether the user gave them, blob names, log_prob, setup (or nil), "file:line" of log_prob, and its
-- name. Raises a message without a place.
function form.read(model)
  if type(model) ~= "table" then
    fail("the model file returns %s: it must return a table with parameters and log_prob (does it end with "
      .. "'return model'?)", model == nil and "nothing" or article(model))
  end
  check_fields(model)
  local setup = check_function(model, "setup")
  local list, named = parameters(model)
  local blobs = model.blobs == nil and {} or names(model.blobs, "blobs")
  local evaluate, at = log_prob(model)
  local info = debug.getinfo(at, "S")
  local place = info.what ~= "C" and ("%s:%d"):format(info.short_src, info.linedefined) or "[C]"
  return list, named, blobs, evaluate, setup, place
end

return form
