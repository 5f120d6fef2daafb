-- The objects that ensemble.prior makes: a distribution with checked parameters, its log density and its draws. Plain
-- data with a metatable that exists in every state, so that a prior reaches the workers unchanged.

local check = require "ensemble.check.value"
local core = require "ensemble.core"
local failure = require "ensemble.check.failure"

local density = { rows = {}, names = {} }

for i, row in ipairs(core.distributions) do
  density.rows[row.name], density.names[i] = row, row.name
end

-- One line per distribution, sorted by name: "prior.normal(mu, sigma): all numbers". `form` writes the name.
function density.list(form, ...)
  local lines = { ... }
  for _, row in ipairs(core.distributions) do
    lines[#lines + 1] = form(row, table.concat(row.parameters, ", ")) .. ": " .. row.support
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

local Prior = {}
Prior.__index = Prior
Prior.__name = "prior"
density.Prior = Prior

function density.is(value)
  return getmetatable(value) == Prior
end

local function count_text(parameters)
  local n = #parameters
  return ("%d %s (%s)"):format(n, n == 1 and "argument" or "arguments", table.concat(parameters, ", "))
end

-- A prior of one number. Raises a configuration error that names the parameter, its value and the allowed values.
function density.new(name, ...)
  local row, n = density.rows[name], select("#", ...)
  if n ~= #row.parameters then
    failure.config("prior.%s takes %s, not %d", name, count_text(row.parameters), n)
  end
  local self = { name = name, ... }
  for i, parameter in ipairs(row.parameters) do
    if type(self[i]) ~= "number" then
      failure.config("prior.%s: %s is %s: give a number", name, parameter, check.show(self[i]))
    end
  end
  local complaint = row.complaint(...)
  if complaint then failure.config("prior.%s: %s", name, complaint) end
  return setmetatable(self, Prior)
end

---------------------------------------------------------------------------------------------- several numbers at once

-- A list of numbers, from a list or an array of one axis. An error calls it `what`.
function density.vector(value, what, wanted)
  if core.is_array(value) then value = value:totable() end
  if type(value) ~= "table" then failure.config("%s is %s: give a list of numbers", what, check.show(value)) end
  if #value == 0 then failure.config("%s is empty: give a list of numbers", what) end
  if wanted and #value ~= wanted then
    failure.config("%s has %d numbers: give %d, as many as there are dimensions", what, #value, wanted)
  end
  for i = 1, #value do
    if type(value[i]) ~= "number" then
      failure.config("%s[%d] is %s: give a number", what, i, check.show(value[i]))
    end
  end
  return value
end

local function finite(list, what)
  for i, x in ipairs(list) do
    if x ~= x or math.abs(x) == math.huge then
      failure.config("%s[%d] is %s: give a finite number", what, i, check.show(x))
    end
  end
  return list
end

-- The rows one after the other. Raises an error unless the matrix is symmetric.
local function flat_matrix(value, n, what)
  if core.is_array(value) then value = value:totable() end
  if type(value) ~= "table" or #value ~= n then
    failure.config("%s is %s: give %d rows of %d numbers", what,
      type(value) == "table" and ("a list of %d"):format(#value) or check.show(value), n, n)
  end
  local flat = {}
  for i = 1, n do
    local row = ("%s[%d]"):format(what, i)
    for j, x in ipairs(finite(density.vector(value[i], row, n), row)) do flat[(i - 1) * n + j] = x end
  end
  for i = 1, n do
    for j = 1, i - 1 do
      local a, b = flat[(i - 1) * n + j], flat[(j - 1) * n + i]
      if math.abs(a - b) > 1e-12 * math.max(math.abs(a), math.abs(b)) then
        failure.config("%s is not symmetric: [%d][%d] is %s, [%d][%d] is %s", what, i, j, check.show(a), j, i,
          check.show(b))
      end
    end
  end
  return flat
end

-- Each state factorizes the covariance once, when it first needs it: the factor cannot be copied to other states.
local parts = setmetatable({}, { __mode = "k" })

local function parts_of(self)
  local own = parts[self]
  if not own then
    local lpdf, draw = core.multi_normal(self.mean, self.covariance)
    own = { lpdf = lpdf, draw = draw }
    parts[self] = own
  end
  return own
end

-- A normal distribution of several numbers. Messages call the function `caller`.
function density.multi_normal(mean, covariance, caller)
  local self = { name = "multi_normal", mean = {} }
  for i, x in ipairs(finite(density.vector(mean, caller .. ": mean"), caller .. ": mean")) do self.mean[i] = x end
  self.covariance = flat_matrix(covariance, #self.mean, caller .. ": covariance")
  if not core.multi_normal(self.mean, self.covariance) then
    failure.config("%s: the covariance is not positive definite", caller)
  end
  return setmetatable(self, Prior)
end

function density.dirichlet(alpha, caller)
  local self = { name = "dirichlet", alpha = {} }
  for i, x in ipairs(finite(density.vector(alpha, caller .. ": alpha"), caller .. ": alpha")) do
    if x <= 0 then failure.config("%s: alpha[%d] is %s: give a number above 0", caller, i, check.show(x)) end
    self.alpha[i] = x
  end
  if #self.alpha < 2 then failure.config("%s: alpha has 1 number: give at least 2", caller) end
  return setmetatable(self, Prior)
end

local vectors = {
  multi_normal = {
    lpdf = function(self, x) return parts_of(self).lpdf(density.vector(x, "multi_normal: x", #self.mean)) end,
    draw = function(self) return parts_of(self).draw() end,
    show = function(self) return ("%d dimensions"):format(#self.mean) end,
  },
  dirichlet = {
    lpdf = function(self, x)
      return core.dirichlet_lpdf(density.vector(x, "dirichlet: x", #self.alpha), self.alpha)
    end,
    draw = function(self) return core.dirichlet_draw(self.alpha) end,
    show = function(self) return table.concat(self.alpha, ", ") end,
  },
}

-- Whether a prior is of one real number, as a parameter is; or nil and the reason why not.
function density.is_scalar(self)
  if vectors[self.name] then return nil, "of several numbers" end
  if density.rows[self.name].discrete then return nil, "of whole numbers, but walkers take any real value" end
  return true
end

---------------------------------------------------------------------------------------------- methods

-- The log density at x: a number, or the sum over an array or a list. A distribution of several numbers takes a list of
-- them.
function Prior:lpdf(x)
  local vector = vectors[self.name]
  if vector then return vector.lpdf(self, x) end
  return density.rows[self.name].prior(x, self[1], self[2], self[3], self[4])
end

-- A draw from the stream of math.random: a number, or a list for a distribution of several numbers.
function Prior:draw()
  local vector = vectors[self.name]
  if vector then return vector.draw(self) end
  return density.rows[self.name].draw(self[1], self[2], self[3], self[4])
end

Prior.__call = Prior.lpdf

function Prior:__tostring()
  local vector = vectors[self.name]
  if vector then return ("prior.%s(%s)"):format(self.name, vector.show(self)) end
  local shown = {}
  for i, x in ipairs(self) do shown[i] = check.show(x) end
  return ("prior.%s(%s)"):format(self.name, table.concat(shown, ", "))
end

return density
