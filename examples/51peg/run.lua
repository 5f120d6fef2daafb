-- The planet of 51 Pegasi, the first planet found around a star like the sun: a circular orbit through the velocities
-- of the spectrograph that found it, with a scatter beyond the stated errors.
-- ensemble-lua examples/51peg/run.lua
local ensemble = require "ensemble"
local prior = ensemble.prior

local here = arg[0]:match("^(.*/)") or ""
local data = ensemble.read_csv(here .. "elodie.csv")

-- velocity = v0 + a cos(2 pi t / period) + b sin(2 pi t / period), with t in days from the middle of the observations,
-- where the phase is best known for any period. The star's speed is K = sqrt(a^2 + b^2).
local model = {
  priors = {
    period = prior.uniform(4.225, 4.236), -- days; nine years of nights give aliases beyond it
    a      = prior.normal(0, 100),        -- m/s
    b      = prior.normal(0, 100),
    v0     = prior.normal(-33250, 100),
    jitter = prior.half_normal(20),       -- m/s, in quadrature with the errors
  },
  parameters = { "period", "a", "b", "v0", "jitter" },
  blobs = { "K" },
}

local t, rv, variance

function model.setup(given)
  local middle = given.bjd:mean()
  t, rv, variance = given.bjd:totable(), given.rv:totable(), given.err:totable()
  for i = 1, #t do
    t[i] = t[i] - middle
    variance[i] = variance[i] ^ 2
  end
end

function model.log_likelihood(theta)
  local omega, a, b, v0, jitter2 = 2 * math.pi / theta.period, theta.a, theta.b, theta.v0, theta.jitter ^ 2
  local sum = 0
  for i = 1, #t do
    local phase, total = omega * t[i], variance[i] + jitter2
    local residual = rv[i] - v0 - a * math.cos(phase) - b * math.sin(phase)
    sum = sum + residual * residual / total + math.log(total)
  end
  return -0.5 * sum, math.sqrt(a * a + b * b)
end

local sampler = ensemble.run {
  model   = model,
  data    = data,
  walkers = 40,
  steps   = 3000,
  start   = ensemble.ball({ period = 4.2308, a = 0, b = 0, v0 = -33250, jitter = 10 },
    { period = 1e-4, a = 30, b = 30, v0 = 10, jitter = 3 }),
  seed    = 51,
}

local summary = sampler:summary()
print(summary)

-- Mean and standard deviation of the speed over the steps of the summary.
local K = sampler:blobs { flat = true, discard = summary.discard }.K
local mean = K:mean()
local sd = math.sqrt(math.max(0, K:dot(K) / #K - mean * mean))

local period = summary.parameters.period
print("\n             Butler et al. 2006       here")
print(("period, d    4.230785 +- 0.000036    %.6f +- %.6f"):format(period.mean, period.sd))
print(("K, m/s       55.94 +- 0.69           %.2f +- %.2f"):format(mean, sd))
