-- Wraps a model's log_prob_batch(thetas, n, out, data) for the evaluator, which passes the numbers of n points in one
-- list.

local named = require "ensemble.check.named"

local batch = {}

local function fill(theta, targets, places, flat, at)
  for d, place in ipairs(places) do
    local value = flat[at + d]
    theta[d] = value
    if place > 0 then
      targets[d][place] = value
    elseif targets[d] then
      theta[targets[d]] = value
    end
  end
end

-- A function of (flat, n, data) that returns `out`: log_prob by the number of the point, and under the name of each
-- blob a list of its values. Every call uses the same tables.
function batch.wrap(evaluate, names, groups, are_given, blobs)
  local pool, thetas, out, ndim = {}, {}, {}, #names
  for _, blob in ipairs(blobs) do out[blob[1]] = {} end
  local function prepare(i, flat)
    if not pool[i] then
      local theta, targets, places = named.theta(names, groups)
      pool[i] = { theta = theta, targets = are_given and targets or {}, places = places }
    end
    fill(pool[i].theta, pool[i].targets, pool[i].places, flat, (i - 1) * ndim)
    thetas[i], out[i] = pool[i].theta, nil
    for _, blob in ipairs(blobs) do out[blob[1]][i] = nil end
  end
  return function(flat, n, data)
    for i = 1, n do prepare(i, flat) end
    for i = n + 1, #thetas do thetas[i] = nil end
    evaluate(thetas, n, out, data)
    return out
  end
end

return batch
