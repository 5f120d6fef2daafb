-- ensemble.native: a model from a shared library that describes itself (src/ensemble_model.h), or a bare C function.
-- This module checks the arguments and orders names and priors; the core opens the library.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local domain = require "ensemble.check.domain"
local failure = require "ensemble.check.failure"
local form = require "ensemble.api.form"
local library = require "ensemble.api.library"
local session = require "ensemble.api.session"

local native = {}

local Native = {}
Native.__index = Native
Native.__name = "ensemble.native"

local FIELDS = {
  { field = "symbol", type = "string", value_text = "the name of a function double f(const double *, size_t, void *)" },
  { field = "parameters", type = "any" },
  { field = "priors", type = "any" },
  { field = "bounds", type = "any" },
  { field = "periodic", type = "any" },
}

local function read_fields(path, given)
  if type(path) ~= "string" or path == "" then
    failure.config("native: the path is %s: give the name of a shared library, like './libline.so'", check.show(path))
  end
  if given ~= nil and type(given) ~= "table" then
    failure.config("native: the second argument is %s: give { symbol = \"f\", parameters = { ... } }, or nothing for a "
      .. "library that describes itself", check.show(given))
  end
  local values, message = check.fields(given or {}, FIELDS, "field")
  if not values then failure.raise("config", "native: " .. message) end
  return values
end

-- Calls a function of form.lua, whose errors have no place.
local function formed(read, ...)
  local fine, result = pcall(read, ...)
  if not fine then failure.raise("config", "native: " .. result) end
  return result
end

local function names_of_function(values)
  if values.parameters ~= nil then return formed(form.names, values.parameters, "parameters") end
  if type(values.priors) == "table" then return formed(form.names_of_priors, values.priors) end
  failure.config("native: field 'parameters' is nil: give a list of unique names, like { \"m\", \"b\" }")
end

local function names_of_library(values, path)
  if values.parameters ~= nil then
    failure.config("native: field 'parameters' goes with 'symbol', a bare function: a library that describes itself "
      .. "names its parameters, so leave it out, or give the function's name as symbol")
  end
  return failure.check(core.native_parameters(path))
end

-- ensemble.native("./libline.so") takes a library that describes itself; ensemble.native("./libm.so", { symbol = "f",
-- parameters = { "m", "b" } }) takes a bare function. With `priors`, one for each parameter, the library's
-- log_likelihood or the bare function is the likelihood.
function native.new(path, given)
  local values = read_fields(path, given)
  local place = library.find(path, library.folder_of(session.script.name))
  local names = values.symbol and names_of_function(values) or names_of_library(values, place)
  if #names == 0 then failure.config("native: field 'parameters' is empty: name at least one parameter") end
  return setmetatable({ kind = "native", path = place, symbol = values.symbol, parameters = names,
    priors = formed(form.read_priors, values.priors, names),
    domain = formed(domain.read, values.bounds, values.periodic, names, {}) }, Native)
end

function native.is(value)
  return getmetatable(value) == Native
end

return native
