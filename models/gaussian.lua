-- A correlated normal distribution in five dimensions.
--
-- data (optional): mean, 5 numbers, and covariance, 5 x 5 numbers; tables or arrays.
-- Known answer: that mean and that covariance. Without data: means 1, 2, 3, 4, 5, standard deviations 1, 2, 3, 4, 5,
-- correlations 0.5^|i - j|.

local NDIM = 5

local model = { parameters = { "x1", "x2", "x3", "x4", "x5" } }

local mean, factor -- set by setup in each worker: the mean, and the lower Cholesky factor of the covariance

local function default_mean()
  local values = {}
  for i = 1, NDIM do values[i] = i end
  return values
end

local function default_covariance()
  local rows = {}
  for i = 1, NDIM do
    rows[i] = {}
    for j = 1, NDIM do rows[i][j] = i * j * 0.5 ^ math.abs(i - j) end
  end
  return rows
end

-- Reading plain tables is faster than reading arrays, and the arrays here are small.
local function plain(values)
  return values.totable and values:totable() or values
end

-- Lower triangle L with L L' = covariance.
local function cholesky(covariance)
  local L = {}
  for i = 1, NDIM do
    L[i] = {}
    for j = 1, i do
      local sum = covariance[i][j]
      for k = 1, j - 1 do sum = sum - L[i][k] * L[j][k] end
      local is_fine = i ~= j or sum > 0 -- false for NaN, too
      if not is_fine then error("data.covariance is not positive definite", 0) end
      L[i][j] = i == j and math.sqrt(sum) or sum / L[j][j]
    end
  end
  return L
end

local function check_size(values, name)
  if #values ~= NDIM then
    error(("gaussian.lua: data.%s has %d rows: give %d"):format(name, #values, NDIM), 0)
  end
  return values
end

function model.setup(data)
  data = data or {}
  mean = check_size(plain(data.mean or default_mean()), "mean")
  local covariance = check_size(plain(data.covariance or default_covariance()), "covariance")
  for i = 1, NDIM do check_size(covariance[i], ("covariance[%d]"):format(i)) end
  factor = cholesky(covariance)
end

-- -1/2 |L^-1 (theta - mean)|^2, without the constant, since the sampler needs differences only.
function model.log_prob(theta)
  local z, chi2 = {}, 0
  for i = 1, NDIM do
    local sum = theta[i] - mean[i]
    for k = 1, i - 1 do sum = sum - factor[i][k] * z[k] end
    z[i] = sum / factor[i][i]
    chi2 = chi2 + z[i] * z[i]
  end
  return -0.5 * chi2
end

return model
