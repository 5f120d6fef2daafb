-- moves.lua LIBRARY TARGET NDIM STEPS BATCHES TUNE MOVE: prints the evaluations that a move needs per independent
-- sample of the mean, after TUNE steps that tune it. This is the variance of batch means of all walkers together, in
-- units of the target's variance, times the evaluations of a batch. It does not take correlated walkers for independent
-- ones.
local ensemble = require "ensemble"
local m, prior = ensemble.moves, ensemble.prior

local library, name, ndim, steps, batches, tune = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4]), tonumber(arg[5]),
  tonumber(arg[6])
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
  slice = function() return m.slice {} end,
  kde = function() return m.kde {} end,
  gaussian = function() return m.gaussian { cov = 2.38 * 2.38 / ndim } end,
}

-- A target: its C function, and for each dimension its mean and variance; draw fills x.
math.randomseed(11)
local normal = prior.normal(0, 1)
local function normals(x)
  for d = 1, ndim do x[d] = normal:draw() end
  return x
end
local TARGETS = {
  gaussian = { symbol = "gauss_5", walkers = math.max(4 * ndim, 8), mean = { 0 }, variance = { 1 }, draw = normals },
  ring = { symbol = "ring", walkers = 20, mean = { 0 }, variance = { 0.5 * (1 + 3 * 0.05 ^ 2) }, draw = function(x)
    local angle = 2 * math.pi * math.random()
    x[1], x[2] = math.cos(angle) * (1 + 0.05 * normal:draw()), math.sin(angle) * (1 + 0.05 * normal:draw())
    return x
  end },
  modes = { symbol = "modes", walkers = 60, mean = { 4 / 3, 0 }, variance = { 17 - 16 / 9, 1 }, draw = function(x)
    normals(x)
    x[1] = x[1] + (math.random() < 1 / 3 and -4 or 4)
    return x
  end },
  rosenbrock = { symbol = "rosenbrock", walkers = 100, mean = { 1, 11 }, variance = { 10, 240.1 }, draw = function(x)
    x[1] = 1 + math.sqrt(10) * normal:draw()
    x[2] = x[1] ^ 2 + math.sqrt(0.1) * normal:draw()
    return x
  end },
}
local target, names, start = TARGETS[name], {}, {}
for i = 1, ndim do names[i] = "x" .. i end
local walkers, thin_by = target.walkers, math.max(1, math.floor(ndim / 5))
for k = 1, walkers do start[k] = target.draw {} end
local sampler = ensemble.sampler {
  model = ensemble.native(library, { symbol = target.symbol, parameters = names }), tune = tune,
  walkers = walkers, start = start, moves = MOVES[arg[7]](), seed = 7, workers = 1, steps = steps,
}

-- Sums over the walkers and the steps of a batch, for each dimension. The first batch is burn-in.
local kept = math.floor(steps / thin_by / batches)
local sums, batch, count, before = {}, 0, 0, 0
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
  if count == kept then
    if batch == 0 then before = sampler:info().evaluations end
    batch, count = batch + 1, 0
  end
end

local function at(list, d) return list[d] or list[#list] end
local variance, info = 0, sampler:info()
for b = 1, batches do
  for d = 1, ndim do
    local off = sums[b][d] / (walkers * kept) - at(target.mean, d)
    variance = variance + off ^ 2 / at(target.variance, d) / (batches * ndim)
  end
end
print((info.evaluations - before) / batches * variance)
