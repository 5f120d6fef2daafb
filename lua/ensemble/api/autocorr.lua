-- ensemble.autocorr: emcee's estimators of the autocorrelation, for any array or nested table of numbers.

local advice = require "ensemble.api.advice"
local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local session = require "ensemble.api.session"

local autocorr = {}

local OPTIONS = {
  { field = "c", type = "number", min = 0, exclusive = true, default = 5 },
  { field = "tol", type = "number", min = 0, default = 50 },
  { field = "quiet", type = "boolean", default = false },
}

local function array_of(x, most, name, shapes)
  local array = x
  if not core.is_array(x) then
    if type(x) ~= "table" then failure.raise("script", ("%s: x is %s: give %s"):format(name, check.show(x), shapes)) end
    array = failure.check(core.array(x))
  end
  local shape = { array:shape() }
  if #shape > most then
    failure.raise("script", ("%s: x has %d axes: give %s"):format(name, #shape, shapes))
  end
  for _, extent in ipairs(shape) do
    if extent == 0 then failure.raise("script", ("%s: x is empty: give %s"):format(name, shapes)) end
  end
  return array, shape
end

-- The autocorrelation function of x [n], an array of n; 1 at lag 0, NaN for a constant series.
function autocorr.function_1d(x)
  return failure.check(core.autocorr_function((array_of(x, 1, "function_1d", "an array of one axis"))))
end

local function names_of(shape)
  local names = {}
  for d = 1, shape[3] or 1 do names[d] = shape[3] and ("parameter %d"):format(d) or "the series" end
  return names
end

-- Integrated autocorrelation times of x [steps], [steps][walkers] or [steps][walkers][parameter], in steps: a list with
-- one for each parameter. Options: c = 5, Sokal's window; tol = 50, a chain shorter than tol * tau gets a warning on
-- stderr (emcee raises an error) and still its number; quiet = true, no warning. The second result is the warning, or
-- nil.
function autocorr.integrated_time(x, given)
  if given ~= nil and type(given) ~= "table" then
    failure.raise("script", ("integrated_time: the options are %s: give a table, like { c = 5, tol = 50 }"):format(
      check.show(given)))
  end
  local asked, message = check.fields(given or {}, OPTIONS, "field")
  if not asked then failure.raise("script", "integrated_time: " .. message) end
  local array, shape = array_of(x, 3, "integrated_time",
    "an array [steps], [steps][walkers] or [steps][walkers][parameter]")
  local taus = failure.check(core.autocorr_times(array, asked.c))
  local warning = advice.shortfall(taus, names_of(shape), shape[1], asked.tol)
  if warning and not asked.quiet then session.note("warning: " .. warning) end
  return taus, warning
end

return autocorr
