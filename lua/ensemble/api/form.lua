-- The form of a model: checks the table that a model file returns or that a script holds, and brings it to one form for
-- the evaluator: names, blobs, one log_prob(theta, data), setup. Runs inside the state that will evaluate the model.

local batch = require "ensemble.api.batch"
local core = require "ensemble.core"
local density = require "ensemble.api.density"
local domain = require "ensemble.check.domain"
local named = require "ensemble.check.named"
local nearest = require "ensemble.check.nearest"

local form = {}

local FIELDS = { "parameters", "ndim", "blobs", "setup", "log_prob", "log_prior", "log_likelihood", "priors",
  "bounds", "periodic", "log_prob_batch" }
form.fields = FIELDS -- each has a text in cli/model_texts.lua
local KNOWN = {}
for _, field in ipairs(FIELDS) do KNOWN[field] = true end

local article, fail = named.article, named.fail

local HOW_BLOBS = "give a name, { \"flux\", 5 } for a list of 5 numbers, or { \"label\", \"string\", 32 } for a text "
  .. "of at most 32 bytes"
local MOST_LENGTH = 2 ^ 24
local TEXT_LENGTH = 32 -- bytes of a text that is declared without a length

local function is_length(value)
  return type(value) == "number" and value >= 1 and value <= MOST_LENGTH and value % 1 == 0
end

-- The { name, kind, length } of an entry of `blobs`.
local function read_blob(entry, i)
  if type(entry) ~= "table" then return { entry, "number", 1 } end
  local name, kind, length = entry[1], entry[2], entry[3]
  if type(name) ~= "string" then fail("blobs[%d] has %s for a name: %s", i, article(name), HOW_BLOBS) end
  for key in pairs(entry) do
    if key ~= 1 and key ~= 2 and key ~= 3 then fail("blobs[%d] has the key %s: %s", i, article(key), HOW_BLOBS) end
  end
  if length ~= nil and (kind ~= "string" or not is_length(length)) then
    fail("blobs[%d] ('%s') has the length %s: %s", i, tostring(name), article(length), HOW_BLOBS)
  end
  if kind == "string" then return { name, "text", length or TEXT_LENGTH } end
  if kind == nil or kind == "number" then return { name, "number", 1 } end
  if not is_length(kind) then fail("blobs[%d] ('%s') is %s: %s", i, tostring(name), article(kind), HOW_BLOBS) end
  return { name, "vector", kind }
end

-- The declared blobs in their order.
local function read_blobs(declared)
  if declared == nil then return {} end
  local list, out = {}, {}
  for key, entry in pairs(type(declared) == "table" and declared or {}) do
    out[key] = type(key) == "number" and read_blob(entry, key) or { entry }
    list[key] = out[key][1]
  end
  named.list(type(declared) == "table" and list or declared, "blobs")
  return out
end

local HOW_PRIORS = "give priors = { m = ensemble.prior.uniform(-5, 5), ... }, one for each parameter"

-- The names of a model that names its parameters in `priors` only, sorted.
local function names_of_priors(priors)
  local list = {}
  for i, key in ipairs(named.sorted_keys(priors)) do
    if type(key) ~= "string" or key == "" then
      fail("field 'priors' has the key %s: %s", article(key), HOW_PRIORS)
    end
    list[i] = key
  end
  if #list == 0 then fail("field 'priors' is empty: %s", HOW_PRIORS) end
  return list
end

local function check_prior(name, value)
  if not density.is(value) then
    fail("priors.%s is %s: give a prior, like ensemble.prior.uniform(-5, 5)", name, article(value))
  end
  local scalar, why = density.is_scalar(value)
  if not scalar then fail("priors.%s is %s, %s: give one of a real number", name, tostring(value), why) end
end

local function check_priors_table(priors)
  if priors == nil then return end
  if type(priors) ~= "table" or density.is(priors) then
    fail("field 'priors' is %s: %s", density.is(priors) and tostring(priors) or article(priors), HOW_PRIORS)
  end
end

-- The priors in the order of the parameters; nil if there are none. The prior of a group holds for each of its members.
local function read_priors(priors, list, groups)
  check_priors_table(priors)
  local by_name, out = named.spread(priors, "priors", list, groups or {}), {}
  if not by_name then return nil end
  for i, name in ipairs(list) do
    if by_name[name] == nil then
      fail("field 'priors' lacks parameter '%s': give a prior for each of %s", name, table.concat(list, ", "))
    end
    check_prior(name, by_name[name])
    out[i] = by_name[name]
  end
  return out
end

