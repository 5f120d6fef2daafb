-- A straight line y = m x + b through points with underestimated errors, as in emcee's tutorial on fitting a model to
-- data. In addition to yerr, y scatters by a fraction f of the model's value.
--
-- data.line: x, y, yerr, columns of equal length (of a file, or tables).
-- Priors: uniform for -5 < m < 0.5, 0 < b < 10, -10 < log_f < 1.
-- Known answer for examples/line.csv: medians and 16 % to 84 % ranges m = -1.009 -0.079 +0.079,
-- b = 4.551 -0.359 +0.363, log_f = -0.771 -0.151 +0.163 (a long run of emcee 3.1.4).

local model = { parameters = { "m", "b", "log_f" } }

local x, y, variance -- set by setup in each worker

-- In an interpreter, reading a plain table is faster than reading an array.
local function plain(column, name)
  if column == nil then error("data.line." .. name .. " is missing: give x, y and yerr", 0) end
  return type(column) == "table" and column or column:totable()
end

function model.setup(data)
  local line = data and data.line
  if not line then error("data.line is missing: give data = { line = { x =, y =, yerr = } }", 0) end
  x, y, variance = plain(line.x, "x"), plain(line.y, "y"), {}
  local yerr = plain(line.yerr, "yerr")
  for i = 1, #x do variance[i] = yerr[i] ^ 2 end
end

local function is_allowed(theta)
  return theta.m > -5 and theta.m < 0.5 and theta.b > 0 and theta.b < 10 and theta.log_f > -10 and theta.log_f < 1
end

function model.log_prob(theta)
  if not is_allowed(theta) then return -math.huge end
  local m, b, f2 = theta.m, theta.b, math.exp(2 * theta.log_f)
  local sum = 0
  for i = 1, #x do
    local expected = m * x[i] + b
    local total = variance[i] + f2 * expected * expected
    local residual = y[i] - expected
    sum = sum + residual * residual / total + math.log(total)
  end
  return -0.5 * sum
end

return model
