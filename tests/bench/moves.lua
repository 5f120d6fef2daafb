-- moves.lua LIBRARY NDIM STEPS BATCHES MOVE: what a move needs on a Gaussian, with four walkers for each dimension:
-- prints evaluations per independent sample of the mean.
-- It is the variance of the means of batches, of all walkers together, in units of the target's variance, times
-- the evaluations of a batch: walkers that hang together are not taken for independent ones.
local ensemble = require "ensemble"
local m = ensemble.moves

local library, ndim, steps, batches = arg[1], tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local MOVES = {
  stretch = function() return m.stretch {} end,
  ["stretch, scaled"] = function() return m.stretch { a = 1 + 2.151 / math.sqrt(ndim) } end,
  de = function() return m.de {} end,
  ["de, no jumps"] = function() return m.de { jump = 0 } end,
  side = function() return m.side {} end,
  ["walk, c = 1"] = function() return m.walk { c = 1 } end,
  walk = function() return m.walk {} end,
  snooker = function() return m.snooker {} end,
  ["0.8 de + 0.2 snooker"] = function() return { { m.de {}, 0.8 }, { m.snooker {}, 0.2 } } end,
  kde = function() return m.kde {} end,
  gaussian = function() return m.gaussian { cov = 2.38 * 2.38 / ndim } end,
}

local names, center = {}, {}
for i = 1, ndim do names[i], center[i] = "x" .. i, 0 end
local walkers, thin_by = math.max(4 * ndim, 8), math.max(1, math.floor(ndim / 5))
local sampler = ensemble.sampler {
  model = ensemble.native(library, { symbol = "gauss_5", parameters = names }),
  walkers = walkers, start = ensemble.ball(center, 1), moves = MOVES[arg[5]](), seed = 7, workers = 1, steps = steps,
}

-- Sums over walkers and the steps of a batch, by dimension; the first batch is burn-in.
local kept = math.floor(steps / thin_by / batches)
local sums, batch, count = {}, 0, 0
for state in sampler:sample { steps = kept * (batches + 1), thin_by = thin_by, store = false } do
  if count == 0 then
    sums[batch] = {}
    for d = 1, ndim do sums[batch][d] = 0 end
  end
  local coords, sum = state.coords, sums[batch]
  for k = 1, walkers do
    for d = 1, ndim do sum[d] = sum[d] + coords:at(k, d) end
  end
  count = count + 1
  if count == kept then batch, count = batch + 1, 0 end
end

local variance = 0
for b = 1, batches do
  for d = 1, ndim do variance = variance + (sums[b][d] / (walkers * kept)) ^ 2 / (batches * ndim) end
end
print(walkers * kept * thin_by * variance)
