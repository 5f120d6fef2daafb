-- A model's log_prob_batch: it gives the chain of log_prob with any number of workers; its errors; its blobs; and it
-- draws no random numbers. See docs/reference/model.md.
local helper = require "tests.spec.helper"

local HEAD = [=[
local ensemble = require "ensemble"
local function value(t) return t.x > 1.5 and -math.huge or -0.5 * (t.x ^ 2 + t.w[1] ^ 2 + t.w[2] ^ 2) end
local BLOBS = { "sum", { "pair", 2 }, { "side", "string", 5 } }
local function single(t)
  if t.x > 1.5 then return -math.huge end
  return value(t), t.x + t.w[1], { t[2], t[3] }, t.x < 0 and "left" or "right"
end
local function batch(thetas, n, out, data)
  assert(#thetas == n and n >= 1 and data.one == 1)
  for i = 1, n do
    assert(out[i] == nil and out.sum[i] == nil)
    local t = thetas[i]
    out[i] = value(t)
    if out[i] > -math.huge then
      out.sum[i], out.pair[i], out.side[i] = t.x + t.w[1], { t[2], t[3] }, t.x < 0 and "left" or "right"
    end
  end
end
local function make(model, fields)
  model.parameters, model.blobs = { "x", { "w", 2 } }, model.blobs or BLOBS
  local config = { model = model, data = { one = 1 }, start = ensemble.ball({ x = 0, w = { 0, 0 } }, 1), walkers = 10,
    seed = 4, quiet = true }
  for name, given in pairs(fields or {}) do config[name] = given end
  return ensemble.sampler(config)
end
]=]

describe(helper.name .. "'s log_prob_batch", function()
  local dir

  before_each(function() dir = helper.directory() end)

  it("gives the chain of log_prob, for any number of workers", function()
    local result = dir:script(HEAD .. [=[
      make({ log_prob = single }, { output = "single.db" }):run(60)
      for workers = 1, 3 do
        local s = make({ log_prob_batch = batch }, { output = ("batch%d.db"):format(workers), workers = workers })
        s:run(60)
        local lp, blobs = s:compute_log_prob { { 1, 2, 3 }, { 2, 0, 0 } }
        assert(lp[1] == -7 and lp[2] == -math.huge and blobs.side[1] == "right" and blobs.side[2] == "")
      end
    ]=])
    assert.equal(0, result.status, result.stderr)
    for workers = 1, 3 do
      assert.equal(helper.digest(dir:file("single.db")), helper.digest(dir:file(("batch%d.db"):format(workers))))
    end
  end)

  for _, case in ipairs {
    { "if thetas[i].x > 0.5 then error('bad luck') end out[i] = 0", "bad luck" },
    { "if thetas[i].x <= 0.5 then out[i] = 0 end", "log_prob returned nil" },
    { "out[i] = thetas[i].x > 0.5 and 0 / 0 or 0", "log_prob returned NaN" },
    { "out[i] = thetas[i].x > 0.5 and 'a' or 0", "log_prob returned a string" },
    { "out[i] = math.random()", "log_prob_batch cannot draw random numbers" },
    { "out[i] = ensemble.prior.normal(0, 1):draw()", "log_prob_batch cannot draw random numbers" },
  } do
    it("names the point that failed: " .. case[1], function()
      local result = dir:script(HEAD .. ([=[
        make({ blobs = {}, log_prob_batch = function(thetas, n, out)
          for i = 1, n do %s end
        end }, { start = { { 0, 0, 0 }, { 0.1, 1, 0 }, { 0.9, 0, 1 }, { 0, 2, 1 }, { 0.2, 1, 3 }, { 0.3, 3, 3 } },
          walkers = 6 }):last()
      ]=]):format(case[1]))
      assert.equal(1, result.status)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
      local walker = case[1]:find("thetas") and "walker 3: x = 0.9" or "walker 1: x = 0"
      assert.truthy(result.stderr:find("at the start, " .. walker, 1, true), result.stderr)
    end)
  end

  it("cannot be combined with log_prior", function()
    local result = dir:script(HEAD .. "make({ log_prob_batch = batch, log_prior = single })")
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("log_prob_batch and log_prior: log_prob_batch gives all of log_prob", 1, true))
  end)
end)
