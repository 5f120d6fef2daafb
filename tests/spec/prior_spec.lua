-- Densities, priors and starts from priors, in scripts and in models. See docs/reference/priors.md. test_dist.c has the
-- numbers; these specs test arguments, results and messages.
local helper = require "tests.spec.helper"

local HEAD = 'local ensemble = require "ensemble"\nlocal prior, dist = ensemble.prior, ensemble.dist\n'

describe(helper.name .. " has densities:", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function prints(code, expected)
    local result = dir:script(HEAD .. code)
    assert.are.equal("", result.stderr)
    assert.are.equal(expected, result.stdout)
    assert.are.equal(0, result.status)
  end

  -- Checks the message of an error in line 3 of the script, and the exit status.
  local function fails(code, status, message)
    local result = dir:script(HEAD .. code)
    assert.truthy(result.stderr:find("ensemble-lua: run.lua:3: " .. message, 1, true), result.stderr)
    assert.are.equal(status, result.status)
  end

  it("numbers, arrays, lists and columns give the same sum", function()
    dir:write("d.csv", "y,s\n1,0.5\n2,1\n4,2\n")
    prints([[
local function same(a, b) assert(math.abs(a - b) < 1e-13, a .. ' is not ' .. b) end
local y, s = { 1, 2, 4 }, { 0.5, 1, 2 }
local sum = 0
for i = 1, 3 do sum = sum + dist.normal_lpdf(y[i], 3, s[i]) end
same(dist.normal_lpdf(y, 3, s), sum)
same(dist.normal_lpdf(ensemble.array(y), 3, ensemble.array(s)), sum)
same(dist.normal_lpdf(ensemble.array(y), 3, s), sum)
local d = ensemble.read_csv("d.csv")
same(dist.normal_lpdf(d.y, 3, d.s), sum)
same(dist.normal_lpdf(3, y, s), sum)
local both = ensemble.array { { 1, 0.5 }, { 2, 1 }, { 4, 2 } }
same(dist.normal_lpdf(both:col(1), 3, both:col(2)), sum)
same(dist.normal_lpdf(0, 0, 1), -0.5 * math.log(2 * math.pi))
same(dist.poisson_lpmf({ 0, 1 }, 2), -4 + math.log(2))
same(prior.normal(3, 1):lpdf(y), dist.normal_lpdf(y, 3, 1))
assert(dist.normal_lpdf({}, 0, 1) == 0)
]], "")
  end)

  it("values outside the support give -inf, and NaN stays NaN", function()
    prints([[
local inf, nan = math.huge, 0 / 0
assert(dist.uniform_lpdf(2, 0, 1) == -inf and dist.uniform_lpdf({ 0.5, 2, 0.5 }, 0, 1) == -inf)
assert(dist.normal_lpdf(inf, 0, 1) == -inf and dist.poisson_lpmf(1.5, 2) == -inf)
local function is_nan(x) assert(x ~= x, x) end
is_nan(dist.normal_lpdf(nan, 0, 1)) is_nan(dist.normal_lpdf(0, nan, 1))
is_nan(dist.normal_lpdf({ 0, 1 }, { 0, nan }, 1))
is_nan(dist.uniform_lpdf({ 2, nan }, 0, 1))
assert(dist.gamma_lpdf({ 0, -1 }, 0.5, 1) == -inf) -- one value at the pole, one outside the support
]], "")
  end)

  it("every distribution has a density, a prior and a draw in its support", function()
    prints([[
local made = {}
for name, density in pairs(dist) do
  local base, n = name:match("^(.*)_lp[dm]f$"), 0
  local _, message = pcall(density)
  for _ in (message:match("%((.-)%)") or ""):gmatch("[^,]+") do n = n + 1 end
  if n > 0 then
    local p = { 0.5, 0.75, 1, 2 }
    if base == "binomial" then p[1] = 5 end
    for i = n, 4 do p[i] = nil end
    local object = prior[base]((table.unpack or unpack)(p))
    local x = object:draw()
    assert(object(x) > -math.huge and object(x) == object:lpdf(x), base)
    assert(object(x) == density(x, (table.unpack or unpack)(p)), base)
    made[#made + 1] = base
  end
end
assert(#made == 27, #made)
]], "")
  end)

  it("distributions of vectors", function()
    prints([[
local p = prior.multi_normal({ 1, 2 }, { { 4, 1 }, { 1, 2 } })
local x = { 2, 0 }
local det = 4 * 2 - 1
local form = (2 * 1 - 2 * 1 * 1 * -2 + 4 * 4) / det
local exact = -math.log(2 * math.pi) - math.log(det) / 2 - form / 2
assert(math.abs(p:lpdf(x) - exact) < 1e-12 and p(ensemble.array(x)) == p(x))
assert(dist.multi_normal_lpdf(x, { 1, 2 }, ensemble.array { { 4, 1 }, { 1, 2 } }) == p(x))
assert(#p:draw() == 2)
local d = prior.dirichlet { 1, 1, 1 }
assert(math.abs(d:lpdf { 0.2, 0.3, 0.5 } - math.log(2)) < 1e-12 and d { 0.5, 0.5, 0.5 } == -math.huge)
assert(d(d:draw()) > -math.huge)
]], "")
  end)

  it("a prior prints itself", function()
    prints("print(prior.uniform(-5, 5), prior.truncated_normal(0, 1.5, 2, math.huge), prior.dirichlet { 1, 2 })",
      "prior.uniform(-5, 5)\tprior.truncated_normal(0, 1.5, 2, inf)\tprior.dirichlet(1, 2)\n")
  end)

  it("print(prior) and print(dist) list the distributions", function()
    local result = dir:script(HEAD .. "print(prior) print(dist)")
    assert.truthy(result.stdout:find("\nprior.uniform(low, high): numbers from 'low' to 'high'\n", 1, true))
    assert.truthy(result.stdout:find("\ndist.poisson_lpmf(x, rate): whole numbers from 0 on\n", 1, true))
    assert.are.equal(59, select(2, result.stdout:gsub("\n", "")))
  end)

  it("draws repeat after math.randomseed", function()
    prints([[
local function three() math.randomseed(5) local p = prior.normal(0, 1) return { p:draw(), p:draw(), p:draw() } end
local a, b = three(), three()
assert(a[1] == b[1] and a[3] == b[3] and a[1] ~= a[2] and a[2] ~= a[3])
]], "")
  end)

  local wrong = {
    { "local x = dist.normal_lpdf(1, 2)", "normal_lpdf takes 3 arguments (x, mu, sigma), not 2" },
    { "local x = dist.normal_lpdf(1, 2, 3, 4)", "normal_lpdf takes 3 arguments (x, mu, sigma), not 4" },
    { "local x = dist.normal_lpdf(1, 2, 0)", "normal_lpdf: sigma is 0: give a finite number above 0" },
    { "local x = dist.normal_lpdf({ 1, 2 }, 0, { 1, -1 })", "normal_lpdf: sigma is -1: give a finite number above 0" },
    { "local x = dist.uniform_lpdf(0, 1, 1)", "uniform_lpdf: high is 1: give a number above low, which is 1" },
    { "local x = dist.binomial_lpmf(0, 1.5, 0.5)", "binomial_lpmf: n is 1.5: give a whole number of at least 0" },
    { "local x = dist.bernoulli_lpmf(0, 1.5)", "bernoulli_lpmf: p is 1.5: give a number from 0 to 1" },
    { "local x = dist.normal_lpdf({ 1, 2 }, { 1, 2, 3 }, 1)",
      "normal_lpdf: x has 2 elements, mu has 3: arrays must have the same length" },
    { "local x = dist.normal_lpdf({ 1, 'a' }, 0, 1)", "normal_lpdf: x[2] is a string: a list may hold numbers only" },
    { "local x = dist.normal_lpdf('1', 0, 1)", "normal_lpdf: x is a string: give a number, an array or a list" },
    { "local x = dist.normal_lpdf(1, nil, 1)", "normal_lpdf: mu is nil: give a number, an array or a list" },
    { "local x = dist.normal_lpdf(ensemble.array { { 1 } }, 0, 1)",
      "normal_lpdf: x is an array of 2 axes: give one with one axis, like a:col(1)" },
  }
  for _, case in ipairs(wrong) do
    it("rejects " .. case[1], function() fails(case[1], 1, case[2]) end)
  end

  local misconfigured = {
    { "prior.normal(0, -1)", "prior.normal: sigma is -1: give a finite number above 0" },
    { "prior.normal(0)", "prior.normal takes 2 arguments (mu, sigma), not 1" },
    { "prior.exponential()", "prior.exponential takes 1 argument (rate), not 0" },
    { "prior.normal('a', 1)", "prior.normal: mu is 'a': give a number" },
    { "prior.normal(0 / 0, 1)", "prior.normal: mu is nan: give a finite number" },
    { "prior.uniform(1, -1)", "prior.uniform: high is -1: give a number above low, which is 1" },
    { "prior.uniform(0, math.huge)", "prior.uniform: high is inf: give a finite number" },
    { "prior.norml(0, 1)", "there is no prior 'norml': did you mean 'normal'?" },
    { "dist.normal_pdf(0, 0, 1)", "there is no function 'normal_pdf' in ensemble.dist: did you mean 'normal_lpdf'?" },
    { "prior.multi_normal({ 0, 0 }, { { 1, 2 }, { 2, 1 } })",
      "prior.multi_normal: the covariance is not positive definite" },
    { "prior.multi_normal({ 0, 0 }, { { 1, 0.5 }, { 0, 1 } })",
      "prior.multi_normal: covariance is not symmetric: [2][1] is 0, [1][2] is 0.5" },
    { "prior.multi_normal({ 0, 0 }, { { 1, 0 } })",
      "prior.multi_normal: covariance is a list of 1: give 2 rows of 2 numbers" },
    { "prior.dirichlet { 1, 0 }", "prior.dirichlet: alpha[2] is 0: give a number above 0" },
  }
  for _, case in ipairs(misconfigured) do
    it("rejects " .. case[1], function() fails(case[1], 2, case[2]) end)
  end
end)

describe(helper.name .. " takes a model's priors:", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local TWO = "{ a = prior.normal(1, 2), b = prior.uniform(-1, 1) }"
  local FLAT = "function() return 0 end"

  local function run(model, fields)
    return dir:script(HEAD .. ("ensemble.run { model = %s, workers = 2, steps = 20, seed = 3, quiet = true%s }"):format(
      model, fields or ""))
  end

  local function ends(result, status, message)
    assert.truthy(result.stderr:find(message, 1, true), result.stderr)
    assert.are.equal(status, result.status)
  end

  it("their sum is added to the likelihood, in the order of the parameters", function()
    local result = dir:script(HEAD .. [[
local s = ensemble.sampler { model = { parameters = { "b", "a" }, priors = ]] .. TWO .. [[,
  blobs = { "likelihood" }, log_likelihood = function(theta) return 2 * theta.a, theta[1] end }, seed = 1 }
local lp, blobs = s:compute_log_prob { { 0.5, 3 }, { 1.5, 3 }, { -1, 1 } }
print(lp[1] == 6 + dist.uniform_lpdf(0.5, -1, 1) + dist.normal_lpdf(3, 1, 2), lp[2], blobs.likelihood[1])
]])
    assert.are.equal("true\t-inf\t0.5\n", result.stdout, result.stderr)
  end)

  it("the likelihood is not evaluated if a prior is -inf", function()
    local result = run("{ priors = " .. TWO .. ", log_likelihood = function(t) assert(t.b ^ 2 <= 1) return 0 end }")
    assert.are.equal(0, result.status, result.stderr)
  end)

  -- Half of this prior's mass is closer to 1 than any double below 1.
  it("a proposal at a pole is rejected", function()
    local result = run("{ priors = { a = prior.normal(0, 1), b = prior.beta(0.01, 0.01) }, log_likelihood = "
      .. "function(t) assert(t.b > 0 and t.b < 1) return 0 end }", ", thin_by = 5")
    assert.are.equal(0, result.status, result.stderr)
  end)

  it("without parameters the names are in alphabetical order", function()
    local result = dir:script(HEAD .. [[
local s = ensemble.sampler { model = { priors = { z = prior.normal(0, 1), a = prior.normal(5, 0.1),
  m = prior.normal(9, 0.1) }, log_likelihood = function(t) assert(t.a == t[1] and t.z == t[3]) return 0 end },
  seed = 1 }
print(table.concat(s:info().parameters, " "), s:last().coords:col(1):mean() < 6, s:last().coords:col(2):mean() > 8)
]])
    assert.are.equal("a m z\ttrue\ttrue\n", result.stdout, result.stderr)
  end)

  it("a model file has priors, and its draws use the evaluation's own random stream", function()
    dir:write("m.lua", [[
local ensemble = require "ensemble"
local noise = ensemble.prior.normal(0, 0.1)
return { priors = { x = ensemble.prior.student_t(4, 0, 1), y = ensemble.prior.half_normal(2) }, blobs = { "noise" },
  log_likelihood = function() local e = noise:draw() return e, e end }
]])
    local text = HEAD .. "ensemble.run { model = 'm.lua', walkers = 10, steps = 30, seed = 5, quiet = true, "
      .. "workers = %d, output = '%s' }"
    assert.are.equal(0, dir:script(text:format(1, "one.db")).status)
    assert.are.equal(0, dir:script(text:format(3, "three.db")).status)
    assert.are.equal(helper.digest(dir:file("one.db")), helper.digest(dir:file("three.db")))
    assert.are_not.equal(helper.chain(dir:file("one.db")).blobs[1][1], helper.chain(dir:file("one.db")).blobs[1][2])
  end)

  it("a prior reaches every worker, captured and in the data", function()
    local result = dir:script(HEAD .. [[
local mine, normal_lpdf = prior.multi_normal({ 0, 0 }, { { 2, 1 }, { 1, 2 } }), dist.normal_lpdf
local make = prior.normal
ensemble.run { model = { priors = { a = prior.normal(0, 1), b = prior.normal(0, 1) }, log_likelihood = function(t, data)
  assert(data.p(1) == normal_lpdf(1, 0, 3) and tostring(data.p) == "prior.normal(0, 3)" and make(0, 3)(1) == data.p(1))
  return mine { t.a, t.b }
end }, data = { p = prior.normal(0, 3) }, workers = 3, steps = 10, seed = 1, quiet = true }
]])
    assert.are.equal(0, result.status, result.stderr)
  end)

  it("a flat likelihood samples the prior", function()
    local result = dir:script(HEAD .. [[
local s = ensemble.run { model = { priors = ]] .. TWO .. [[, log_likelihood = ]] .. FLAT .. [[ }, steps = 4000,
  seed = 8, quiet = true }
for _, p in ipairs(s:summary().parameters) do print(p.name, p.mean, p.sd, p.mcse_mean, p.ess) end
]])
    local exact = { a = { 1, 2 }, b = { 0, 1 / math.sqrt(3) } }
    local seen = 0
    for name, mean, sd, mcse, ess in result.stdout:gmatch("(%a)\t(%S+)\t(%S+)\t(%S+)\t(%S+)\n") do
      seen = seen + 1
      assert.truthy(math.abs(mean - exact[name][1]) < 4 * mcse, result.stdout)
      assert.truthy(math.abs(sd / exact[name][2] - 1) < 4 / math.sqrt(ess), result.stdout) -- above the sd's error
    end
    assert.are.equal(2, seen, result.stderr)
  end)

  local MODEL = "return { "
  local forms = {
    { "priors = 5, log_likelihood = print", "field 'priors' is 5: give priors = { m = " },
    { "priors = prior.normal(0, 1), log_likelihood = print", "field 'priors' is prior.normal(0, 1): give priors = {" },
    { "priors = {}, log_likelihood = print", "field 'priors' is empty: give priors = {" },
    { "priors = { prior.normal(0, 1) }, log_likelihood = print", "field 'priors' has the key 1: give priors = {" },
    { "priors = { a = 5 }, log_likelihood = print", "priors.a is 5: give a prior, like ensemble.prior.uniform(-5, 5)" },
    { "priors = { a = prior.poisson(3) }, log_likelihood = print",
      "priors.a is prior.poisson(3), of whole numbers, but walkers take any real value: give one of a real number" },
    { "priors = { a = prior.dirichlet { 1, 2 } }, log_likelihood = print",
      "priors.a is prior.dirichlet(1, 2), of several numbers: give one of a real number" },
    { "parameters = { 'a', 'b' }, priors = { a = prior.normal(0, 1) }, log_likelihood = print",
      "field 'priors' lacks parameter 'b': give a prior for each of a, b" },
    { "parameters = { 'slope' }, priors = { slop = prior.normal(0, 1) }, log_likelihood = print",
      "field 'priors' has 'slop', which is no parameter: did you mean 'slope'?" },
    { "parameters = { 'a', 'a' }, priors = { a = prior.normal(0, 1) }, log_likelihood = print",
      "field 'parameters' has the name 'a' twice" },
    { "priors = { a = prior.normal(0, 1) }, log_prob = print",
      "the model has log_prob and priors, and log_prob has the prior in it already: rename it to log_likelihood" },
    { "priors = { a = prior.normal(0, 1) }, log_prior = print, log_likelihood = print",
      "the model has log_prior and priors: give one of them" },
    { "priors = { a = prior.normal(0, 1) }", "the model has priors but no log_likelihood: add function" },
    { "prior = { a = prior.normal(0, 1) }, log_likelihood = print",
      "unknown field 'prior': did you mean 'priors'?" },
  }
  for _, case in ipairs(forms) do
    it("a model with " .. case[1], function()
      dir:write("m.lua", HEAD .. MODEL .. case[1] .. " }")
      ends(run("'m.lua'"), 2, ": m.lua: " .. case[2])
    end)
  end

  it("a start is drawn from the priors, the same for any workers, and another for another seed", function()
    local text = HEAD .. "local s = ensemble.sampler { model = { priors = " .. TWO .. ", log_likelihood = " .. FLAT
      .. " }, walkers = 10, seed = %d, workers = %d%s } for _, r in ipairs(s:last().coords:totable()) do "
      .. "print(('%%.17g %%.17g'):format(r[1], r[2])) end"
    local one = dir:script(text:format(1, 1, "")).stdout
    assert.are.equal(one, dir:script(text:format(1, 3, "")).stdout)
    assert.are.equal(one, dir:script(text:format(1, 2, ", start = 'prior'")).stdout)
    assert.are_not.equal(one, dir:script(text:format(2, 1, "")).stdout)
    local _, lines = one:gsub("\n", "")
    assert.are.equal(10, lines)
  end)

  it("walkers at -inf are drawn again", function()
    local result = dir:script(HEAD .. [[
local s = ensemble.sampler { model = { priors = { a = prior.normal(0, 1), b = prior.normal(0, 1) },
  log_likelihood = function(t) return t.a > 0.5 and 0 or -math.huge end }, seed = 4 }
local log_prob = s:last().log_prob
for i = 1, #log_prob do assert(log_prob[i] > -math.huge) end
]])
    assert.are.equal(0, result.status, result.stderr)
  end)

  it("a likelihood that is -inf everywhere", function()
    ends(run("{ priors = " .. TWO .. ", log_likelihood = function() return -math.huge end }"), 2,
      "run.lua:3: start: log_prob is -inf for 32 of 32 walkers, also after 100 redraws from the priors: make the")
  end)

  it("a start from missing priors", function()
    local model = "{ parameters = { 'a', 'b' }, log_prob = " .. FLAT .. " }"
    ends(run(model, ", start = 'prior'"), 2, "run.lua:3: field 'start' is 'prior', but the model has no priors: give")
    ends(run("{ priors = " .. TWO .. ", log_likelihood = " .. FLAT .. " }", ", start = 'priors'"), 2, "run.lua:3: "
      .. "field 'start': 'priors' does not exist: give ensemble.ball(center, spread), 'prior', positions ")
    ends(run(model), 2, "run.lua:3: field 'start' is missing: give ensemble.ball(center, spread)")
  end)
end)