-- The names of all parameters, the groups among them, and whether the user gave the names.
local function parameters(model)
  check_priors_table(model.priors)
  if model.priors and model.parameters == nil and model.ndim == nil then
    return names_of_priors(model.priors), {}, true
  end
  if model.parameters ~= nil then
    local list, groups = named.parameters(model.parameters)
    if #list == 0 then fail("field 'parameters' is empty: name at least one parameter") end
    if model.ndim ~= nil and model.ndim ~= #list then
      fail("ndim is %s, but there are %d parameters: leave ndim out", article(model.ndim), #list)
    end
    return list, groups, true
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
  return list, {}, false
end

local function check_function(model, field)
  local value = model[field]
  if value ~= nil and type(value) ~= "function" then
    fail("field '%s' is %s: it must be a function", field, article(value))
  end
  return value
end

-- As check_function, but allows a C function, too: one of ensemble.cfunction or of ffi.
local function check_density(model, field)
  local value = model[field]
  if core.is_cfunction(value) then return value end
  if type(value) ~= "cdata" then return check_function(model, field) end
  local native, reason = core.cfunction_at(value)
  if not native then fail("field '%s' %s", field, reason) end
  return native
end

-- A model may have fields of its own. One that looks like a misspelling of a missing field is an error.
local function check_fields(model)
  for key in pairs(model) do
    local near = type(key) == "string" and not KNOWN[key] and nearest.find(key, FIELDS)
    local has_prior = near == "priors" and (model.log_prob ~= nil or model.log_prior ~= nil)
    if near and model[near] == nil and not has_prior then fail("unknown field '%s': did you mean '%s'?", key, near) end
  end
end

-- Does not call the likelihood where the prior is -inf. Its further results are the blobs.
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

-- The log_prob of `priors` and log_likelihood; or an error that says what to do with other functions beside `priors`.
local function with_priors(priors, whole, prior, likelihood)
  if whole then
    fail("the model has log_prob and priors, and log_prob has the prior in it already: rename it to log_likelihood if "
      .. "it has not, or leave priors out")
  elseif prior then
    fail("the model has log_prior and priors: give one of them")
  elseif not likelihood then
    fail("the model has priors but no log_likelihood: add function model.log_likelihood(theta, data) ... end")
  end
  if core.is_cfunction(likelihood) then return likelihood, likelihood end -- C adds the priors
  return joined(core.prior_sum(priors), likelihood), likelihood
end

-- log_prob_batch computes all of log_prob. A log_prob beside it, for other programs or for tests, is not called.
local function check_batch(model, priors)
  local other = priors and "priors" or model.log_prior and "log_prior" or model.log_likelihood and "log_likelihood"
  if other then
    fail("the model has log_prob_batch and %s: log_prob_batch gives all of log_prob, so leave %s out", other, other)
  end
  check_density(model, "log_prob")
  return check_function(model, "log_prob_batch")
end

local function log_prob(model, priors)
  local whole, prior = check_density(model, "log_prob"), check_density(model, "log_prior")
  local likelihood = check_density(model, "log_likelihood")
  if priors then return with_priors(priors, whole, prior, likelihood) end
  if whole and (prior or likelihood) then
    fail("the model has log_prob and %s: give log_prob alone, or log_prior and log_likelihood",
      prior and "log_prior" or "log_likelihood")
  end
  if whole then return whole, whole end
  if prior and likelihood then return joined(prior, likelihood), likelihood end
  if prior or likelihood then
    fail("the model has %s but no %s: give both, %sor log_prob", prior and "log_prior" or "log_likelihood",
      prior and "log_likelihood" or "log_prior", likelihood and "or priors, " or "")
  end
  fail("the model has no function 'log_prob': add function model.log_prob(theta, data) ... end")
end

-- For models that are not in Lua. Their errors have no place.
form.read_priors, form.names_of_priors, form.names = read_priors, names_of_priors, named.list

-- "file:line" of a Lua function; "[C]" for others.
local function place_of(at)
  local info = type(at) == "function" and debug.getinfo(at, "S")
  return info and info.what ~= "C" and ("%s:%d"):format(info.short_src, info.linedefined) or "[C]"
end

-- Returns a table that describes the model. The caller that makes the model reads names, blobs (a list of { name, kind,
-- length }), priors (a list, or nil) and domain (see domain.lua; or nil). The evaluator reads log_prob (without the
-- priors if it is a C function), setup (or nil), place ("file:line" of log_prob), and theta, targets and places, as
-- named.theta gives them; targets is nil if the user gave no names. Raises an error without a place.
function form.read(model)
  if type(model) ~= "table" then
    fail("the model file returns %s: it must return a table with parameters and log_prob (does it end with "
      .. "'return model'?)", model == nil and "nothing" or article(model))
  end
  check_fields(model)
  local setup = check_function(model, "setup")
  local names, groups, are_given = parameters(model)
  local blobs = read_blobs(model.blobs)
  local priors = read_priors(model.priors, names, groups)
  local limits = domain.read(model.bounds, model.periodic, names, groups)
  local evaluate, at
  if model.log_prob_batch ~= nil then
    at = check_batch(model, priors)
    evaluate = batch.wrap(at, names, groups, are_given, blobs)
  else
    evaluate, at = log_prob(model, priors)
  end
  if core.is_cfunction(evaluate) and #blobs > 0 then
    fail("the model has blobs, and its log_prob is a bare C function, which returns none: leave blobs out")
  end
  local theta, targets, places = named.theta(names, groups)
  return { names = names, blobs = blobs, priors = priors, domain = limits, log_prob = evaluate, setup = setup,
    place = place_of(at), theta = theta, targets = are_given and targets or nil, places = places,
    is_batch = model.log_prob_batch ~= nil }
end

return form
