-- Each move from a script: it samples its target, gives one chain for any number of workers and after a resume, and
-- reports wrong parameters. tests/unit/core/test_invariance.c tests the same moves exactly.
local helper = require "tests.spec.helper"

local LIMIT = dofile(helper.root .. "/tests/spec/move_targets.lua").LIMIT
local COMMON = ([[
local ensemble = require "ensemble"
local m, t = ensemble.moves, dofile(%q)
local function normal() return math.sqrt(-2 * math.log(1 - math.random())) * math.cos(2 * math.pi * math.random()) end
local function by_scale(x) -- the step's scale depends on x[1], so it is not symmetric
  local z, q = normal(), {}
  local before = 1 + x[1] * x[1]
  q[1] = x[1] + before * z
  local after = 1 + q[1] * q[1]
  for i = 2, #x do q[i] = x[i] + normal() end
  return q, math.log(before / after) + 0.5 * z * z - 0.5 * (before * z / after) ^ 2
end
]]):format(helper.root .. "/tests/spec/move_targets.lua")

local MOVES = {
  { "stretch", "m.stretch {}" },
  { "side", "m.side {}" },
  { "de", "m.de {}" },
  { "snooker", "m.snooker {}" },
  { "walk", "m.walk {}" },
  { "walk of 3", "m.walk { s = 3, c = 1 }" },
  { "kde", "m.kde {}" },
  { "gaussian", "m.gaussian { cov = t.covariance(NDIM) }" },
  { "gaussian in turn", "m.gaussian { cov = 2, mode = 'sequential', factor = 2 }" },
  { "gaussian at random", "m.gaussian { cov = 2, mode = 'random' }" },
  { "slice", "m.slice {}" },
  { "gaussian slice", "m.slice { direction = 'gaussian', mu = 0.5 }" },
  { "delayed stretch", "m.stretch { a = 5, delayed = 1.5 }" },
  { "delayed side", "m.side { sigma = 2, delayed = 0.5 }" },
  { "mh", "m.mh { proposal = by_scale }" },
  { "a mixture", "{ { m.de {}, 0.8 }, { m.snooker {}, 0.2 } }" },
}

