-- Predator and prey, after Lotka and Volterra: hares u and lynxes v follow
--   du/dt = alpha u - beta u v,  dv/dt = -gamma v + delta u v
-- from u0 and v0 in the first year. The pelts of each year are lognormal around u and v.
--
-- data.pelts: year, hare, lynx, columns of equal length, one row per year.
local ensemble = require "ensemble"
local prior = ensemble.prior

local rate = prior.truncated_normal(1, 0.5, 0, math.huge)
local coupling = prior.truncated_normal(0.05, 0.05, 0, math.huge)
local start = prior.lognormal(math.log(10), 1)
local scatter = prior.lognormal(-1, 1)

local model = {
  parameters = { "alpha", "beta", "gamma", "delta", "u0", "v0", "sigma_u", "sigma_v" },
  priors = { alpha = rate, beta = coupling, gamma = rate, delta = coupling, u0 = start, v0 = start,
    sigma_u = scatter, sigma_v = scatter },
}

-- The solver's step follows the error that it estimates, so an evaluation takes longer if populations crash.
local TOLERANCE, MOST_STEPS = 1e-6, 1000 -- relative error per step; steps per year

-- A step of length h by the pair of order 5 and 4 of Dormand and Prince (1980): u and v after it, and the estimated
-- error relative to them.
local function step(u, v, h, a, b, c, d)
  local u1, v1 = (a - b * v) * u, (d * u - c) * v
  local x, y = u + h * u1 / 5, v + h * v1 / 5
  local u2, v2 = (a - b * y) * x, (d * x - c) * y
  x, y = u + h * (3 / 40 * u1 + 9 / 40 * u2), v + h * (3 / 40 * v1 + 9 / 40 * v2)
  local u3, v3 = (a - b * y) * x, (d * x - c) * y
  x = u + h * (44 / 45 * u1 - 56 / 15 * u2 + 32 / 9 * u3)
  y = v + h * (44 / 45 * v1 - 56 / 15 * v2 + 32 / 9 * v3)
  local u4, v4 = (a - b * y) * x, (d * x - c) * y
  x = u + h * (19372 / 6561 * u1 - 25360 / 2187 * u2 + 64448 / 6561 * u3 - 212 / 729 * u4)
  y = v + h * (19372 / 6561 * v1 - 25360 / 2187 * v2 + 64448 / 6561 * v3 - 212 / 729 * v4)
  local u5, v5 = (a - b * y) * x, (d * x - c) * y
  x = u + h * (9017 / 3168 * u1 - 355 / 33 * u2 + 46732 / 5247 * u3 + 49 / 176 * u4 - 5103 / 18656 * u5)
  y = v + h * (9017 / 3168 * v1 - 355 / 33 * v2 + 46732 / 5247 * v3 + 49 / 176 * v4 - 5103 / 18656 * v5)
  local u6, v6 = (a - b * y) * x, (d * x - c) * y
  x = u + h * (35 / 384 * u1 + 500 / 1113 * u3 + 125 / 192 * u4 - 2187 / 6784 * u5 + 11 / 84 * u6)
  y = v + h * (35 / 384 * v1 + 500 / 1113 * v3 + 125 / 192 * v4 - 2187 / 6784 * v5 + 11 / 84 * v6)
  local u7, v7 = (a - b * y) * x, (d * x - c) * y
  local err_u = 71 / 57600 * u1 - 71 / 16695 * u3 + 71 / 1920 * u4 - 17253 / 339200 * u5 + 22 / 525 * u6 - u7 / 40
  local err_v = 71 / 57600 * v1 - 71 / 16695 * v3 + 71 / 1920 * v4 - 17253 / 339200 * v5 + 22 / 525 * v6 - v7 / 40
  return x, y, h * math.max(math.abs(err_u / x), math.abs(err_v / y))
end

-- The populations one year later, and the length of the next step; nil if the solver gives up.
local function year(u, v, h, a, b, c, d)
  local t, steps = 0, 0
  while t < 1 do
    steps = steps + 1
    if steps > MOST_STEPS then return nil end
    local length = math.min(h, 1 - t)
    local x, y, err = step(u, v, length, a, b, c, d)
    local fine = err <= TOLERANCE and x > 0 and y > 0 -- false for NaN, too
    if fine then u, v, t = x, y, t + length end
    local factor = err > 0 and 0.9 * (TOLERANCE / err) ^ 0.2 or 5
    h = length * (fine and math.min(math.max(factor, 0.2), 5) or math.min(math.max(factor, 0.1), 0.5))
    if t + h == t then return nil end
  end
  return u, v, h
end

local hare, lynx -- logarithms of the pelts, set by setup in each worker

local function logarithms(column)
  local list = {}
  for i, x in ipairs(column:totable()) do list[i] = math.log(x) end
  return list
end

function model.setup(data)
  hare, lynx = logarithms(data.pelts.hare), logarithms(data.pelts.lynx)
end

-- Up to a constant, which depends on the pelts only.
function model.log_likelihood(theta)
  local a, b, c, d = theta.alpha, theta.beta, theta.gamma, theta.delta
  local u, v, h = theta.u0, theta.v0, 0.1
  local chi2_u, chi2_v = 0, 0
  for i = 1, #hare do
    if i > 1 then u, v, h = year(u, v, h, a, b, c, d) end
    if not u then return -math.huge end
    chi2_u = chi2_u + (hare[i] - math.log(u)) ^ 2
    chi2_v = chi2_v + (lynx[i] - math.log(v)) ^ 2
  end
  return -0.5 * (chi2_u / theta.sigma_u ^ 2 + chi2_v / theta.sigma_v ^ 2)
    - #hare * (math.log(theta.sigma_u) + math.log(theta.sigma_v))
end

return model
