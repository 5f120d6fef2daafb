-- Bounds, periodic parameters and groups of parameters in a model's declaration. See docs/reference/model.md.
local helper = require "tests.spec.helper"

local HEAD = [=[
local ensemble = require "ensemble"
local TURN = 2 * math.pi
local function sampler(fields, model)
  local config = { model = model, start = ensemble.ball(model.center, 0.4), walkers = 12, seed = 3, quiet = true }
  for name, value in pairs(fields or {}) do config[name] = value end
  return ensemble.sampler(config)
end
local function same(a, b)
  if type(a) ~= "table" then return assert(a == b, tostring(a) .. ", not " .. tostring(b)) end
  assert(#a == #b)
  for i = 1, #a do same(a[i], b[i]) end
end
]=]

describe(helper.name .. "'s parameters", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function passes(text, options)
    local result = dir:script(HEAD .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result
  end

  it("are never evaluated beyond their bounds, and give the chain of a model that returns -inf there", function()
    passes [=[
      local calls = 0
      local function inside(t) return t.x >= 0 and t.x <= 2 and t.y >= -0.5 end
      local function density(t) return -t.x - 0.5 * t.y ^ 2 end
      local function bounded(t) assert(inside(t)); return density(t) end
      local function refusing(t) return inside(t) and density(t) or -math.huge end
      for _, moves in ipairs { "emcee", { ensemble.moves.de {} }, { ensemble.moves.snooker {} } } do
        for workers = 1, 3 do
          local one = sampler({ moves = moves, workers = workers }, { parameters = { "x", "y" }, center = { 1, 0 },
            bounds = { x = { 0, 2 }, y = { -0.5, nil } }, log_prob = bounded })
          local other = sampler({ moves = moves }, { parameters = { "x", "y" }, center = { 1, 0 },
            log_prob = refusing })
          one:run(100); other:run(100)
          same(other:chain():totable(), one:chain():totable())
          assert(one:info().evaluations < other:info().evaluations, "evaluations")
          local chain = one:chain { flat = true }:totable()
          for i = 1, #chain do assert(inside { x = chain[i][1], y = chain[i][2] }) end
        end
      end
    ]=]
  end)

  it("that are periodic have a summary around their mean direction, from memory and from a store", function()
    local text = [=[
      local model = { parameters = { "x", "phi" }, center = { 0, 6 }, periodic = { phi = { 0, TURN } },
        log_prob = function(t) return -0.5 * t.x ^ 2 + 4 * math.cos(t.phi - 0.1) end }
      local s = sampler({ output = arg[1], walkers = 32, seed = 11 }, model)
      s:run(3000)
      local low, high = math.huge, -math.huge
      for _, x in ipairs(s:chain { flat = true, thin = 10 }:col(2):totable()) do
        low, high = math.min(low, x), math.max(high, x)
      end
      assert(low >= 0 and low < 0.1 and high > TURN - 0.1 and high < TURN) -- the mode is at the circle's seam
      local sum, squares = 0, 0 -- for the sd of phi - 0.1 on a line
      for i = -10000, 10000 do
        local phi = math.pi * i / 10000
        local w = math.exp(4 * math.cos(phi))
        sum, squares = sum + w, squares + w * phi * phi
      end
      local sd, phi = math.sqrt(squares / sum), s:summary().parameters.phi
      assert(math.abs(phi.mean - 0.1) < 4 * phi.mcse_mean, phi.mean)
      assert(math.abs(phi.sd - sd) < 4 * sd / math.sqrt(2 * phi.ess_tail), phi.sd)
      assert(math.abs(phi.q16 - (0.1 - sd)) < 0.1 and math.abs(phi.q84 - (0.1 + sd)) < 0.1)
      print(s:summary())]=]
    local memory, stored = passes(text), passes(text, { "phi.db" })
    assert.equal(memory.stdout, stored.stdout)
    local summary = dir:run { "summary", "phi.db" }
    assert.equal(memory.stdout, summary.stdout, summary.stderr)
  end)

  it("that are periodic have the autocorrelation time of their cosine or sine, which have no seam", function()
    local result = dir:script(HEAD .. [=[
      local s = sampler({ walkers = 32, seed = 11, moves = "emcee",
        ["until"] = { tau = 1000, max_steps = 4000 } },
        { parameters = { "phi" }, center = { 0 }, periodic = { phi = { 0, TURN } },
          log_prob = function(t) return 4 * math.cos(t.phi) end })
      s:run()
      local found = s:autocorr_time({ discard = 200 }).phi
      local chain = s:chain({ discard = 200 }):totable()
      local function time(of)
        local series = {}
        for t, walkers in ipairs(chain) do
          series[t] = {}
          for w, position in ipairs(walkers) do series[t][w] = of(position[1]) end
        end
        return ensemble.autocorr.integrated_time(series, { quiet = true })[1]
      end
      local known = math.max(time(math.cos), time(math.sin))
      assert(math.abs(found / known - 1) < 1e-9, found .. ", not " .. known)
      assert(known > 1.15 * time(function(phi) return phi end)) -- jumps across the seam shorten the time
      print(known)]=])
    local known = tonumber(result.stdout)
    local length = result.stderr:match("the chain is ([%d.]+) times the autocorrelation time of 'phi'")
    assert.near(1, 4000 / length / known, 0.1)
  end)

  it("that are periodic are kept in their interval, before the model is called and in the chain", function()
    local result = passes [=[
      local function model(low)
        return { parameters = { "x", "phi" }, center = { 0, low }, periodic = { phi = { low, low + TURN } },
          log_prob = function(t)
            assert(t.phi >= low and t.phi < low + TURN)
            return 2 * math.cos(t.phi - 1) - 0.5 * (t.x - math.sin(t.phi)) ^ 2
          end }
      end
      local lists = { default = nil, emcee = "emcee", side = ensemble.moves.side {}, walk = ensemble.moves.walk {},
        kde = ensemble.moves.kde {}, snooker = ensemble.moves.snooker {},
        gaussian = ensemble.moves.gaussian { cov = 1 } }
      for _, name in ipairs { "default", "emcee", "side", "walk", "kde", "snooker", "gaussian" } do
        local s = sampler({ moves = lists[name], walkers = 32, workers = 2, seed = 11 }, model(1.2))
        s:run(1500)
        local chain, c, n = s:chain { flat = true, discard = 200 }:totable(), 0, 0
        for i = 1, #chain do
          assert(chain[i][2] >= 1.2 and chain[i][2] < 1.2 + TURN)
          c, n = c + math.cos(chain[i][2] - 1), n + 1
        end
        print(name, c / n)
      end
      local s = sampler({}, model(0))
      local last = s:last().coords:totable()
      local below = 0
      for i = 1, 12 do assert(last[i][2] >= 0 and last[i][2] < TURN) end
      local lp = s:compute_log_prob { { 0, 1 }, { 0, 1 + TURN }, { 0, 1 - 3 * TURN } }
      assert(math.abs(lp[1] - lp[2]) < 1e-12 and math.abs(lp[1] - lp[3]) < 1e-12)
    ]=]
    -- The mean of the cosine is I1(2) / I0(2). tau is at most about 30 steps of 32 walkers, so 0.02 is at least five
    -- standard errors.
    for name, mean in result.stdout:gmatch("(%S+)%s+(%S+)\n") do
      assert.is_true(math.abs(tonumber(mean) - 0.697775) < 0.03, name .. ": " .. mean)
    end
  end)

  it("in groups are a list under the group's name, and its bounds and priors hold for each member", function()
    local result = passes [=[
      local kept
      local model = { parameters = { "m", { "beta", 3 }, "s" }, center = { m = 0, beta = { 1, 2, 3 }, s = 1 },
        bounds = { beta = { 0, 5 }, s = { 0, nil } }, blobs = { "sum" },
        log_prob = function(t)
          kept = kept or t.beta
          assert(t.beta == kept and #t.beta == 3 and t.m == t[1] and t.s == t[5])
          for k = 1, 3 do assert(t.beta[k] == t[1 + k] and t.beta[k] >= 0 and t.beta[k] <= 5) end
          return -0.5 * (t.m ^ 2 + t.beta[1] ^ 2 + (t.beta[2] - 2) ^ 2 + t.beta[3] ^ 2 + t.s ^ 2),
            t.beta[1] + t.beta[2] + t.beta[3]
        end }
      local s = sampler({ output = "run.db" }, model)
      s:run(50)
      same({ "m", "beta[1]", "beta[2]", "beta[3]", "s" }, s:info().parameters)
      assert(s:summary().parameters["beta[2]"].mean > 0 and s:autocorr_time()["beta[3]"] > 0)
      local chain, sum = s:chain { flat = true }:totable(), s:blobs { flat = true }.sum
      for i = 1, #chain do assert(sum[i] == chain[i][2] + chain[i][3] + chain[i][4]) end
      local other = ensemble.sampler { seed = 1, quiet = true, model = { parameters = { { "w", 2 }, "z" },
        priors = { w = ensemble.prior.uniform(0, 1), z = ensemble.prior.normal(0, 1) },
        log_likelihood = function(t) assert(t.w[1] > 0 and t.w[2] < 1); return 0 end } }
      other:run(20)
      same({ "w[1]", "w[2]", "z" }, other:info().parameters)
    ]=]
    assert.equal("", result.stdout)
    assert.same({ { "beta[1]" } }, helper.sql(dir:file("run.db"), "SELECT name FROM param WHERE idx = 1"))
  end)

  it("in groups are one entry each in the center and the spread of a ball", function()
    passes [=[
      local names = { "m", { "beta", 3 }, "s", { "one", 1 } }
      local function begins(center, spread)
        local s = ensemble.sampler { model = { parameters = names, log_prob = function() return 0 end },
          start = ensemble.ball(center, spread), walkers = 400, seed = 1, quiet = true }
        local first, mean, off = s:last().coords:totable(), {}, {}
        for d = 1, 6 do
          mean[d], off[d] = 0, 0
          for k = 1, 400 do mean[d] = mean[d] + first[k][d] / 400 end
          for k = 1, 400 do off[d] = off[d] + (first[k][d] - mean[d]) ^ 2 / 400 end
        end
        return mean, off
      end
      local function check(center, spread, means, spreads)
        local mean, off = begins(center, spread)
        for d = 1, 6 do -- five standard errors
          assert(math.abs(mean[d] - means[d]) < 5 * spreads[d] / 20, d)
          assert(math.abs(off[d] / spreads[d] ^ 2 - 1) < 5 * math.sqrt(2 / 400), d)
        end
      end
      local array = ensemble.array
      check({ 1, 2, 3, 4 }, { 0.1, 1, 0.2, 2 }, { 1, 2, 2, 2, 3, 4 }, { 0.1, 1, 1, 1, 0.2, 2 })
      check({ m = 1, beta = 2, s = 3, one = 4 }, { m = 1, beta = 0.5, s = 1, one = 1 }, { 1, 2, 2, 2, 3, 4 },
        { 1, 0.5, 0.5, 0.5, 1, 1 })
      check({ 1, { 7, 8, 9 }, 3, { 4 } }, { 1, array { 1, 2, 3 }, 1, 1 }, { 1, 7, 8, 9, 3, 4 }, { 1, 1, 2, 3, 1, 1 })
      check({ m = 1, beta = array { 7, 8, 9 }, s = 3, one = { 4 } }, 0.5, { 1, 7, 8, 9, 3, 4 },
        { 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 })
      check({ 1, 7, 8, 9, 3, 4 }, { m = 1, ["beta[1]"] = 1, ["beta[2]"] = 2, ["beta[3]"] = 3, s = 1, one = 1 },
        { 1, 7, 8, 9, 3, 4 }, { 1, 1, 2, 3, 1, 1 })
    ]=]
  end)

  it("in groups may be lists in positions, but not one number for the whole group", function()
    passes [=[
      local s = ensemble.sampler { model = { parameters = { "m", { "beta", 2 } }, center = { 0, 0 },
        log_prob = function(t) return t.m + 10 * t.beta[1] + 100 * t.beta[2] end }, start = ensemble.ball({ 0, 0 }, 1),
        walkers = 8, seed = 1, quiet = true }
      same({ 321, 321, 321 },
        s:compute_log_prob({ { 1, 2, 3 }, { 1, { 2, 3 } }, { m = 1, beta = { 2, 3 } } }):totable())
      for _, row in ipairs { { 1, 2 }, { m = 1, beta = 2 } } do
        local fine, message = pcall(s.compute_log_prob, s, { row })
        assert(not fine and tostring(message):find("compute_log_prob: walker 1", 1, true), tostring(message))
      end
    ]=]
  end)

  local group = "'beta', a group of 3 numbers: give a list of 3, or one number for each"
  for _, case in ipairs {
    { "{ m = 0, beta = { 0, 0 } }, 1", "the ball's center: 2 numbers for " .. group },
    { "{ 0, { 0 } }, 1", "the ball's center: 1 number for " .. group },
    { "{ 0, 0 }, { m = 1, beta = { 1, 1, 1, 1 } }", "the ball's spread: 4 numbers for " .. group },
    { "{ 0, 0, 0 }, 1", "the ball's center has 3 numbers, the model has 4 parameters: m, beta (3 numbers)" },
    { "{ m = 0 }, 1", "the ball's center lacks parameter 'beta[1]': give all of m, beta (3 numbers)" },
    { "{ m = 0, bta = 0 }, 1", "the ball's center has 'bta', which is no parameter: did you mean 'beta'?" },
    { "{ m = 0, beta = 0, ['beta[2]'] = 0 }, 1",
      "the ball's center has 'beta[2]' twice: by its name and by its group's" },
    { "{ { 0 }, 0 }, 1", "the ball's center: m is a table: give a number" },
    { "{ 0, 'a' }, 1", "the ball's center: beta[1] is 'a': give a number" },
    { "{ 0, 0 }, { 1, -1 }", "the ball's spread is -1 for beta[1]: give a number above 0" },
  } do
    it("do not allow ensemble.ball(" .. case[1] .. ")", function()
      local result = dir:script(([[
        local model = { parameters = { "m", { "beta", 3 } }, log_prob = function() return 0 end }
        local ensemble = require "ensemble"
        ensemble.sampler { model = model, start = ensemble.ball(%s) }
      ]]):format(case[1]))
      assert.equal(2, result.status, result.stderr)
      local wanted = "run.lua:3: field 'start': " .. case[2]
      assert.equal(wanted, result.stderr:match(": (run.lua:3: [^\n]*)"))
    end)
  end

  it("that start beyond their bounds are drawn again, or named in a warning if the script gave them", function()
    local result = passes [=[
      local model = { parameters = { "x", "y" }, center = { 0, 0 }, bounds = { x = { 0, nil } },
        log_prob = function(t) assert(t.x >= 0); return -t.x - t.y ^ 2 end }
      local s = sampler({}, model)
      local first = s:last().coords:totable()
      for i = 1, 12 do assert(first[i][1] >= 0) end
      assert(s:info().evaluations == 12) -- no draw beyond the bounds was evaluated
      local given = {}
      for i = 1, 12 do given[i] = { i == 5 and -1 or i / 10, i * i / 50 } end
      local other = sampler({ start = given }, model)
      assert(other:last().log_prob[5] == -math.huge and other:info().evaluations == 11)
      same(given, other:last().coords:totable())
    ]=]
    assert.truthy(result.stderr:find("warning: log_prob is -inf at the start of 1 of 12 walkers (5): they may never "
      .. "move", 1, true), result.stderr)
  end)

  it("with other bounds do not resume a stored run", function()
    local text = [=[
      sampler({ output = "run.db" }, { parameters = { "x" }, center = { 0 }, %s,
        log_prob = function(t) return -t.x * t.x end }):run(5)
    ]=]
    passes(text:format("bounds = { x = { -4, 4 } }"))
    passes(text:format("bounds = { x = { -4, 4 } }"))
    for _, other in ipairs { "bounds = { x = { -4, 5 } }", "periodic = { x = { -4, 4 } }", "bounds = nil" } do
      local result = dir:script(HEAD .. text:format(other))
      assert.equal(2, result.status)
      assert.truthy(result.stderr:find("the bounds or the periodic parameters have changed", 1, true), result.stderr)
    end
  end)

  local bounds = ": give { low, high }, or { 0, nil } for one bound only"
  local period = ": give { low, high }, like { 0, 2 * math.pi }: the value at high is that at low"
  for _, case in ipairs {
    { "bounds = 3", "field 'bounds' is 3: give bounds = { m = { -5, 5 }, ... }" },
    { "bounds = { xx = { 0, 1 } }", "field 'bounds' has 'xx', which is no parameter" },
    { "bounds = { x = 3 }", "bounds.x is 3" .. bounds },
    { "bounds = { x = { 0, 1, 2 } }", "bounds.x has the key 3" .. bounds },
    { "bounds = { x = { min = 0 } }", "bounds.x has the key the string 'min'" .. bounds },
    { "bounds = { x = { 'a' } }", "bounds.x has the end the string 'a': give a number" },
    { "bounds = { x = { 0, 0 / 0 } }", "bounds.x has the end " },
    { "bounds = { x = { 2, 1 } }", "bounds.x is { 2, 1 }: the first must be less than the second" },
    { "periodic = { x = { 0 } }", "periodic.x has no end" .. period },
    { "periodic = { x = { 0, math.huge } }", "periodic.x has no end" .. period },
    { "periodic = { x = { 0, 1 } }, bounds = { x = { 0, 1 } }", "parameter 'x' is in bounds and in periodic: give one "
      .. "of them, a periodic parameter is always within its interval" },
    { "bounds = { w = { 0, 1 }, ['w[2]'] = { 0, 2 } }",
      "field 'bounds' has 'w[2]' twice: by its name and by its group's" },
    { "parameters = { 'x', { 'w', 0 } }", "parameters[2] is a table: a group of 3 parameters is { \"beta\", 3 }" },
    { "parameters = { { 'w', 2, 3 } }", "parameters[1] is a table: a group of 3 parameters is { \"beta\", 3 }" },
    { "parameters = { 'w', { 'w', 2 } }", "field 'parameters' has the name 'w' twice" },
    { "parameters = { 'w[1]', { 'w', 2 } }", "field 'parameters' has the name 'w[1]' twice" },
    { "parameters = { 'x', 7 }", "parameters[2] is 7: it must be a name" },
  } do
    it("do not allow " .. case[1], function()
      local result = dir:script(([[
        local model = { %s, log_prob = function() return 0 end }
        model.parameters = model.parameters or { "x", { "w", 2 } }
        require("ensemble").sampler { model = model, start = {} }
      ]]):format(case[1]))
      assert.equal(2, result.status)
      local wanted = "run.lua:3: inline model: " .. case[2]
      assert.equal(wanted, result.stderr:match(": (run.lua:3: [^\n]*)"):sub(1, #wanted))
    end)
  end
end)
