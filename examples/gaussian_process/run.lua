-- A Gaussian process through points: its amplitude, its length and the noise, by Cholesky's factor of the covariance in
-- each evaluation. The matrices are work arrays, so the time goes into C.
-- ensemble-lua examples/gaussian_process/run.lua
local ensemble = require "ensemble"
local prior, dist = ensemble.prior, ensemble.dist

local here = arg[0]:match("^(.*/)") or ""
local points = ensemble.read_csv(here .. "points.csv")

local model = {
  parameters = { "log_amplitude", "log_length", "log_noise" },
  priors = { log_amplitude = prior.normal(0, 1), log_length = prior.normal(0, 1), log_noise = prior.normal(-1, 1) },
}

local squares, identity, K, zeros -- of the state that runs this: what stays, and what each evaluation writes

function model.setup(data)
  local x, rows, diagonal = data.x:totable(), {}, {}
  for i = 1, #x do
    rows[i], diagonal[i] = {}, {}
    for j = 1, #x do rows[i][j], diagonal[i][j] = (x[i] - x[j]) ^ 2, i == j and 1 or 0 end
  end
  squares, identity = ensemble.array(rows), ensemble.array(diagonal)
  K, zeros = ensemble.work(#x, #x), ensemble.work(#x)
end

-- K = amplitude^2 exp(-(x_i - x_j)^2 / (2 length^2)) + noise^2 on the diagonal.
function model.log_likelihood(theta, data)
  K:fill(2 * theta.log_amplitude):axpy(-0.5 * math.exp(-2 * theta.log_length), squares):exp()
  local L = K:axpy(math.exp(2 * theta.log_noise), identity):cholesky()
  if not L then return -math.huge end -- by rounding, where the noise is next to nothing
  return dist.multi_normal_cholesky_lpdf(data.y, zeros, L)
end

local summary = ensemble.run {
  model   = model,
  data    = points,
  walkers = 32,
  steps   = 2000,
  -- A walker that began far out in the priors, at a short length, would take long to find its way.
  start   = ensemble.ball({ log_amplitude = 0.5, log_length = 0.5, log_noise = -1 }, 0.2),
  seed    = 40,
}:summary()
print(summary)

-- Mean and standard deviation by quadrature, on a grid of 65 x 65 x 65 points.
local known = { log_amplitude = { 0.56634, 0.35045 }, log_length = { 0.63198, 0.30132 },
  log_noise = { -1.05669, 0.13363 } }
print("\nparameter      quadrature          here              drawn with")
for i, name in ipairs(model.parameters) do
  local row = summary.parameters[name]
  print(("%-13s  %6.3f +- %.3f    %6.3f +- %.3f    %6.3f"):format(name, known[name][1], known[name][2], row.mean,
    row.sd, math.log(({ 1.5, 1.2, 0.3 })[i])))
end
