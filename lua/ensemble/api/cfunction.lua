-- ensemble.cfunction: a bare function of a shared library, double f(const double *theta, size_t ndim, void *context),
-- that Lua code calls with a list of numbers or an array; context is NULL. For models and run scripts. This file checks
-- the arguments; the core loads the library.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"
local library = require "ensemble.api.library"

local function check_text(value, what, example)
  if type(value) == "string" and value ~= "" then return end
  failure.config("cfunction: the %s is %s: give %s", what, check.show(value), example)
end

-- The library is looked up beside the file that calls this function.
return function(path, symbol)
  check_text(path, "path", "the name of a shared library, like './libline.so'")
  check_text(symbol, "symbol", "the name of a function double f(const double *, size_t, void *)")
  local caller = debug.getinfo(2, "S")
  local folder = caller and library.folder_of(caller.source:match("^@(.*)$"))
  return (failure.check(core.cfunction(library.find(path, folder), symbol)))
end