describe(helper.name .. "'s move", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function run(text, options)
    local result = dir:script(COMMON .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  local function numbers(text)
    local list = {}
    for word in text:gmatch("%S+") do list[#list + 1] = tonumber(word) end
    return list
  end

  for _, case in ipairs(MOVES) do
    it(case[1] .. " samples correlated Gaussians #draws", function()
      for ndim, steps in pairs { [1] = 4000, [3] = 6000 } do
        local z = numbers(run(([[
          local NDIM, steps = %d, %d
          local target = t.gaussian(NDIM)
          for seed = 1, 2 do print(t.largest_z(t.sample(target, %s, 32, steps, seed), target, steps)) end
          ]]):format(ndim, steps, case[2])))
        for seed = 1, 2 do assert.is_true(z[seed] < LIMIT, ("%d-D, seed %d: z = %g"):format(ndim, seed, z[seed])) end
      end
    end)

    it(case[1] .. " samples a box with walls #draws", function()
      local z = numbers(run(([[
        local NDIM = 2
        print(t.largest_z(t.sample(t.box, %s, 32, 6000, 4), t.box, 6000))]]):format(case[2])))
      assert.is_true(z[1] < LIMIT, "z = " .. z[1])
    end)
  end

  -- emcee's own test of a move: 32 walkers from N(0, 1), no burn-in, and its limits.
  local NORMAL = [[
    local NDIM, steps = 1, %d
    -- Phi by its series: sum of x^(2k+1) / (1 3 5 ... (2k+1)).
    local function phi(x)
      if math.abs(x) > 6 then return x > 0 and 1 or 0 end
      local term, sum = x, x
      for k = 1, 100 do
        term = term * x * x / (2 * k + 1)
        sum = sum + term
      end
      return 0.5 + sum * math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    end
    local model = { parameters = { "x" }, log_prob = function(x) return -0.5 * x[1] * x[1] end }
    local sampler = t.sample({ model = model, center = { 0 }, spread = 1 }, %s, 32, steps, 5)
    local x = sampler:chain { flat = true }:col(1):totable()
    table.sort(x)
    local mean, square, ks = 0, 0, 0
    for i = 1, #x do
      mean, square = mean + x[i] / #x, square + x[i] * x[i] / #x
      if i %% 8 == 0 then ks = math.max(ks, math.abs(phi(x[i]) - i / #x)) end
    end
    local least, most = 1, 0
    for _, fraction in ipairs(sampler:acceptance_fraction()) do
      least, most = math.min(least, fraction), math.max(most, fraction)
    end
    print(mean, math.sqrt(square - mean * mean), ks, least, most)]]
  local normal_moves = { { "stretch", "m.stretch {}" }, { "de", "m.de {}" },
    { "de with gamma0 = 1", "m.de { gamma0 = 1 }" },
    { "snooker", "m.snooker {}", 4000 }, { "walk", "m.walk { s = 3, c = 1 }" }, { "kde", "m.kde {}" },
    { "side", "m.side {}" }, { "gaussian", "m.gaussian { cov = 0.5 }" },
    { "delayed stretch", "m.stretch { a = 4, delayed = 1.5 }" },
    { "mh", "m.mh { proposal = function(x) return { x[1] + 2 * normal() }, 0 end }" },
    { "gaussian with a factor of 5", "m.gaussian { cov = 0.5, factor = 5 }" } }
  for _, case in ipairs(normal_moves) do
    it(case[1] .. " passes emcee's test of a normal distribution #draws", function()
      local got = numbers(run(NORMAL:format(case[3] or 2000, case[2])))
      assert.is_true(math.abs(got[1]) < 0.08, "mean " .. got[1])
      assert.is_true(math.abs(got[2] - 1) < 0.05, "sd " .. got[2])
      assert.is_true(got[3] < 0.05, "Kolmogorov and Smirnov " .. got[3])
      assert.is_true(got[4] > 0.1 and got[5] < 0.9, ("acceptance from %g to %g"):format(got[4], got[5]))
    end)
  end

  ---------------------------------------------------------------------------------------------------------- the chain
  local CHAINS = [=[
local ensemble = require "ensemble"
local m = ensemble.moves
local moves = { m.stretch {}, m.side {}, m.de {}, m.snooker {}, m.walk {}, m.walk { s = 3 }, m.kde {},
  m.gaussian { cov = { { 1, 0.5 }, { 0.5, 2 } }, factor = 2 }, m.gaussian { cov = { 1, 2 }, mode = "random" },
  m.gaussian { cov = 1, mode = "sequential", factor = 3 },
  { m.slice {}, m.slice { direction = "gaussian" }, m.stretch { delayed = 1.3 }, m.side { delayed = 0.4 },
    m.mh { proposal = function(x) return { x = x.x + math.random() - 0.5, y = x[2] }, 0 end } },
  { { m.de {}, 0.8 }, { m.snooker {}, 0.2 }, { m.kde {}, 0.3 }, { m.gaussian { cov = 1, mode = "sequential" }, 0.5 } } }
local first, last, name, steps, pause = tonumber(arg[1]), tonumber(arg[2]), arg[3], tonumber(arg[4]), tonumber(arg[5])
for i = first, math.min(last, #moves) do
  local sampler = ensemble.run { model = { parameters = { "x", "y" }, log_prob = function(t)
      if pause > 0 then ensemble.sleep(pause * math.random()) end
      return -0.5 * (t[1] * t[1] + (t[2] - t[1]) * (t[2] - t[1]))
    end },
    start = ensemble.ball({ 0, 0 }, 1), walkers = 13, steps = steps, moves = moves[i], seed = 20 + i, quiet = true,
    output = name ~= "memory" and name .. i .. ".db" or nil }
  local chain = sampler:chain { flat = true }
  for d = 1, 2 do
    for _, x in ipairs(chain:col(d):totable()) do print(i, ("%.17g"):format(x)) end
  end
end]=]

  local function chains(options, ...)
    local call = { timeout = 120 }
    for _, option in ipairs(options) do call[#call + 1] = option end
    call[#call + 1] = "chains.lua"
    for _, word in ipairs { ... } do call[#call + 1] = word end
    dir:write("chains.lua", CHAINS)
    local result = dir:run(call)
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  it("gives the same chain for 1, 2 and 5 workers", function()
    local one = chains({ "--workers", 1 }, 1, 99, "memory", 20, 0.0004)
    assert.truthy(one:find("\n12\t"))
    for _, workers in ipairs { 2, 5 } do
      assert.is_true(one == chains({ "--workers", workers }, 1, 99, "memory", 20, 0.0004), workers .. " workers")
    end
  end)

  it("gives the chain of an uninterrupted run after a resume", function()
    local whole = chains({}, 8, 99, "memory", 40, 0)
    chains({}, 8, 99, "part", 17, 0)
    assert.is_true(whole == chains({}, 8, 99, "part", 40, 0))
    assert.equal("40", helper.sql(dir:file("part12.db"), "SELECT nstored FROM run")[1][1])
  end)

  it("of a mixture has its own counts, in a run, in its store and after a resume", function()
    dir:write("counted.lua", [[
      local ensemble = require "ensemble"
      local m = ensemble.moves
      local s = ensemble.run { model = { parameters = { "x" }, log_prob = function(x) return -x[1] * x[1] end },
        start = ensemble.ball({ 0 }, 1), steps = tonumber(arg[1]), thin_by = 3, tune = 20, seed = 1, quiet = true,
        moves = { { m.stretch {}, 3 }, m.gaussian { cov = 400 }, m.slice {} }, output = arg[2] }
      for _, move in ipairs(s:info().moves) do print(move.move, move.proposed, move.acceptance_fraction) end]])
    local function counted(...)
      local result = dir:run { "counted.lua", ... }
      assert.equal(0, result.status, result.stderr)
      return result.stdout
    end
    local whole = counted(1500)
    counted(700, "counted.db")
    assert.equal(whole, counted(1500, "counted.db"))
    local name, proposed, fraction, sum = {}, {}, {}, 0
    for move, count, accepted in whole:gmatch("(%a+)\t(%d+)%.?0?\t(%S+)") do
      name[#name + 1], proposed[#proposed + 1], fraction[#fraction + 1] = move, tonumber(count), tonumber(accepted)
      sum = sum + tonumber(count)
    end
    assert.same({ "stretch", "gaussian", "slice" }, name)
    assert.equal(1500 * 32, sum)
    assert.is_true(math.abs(proposed[1] / sum - 0.6) < 4 * math.sqrt(0.24 / 1500), "share " .. proposed[1] / sum)
    assert.equal(1, fraction[3])
    local json = dir:run({ "info", "--json", "counted.db" }).stdout
    local total = tonumber(json:match('"acceptance_fraction":([%d.e+-]+)'))
    local all = (proposed[1] * fraction[1] + proposed[2] * fraction[2] + proposed[3]) / sum
    assert.is_true(math.abs(total - all) < 1e-12, ("%g of all, %g of each"):format(total, all))
    local first = '"moves":[{"move":"stretch","weight":3,"proposed":' .. ("%.0f"):format(proposed[1])
    assert.truthy(json:find(first, 1, true), json)
    assert.truthy(dir:run({ "info", "counted.db" }).stdout:find("\n  slice       1.000 in %d+ proposals\n"))
  end)

  it("is tuned before the chain begins, and then fixed", function()
    local got = numbers(run [[
      local target = t.gaussian(3)
      for _, tune in ipairs { 0, 300 } do
        local s = ensemble.run { model = target.model, start = ensemble.ball(target.center, 1), steps = 500, seed = 1,
          tune = tune, moves = m.de { gamma0 = 30 }, quiet = true }
        local sum, fraction = 0, s:acceptance_fraction()
        for i = 1, #fraction do sum = sum + fraction[i] / #fraction end
        print((s:chain():shape()), sum, s:info().evaluations)
      end]])
    assert.same({ 500, 500 }, { got[1], got[4] })
    assert.is_true(got[2] < 0.06 and math.abs(got[5] - 0.25) < 0.06, ("acceptance %g, tuned %g"):format(got[2], got[5]))
    assert.same({ 32 * 501, 32 * 801 }, { got[3], got[6] })
  end)

  it("is in the store with its parameters", function()
    chains({}, 10, 99, "stored", 2, 0)
    local function moves(i) return helper.sql(dir:file("stored" .. i .. ".db"), "SELECT moves FROM run")[1][1] end
    assert.equal('[{"move":"gaussian","weight":1,"cov":1,"mode":"sequential","factor":3}]', moves(10))
    assert.equal('[{"move":"slice","weight":1,"mu":1,"direction":"differential","max_steps":100},'
      .. '{"move":"slice","weight":1,"mu":1,"direction":"gaussian","max_steps":100},'
      .. '{"move":"stretch","weight":1,"a":2,"delayed":1.3},{"move":"side","weight":1,"sigma":"auto","delayed":0.4},'
      .. '{"move":"mh","weight":1,"proposal":"?"}]', (moves(11):gsub('"proposal":"[^"]+"', '"proposal":"?"')
        :gsub("(%d%.%d)00000000+%d+", "%1"):gsub("0.40000000000000002", "0.4")))
    assert.equal('[{"move":"de","weight":0.80000000000000004,"gamma0":"auto","sigma":1.0000000000000001e-05,'
      .. '"jump":0.10000000000000001},{"move":"snooker","weight":0.20000000000000001,"gammas":1.7},'
      .. '{"move":"kde","weight":0.29999999999999999,"bw":"scott"},'
      .. '{"move":"gaussian","weight":0.5,"cov":1,"mode":"sequential","factor":1}]', moves(12))
    chains({}, 8, 9, "stored", 2, 0)
    assert.truthy(moves(8):find('"cov":[[1,0.5],[0.5,2]],"mode":"vector","factor":2', 1, true))
    assert.truthy(moves(9):find('"cov":[1,2],"mode":"random","factor":1', 1, true))
  end)

  it("is by default the best that the number of walkers allows", function()
    dir:write("default.lua", [[
      local ensemble = require "ensemble"
      for _, walkers in ipairs { 3, 4, 6, 32 } do
        for name, moves in pairs { best = false, emcee = "emcee" } do
          ensemble.run { model = { parameters = { "x" }, log_prob = function(x) return -x[1] * x[1] end }, seed = 1,
            walkers = walkers, steps = 3, start = ensemble.ball({ 0 }, 1), moves = moves or nil, quiet = true,
            output = name .. walkers .. ".db" }
        end
      end]])
    local result = dir:run { "default.lua" }
    assert.equal(0, result.status, result.stderr)
    local function moves(name)
      local text = helper.sql(dir:file(name .. ".db"), "SELECT moves FROM run")[1][1]
      return (text:gsub('"gamma0.-}', "}"):gsub("0000000+%d+", ""))
    end
    local stretch = '[{"move":"stretch","weight":1,"a":2}]'
    local both = '[{"move":"de","weight":0.8,},{"move":"snooker","weight":0.2,"gammas":1.7}]'
    assert.equal(stretch, moves("best3"))
    assert.equal('[{"move":"de","weight":1,}]', moves("best4"))
    assert.equal(both, moves("best6"))
    assert.equal(both, moves("best32"))
    for _, walkers in ipairs { 3, 4, 6, 32 } do assert.equal(stretch, moves("emcee" .. walkers)) end
  end)

  it("shows its parameters as a script writes them", function()
    assert.equal([[
ensemble.moves.walk { s = 'all', c = 'auto' }
ensemble.moves.gaussian { cov = { { 1, 0 }, { 0, 2 } }, mode = 'vector', factor = 1 }
]], run [[
      print(m.walk {})
      print(m.gaussian { cov = ensemble.array { { 1, 0 }, { 0, 2 } } })]])
  end)

  ------------------------------------------------------------------------------------------------------------- errors
  local cov = "give a variance above 0, a list of one for each parameter, or a covariance matrix as a list of its rows"
  local function too_few(name, needed, have, walkers, wanted)
    return ("move '%s' needs %d walkers to propose from, and a walker has only %d of the %d outside its own set: give "
      .. "at least %d walkers"):format(name, needed, have, walkers, wanted)
  end
  local bad = { -- a move for two parameters and 4 walkers; message
    { "m.walk { s = 2.5 }",
      "move 'walk': parameter 's' is 2.5: give a whole number of at least 2 and at most 1000000, or 'all'" },
    { "m.walk { s = 'al' }",
      "move 'walk': parameter 's' is 'al': give a whole number of at least 2 and at most 1000000, or 'all'" },
    { "m.walk { c = 0 }", "move 'walk': parameter 'c' is 0: give a number above 0 and at most 1000000, or 'auto'" },
    { "m.side { sigma = -1 }",
      "move 'side': parameter 'sigma' is -1: give a number above 0 and at most 1000000, or 'auto'" },
    { "m.de { jump = 2 }", "move 'de': parameter 'jump' is 2: give a number of at least 0 and at most 1" },
    { "m.de { gamma = 2 }", "move 'de': unknown parameter 'gamma': did you mean 'gamma0'?" },
    { "m.snooker { gammas = 0 / 0 }",
      "move 'snooker': parameter 'gammas' is nan: give a number above 0 and at most 1000000" },
    { "m.kde { bw = 'scot' }",
      "move 'kde': parameter 'bw' is 'scot': give a number above 0 and at most 1000000, or 'scott' or 'silverman'" },
    { "m.kde(3)", "move 'kde' is called with 3: give its parameters in a table, e.g. { bw = 'scott' }" },
    { "m.gaussian(0.5)", "move 'gaussian' is called with 0.5: give its parameters in a table, e.g. { cov = 1 }" },
    { "m.gaussian {}", "move 'gaussian': parameter 'cov' is missing: " .. cov },
    { "m.gaussian { cov = -1 }", "move 'gaussian': parameter 'cov' is -1: " .. cov },
    { "m.gaussian { cov = { 1, 0 } }", "move 'gaussian': parameter 'cov' is a table: " .. cov },
    { "m.gaussian { cov = { { 1, 2 }, { 3 } } }", "move 'gaussian': parameter 'cov' is a table: " .. cov },
    { "m.gaussian { cov = 1, mode = 'sequental' }", "move 'gaussian': parameter 'mode' is 'sequental': give 'vector', "
      .. "'random' or 'sequential' (did you mean 'sequential'?)" },
    { "m.gaussian { cov = 1, factor = 0.5 }",
      "move 'gaussian': parameter 'factor' is 0.5: give a number of at least 1 and at most 1000000" },
    { "m.gaussian { cov = { 1, 2, 3 } }", "move 'gaussian': cov is for 3 parameters, the model has 2" },
    { "m.gaussian { cov = { { 1, 2 }, { 2, 1 } } }", "move 'gaussian': cov is not positive definite" },
    { "m.gaussian { cov = { { 1, 2 }, { 3, 1 } } }",
      "move 'gaussian': cov is not symmetric: [1][2] is 2, [2][1] is 3" },
    { "m.gaussian { cov = { { 1, 0 }, { 0, 1 } }, mode = 'random' }",
      "move 'gaussian': cov is a full matrix, which moves all dimensions: the mode must be 'vector'" },
    { "m.stretch { delayed = 2 }", "move 'stretch': delayed is 2: it must be below a, which is 2" },
    { "m.slice { direction = 'any' }",
      "move 'slice': parameter 'direction' is 'any': give 'differential' or 'gaussian'" },
    { "m.mh {}", "move 'mh': parameter 'proposal' is nil: give a function of a position that returns the proposed "
      .. "position and the log of the Hastings factor" },
    { "m.mh { proposal = 3 }", "move 'mh': parameter 'proposal' is 3: give a function of a position that returns the "
      .. "proposed position and the log of the Hastings factor" },
    { "m.mh { propose = print }", "move 'mh': unknown parameter 'propose': did you mean 'proposal'?" },
    { "m.snooker {}", too_few("snooker", 3, 2, 4, 6) },
    { "m.kde {}", too_few("kde", 3, 2, 4, 6) },
    { "{ m.de {}, m.walk { s = 4 } }", too_few("walk", 4, 2, 4, 8) },
    { "{ { m.de {}, 1 }, { m.side {}, -1 } }", "field 'moves': entry 2: the weight is -1: give a number above 0" },
    { "{ { m.de {}, 1 / 0 } }", "field 'moves': entry 1: the weight is inf: give a number above 0" },
    { "{ { m.de {}, 1e308 }, { m.side {}, 1e308 } }",
      "the weights of the moves are too large: their sum is infinite" },
  }
  for _, case in ipairs(bad) do
    it("gives an error as " .. case[1], function()
      local result = dir:script(([[
local ensemble = require "ensemble"
local m = ensemble.moves
ensemble.run { model = { parameters = { "x", "y" }, log_prob = function() error("not yet") end }, walkers = 4,
  steps = 1, start = ensemble.ball({ 0, 0 }, 1), quiet = true, moves =
    %s }]]):format(case[1]))
      assert.equal(2, result.status, result.stderr)
      assert.equal("ensemble-lua: run.lua:", result.stderr:sub(1, 22))
      assert.equal(case[2], result.stderr:match("^ensemble%-lua: run%.lua:%d+: ([^\n]*)"))
    end)
  end

  -- Body of a proposal function; the message; the place.
  local wrong = {
    { "return x", "the proposal returned nothing after the position: it must be the log of the Hastings factor, 0 for "
      .. "a symmetric proposal", "run.lua:2: " },
    { "return 5, 0", "the proposal returned 5: it must return the proposed position, a table, and the log of the "
      .. "Hastings factor, a number", "run.lua:2: " },
    { "return { 1, 0 / 0 }, 0", "the proposal returned a position whose 'y' is nan: it must be a finite number",
      "run.lua:2: " },
    { "return { x = 1 }, 0", "the proposal returned a position whose 'y' is nothing: it must be a finite number",
      "run.lua:2: " },
    { "x.z = 1", "a position has no 'z': the parameters are x, y", "run.lua:3: " },
    { "error 'no idea'", "no idea", "run.lua:3: " },
  }
  for _, case in ipairs(wrong) do
    it("mh reports the error of a proposal with body " .. case[1], function()
      for workers = 1, 2 do
        local result = dir:script(([[
local ensemble = require "ensemble"
local function proposal(x)
  %s
end
ensemble.run { model = { parameters = { "x", "y" }, log_prob = function() return 0 end }, walkers = 4, workers = %d,
  steps = 5, seed = 1, start = ensemble.ball({ 0, 0 }, 1), quiet = true,
  moves = ensemble.moves.mh { proposal = proposal } }
]]):format(case[1], workers))
        assert.equal(1, result.status)
        local first, second = result.stderr:match("^([^\n]*)\n([^\n]*)")
        assert.equal("ensemble-lua: " .. case[3] .. case[2], first)
        assert.truthy(second:find("^  at step 1, walker %d: x = "), second)
      end
    end)
  end

  it("mh copies a proposal and the globals that share its captured values", function()
    local result = dir:script [[
local ensemble = require "ensemble"
G = {}
local g, n = G, 0
function count() n = n + 1 end
local function proposal(x)
  local before = n
  count()
  assert(g == G and n == before + 1)
  return { x[1] + math.random() - 0.5 }, 0
end
ensemble.run { model = { ndim = 1, log_prob = function() return 0 end }, walkers = 4, steps = 5, seed = 1, quiet = true,
  start = ensemble.ball({ 0 }, 1), moves = ensemble.moves.mh { proposal = proposal } }
]]
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  it("mh rejects proposals whose function raises an error if on_error is 'reject'", function()
    local got = numbers(run [[
      local s = ensemble.run { model = t.gaussian(2).model, start = ensemble.ball({ 1, 2 }, 1), steps = 300, seed = 3,
        quiet = true, on_error = "reject", workers = 2, moves = m.mh { proposal = function(x)
          if math.random() < 0.2 then error "not now" end
          return { x[1] + normal(), x[2] + normal() }, 0
        end } }
      print(s:info().errors, (s:chain():shape()))]])
    assert.is_true(math.abs(got[1] - 0.2 * 9600) < 4 * math.sqrt(0.16 * 9600), "errors: " .. got[1])
    assert.equal(300, got[2])
  end)
end)
