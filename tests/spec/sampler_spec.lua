-- The sampler's methods of docs/reference/sampler.md, with emcee's meaning. Each case is a script whose asserts run in
-- the program itself; numpy and emcee check their numbers for the same chain.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local PRELUDE = [=[
local ensemble = require "ensemble"
local function log_prob(theta)
  local x, y = theta.x, theta.y
  return -0.5 * (x * x + (y - x) * (y - x)), x + y, x * y
end
local function make(fields)
  local config = { model = { parameters = { "x", "y" }, blobs = { "sum", "product" }, log_prob = log_prob },
    start = ensemble.ball({ 0, 0 }, 1), walkers = 6, seed = 5, quiet = true }
  for key, value in pairs(fields or {}) do config[key] = value end
  return ensemble.sampler(config)
end
local function equal(expected, got, what)
  if expected ~= got then error(("%s: %s, not %s"):format(what or "value", tostring(got), tostring(expected)), 2) end
end
local function list_of(value) return type(value) == "table" and value or value:totable() end
local function same(a, b, what)
  a, b = list_of(a), list_of(b)
  equal(#a, #b, (what or "list") .. ": length")
  for i = 1, #a do
    if type(a[i]) == "table" then same(a[i], b[i], what) else equal(a[i], b[i], (what or "list") .. " at " .. i) end
  end
end
local function shape(array, ...)
  local got = { array:shape() }
  if type(got[1]) == "table" then got = got[1] end
  same({ ... }, got, "shape")
end
local function fails(pattern, f, ...)
  local ok, message = pcall(f, ...)
  if ok then error("no error, but: " .. pattern, 2) end
  if not tostring(message):find(pattern) then error("other error: " .. tostring(message), 2) end
end
]=]

describe(helper.name .. "'s sampler", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function passes(text, options)
    local result = dir:script(PRELUDE .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result
  end

  it("run(n) adds n steps and returns the last state", function()
    passes [=[
      local s = make()
      equal(0, s:last().step)
      local state = s:run(10)
      equal(10, state.step)
      shape(state.coords, 6, 2); shape(state.log_prob, 6); shape(state.blobs.sum, 6)
      s:run(15)
      shape(s:chain(), 25, 6, 2)
      same(make():run(25).coords, s:last().coords, "10 + 15 steps")
      fails("number of steps", function() s:run(0) end)
      fails("number of steps is missing", function() make():run() end)
      equal(30, make({ steps = 30 }):run().step)
    ]=]
  end)

  it("a sampler that was finished before its first step stays finished", function()
    passes [=[
      local s = make()
      s:finish()
      equal(0, s:last().step)
      fails("this run is over", function() s:run(1) end)
    ]=]
  end)

  it("sample{} iterates over states; later calls continue an interrupted loop", function()
    passes [=[
      local whole = make(); whole:run(12)
      local s, n = make(), 0
      for state in s:sample { steps = 12 } do
        n = n + 1
        equal(n, state.step)
        same(whole:chain():slice(n, n):totable()[1], state.coords, "coords")
        same(whole:log_prob():totable()[n], state.log_prob, "log_prob")
        same(whole:blobs().product:totable()[n], state.blobs.product, "blob")
        if n == 5 then break end
      end
      shape(s:chain(), 5, 6, 2)
      for state in s:sample { steps = 3 } do n = n + 1; equal(n, state.step) end
      equal(8, s:last().step)
      s:run(4)
      same(whole:chain(), s:chain(), "chain")
      local again = make()
      local iterator = again:sample { steps = 12 }
      for _ = 1, 4 do iterator() end
      local left = 0
      for _ in iterator do left = left + 1 end
      equal(8, left, "steps left")
      same(whole:chain(), again:chain(), "chain")
      equal(nil, iterator())
    ]=]
  end)

  it("a state is a copy: later steps do not change it", function()
    passes [=[
      local s = make()
      local first = s:run(1)
      local kept = first.coords:totable()
      s:run(20)
      same(kept, first.coords, "coords")
      equal(1, first.step)
    ]=]
  end)

  it("sample{ thin_by = k } keeps every k-th step, like the sampler's own thin_by", function()
    passes [=[
      local all = make(); all:run(60)
      local whole = all:chain():totable()
      local s, steps = make(), {}
      for state in s:sample { steps = 4, thin_by = 5 } do steps[#steps + 1] = state.coords:totable() end
      s:run(11)
      for state in s:sample { steps = 6, thin_by = 3 } do steps[#steps + 1] = state.step end
      same({ 16, 17, 18, 19, 20, 21 }, { (table.unpack or unpack)(steps, 5) }, "steps")
      shape(s:chain(), 21, 6, 2)
      local chain = s:chain():totable()
      for i = 1, 4 do same(whole[5 * i], chain[i], "5th"); same(chain[i], steps[i], "state") end
      for i = 1, 11 do same(whole[20 + i], chain[4 + i], "unthinned") end
      for i = 1, 6 do same(whole[31 + 3 * i], chain[15 + i], "3rd") end
      local own = make { thin_by = 4 }; own:run(15)
      chain = own:chain():totable()
      for i = 1, 15 do same(whole[4 * i], chain[i], "4th") end
    ]=]
  end)

  it("sample{ store = false } moves the walkers and keeps nothing", function()
    passes [=[
      local all = make(); all:run(30)
      local s, n = make(), 0
      s:run(4)
      for state in s:sample { steps = 16, store = false } do
        n = n + 1
        same(all:chain():totable()[4 + n], state.coords, "coords")
        shape(s:last().coords, 6, 2)
      end
      equal(16, n)
      shape(s:chain(), 4, 6, 2)
      s:run(10)
      local chain, whole = s:chain():totable(), all:chain():totable()
      equal(14, #chain)
      for i = 1, 4 do same(whole[i], chain[i]) end
      for i = 1, 10 do same(whole[20 + i], chain[4 + i]) end
      local accepted = 0
      local half = make()
      for _ in half:sample { steps = 9, store = false } do accepted = accepted + 1; if accepted == 3 then break end end
      half:run(5)
      shape(half:chain(), 5, 6, 2)
      same(whole[8], half:last().coords)
      local endless, taken = make(), 0
      for state in endless:sample { store = false } do
        taken = taken + 1
        if taken == 1 or taken == 1030 then
          same(taken == 1 and all:chain():totable()[1] or state.coords, state.coords, "endless")
        end
        if taken == 1030 then break end
      end
      endless:run(1)
      shape(endless:chain(), 1, 6, 2)
      local long = make(); long:run(1031)
      same(long:last().coords, endless:last().coords, "after 1030 steps of a loop without end")
      fails("field 'steps' is missing: give sample { steps = 100 }, or store = false", function()
        make():sample {}
      end)
      fails("store is false", function() make({ output = "a.db" }):sample { steps = 1, store = false } end)
    ]=]
  end)

  it("sample{ start = } begins at positions, a ball or a state", function()
    passes [=[
      local positions = {}
      for i = 1, 6 do positions[i] = { i, i * i / 10 } end
      local s = make()
      local first = s:sample { steps = 1, start = positions } ()
      local b = make({ start = positions })
      same(b:run(1).coords, first.coords, "positions")
      local other = make({ start = s:last() })
      same(s:last().coords, other:last().coords, "a state as start")
      same(s:last().log_prob, other:last().log_prob, "its log_prob")
      for _ in s:sample { steps = 1, start = other:run(3) } do end
      equal(2, s:last().step)
      for state in s:sample { steps = 2, start = ensemble.ball({ 50, 50 }, 1e-3) } do
        assert(state.coords:at(1, 1) > 40)
      end
      fails("6", function() s:sample { steps = 1, start = { { 1, 2 } } } end)
      fails("field 'start'", function() s:sample { steps = 1, start = 7 } end)
    ]=]
  end)

  it("reset() forgets the chain, and the walkers stay where they are", function()
    passes [=[
      local whole = make(); whole:run(30)
      local s = make(); s:run(20); s:reset()
      fails("chain is empty", function() return s:chain() end)
      same(whole:chain():totable()[20], s:last().coords, "walkers")
      s:run(10)
      local chain = s:chain():totable()
      equal(10, #chain)
      for i = 1, 10 do same(whole:chain():totable()[20 + i], chain[i]) end
      equal(10, s:last().step)
      equal(10, s:info().steps)
      local stored = make({ output = "b.db" }); stored:run(3)
      fails("stored", function() stored:reset() end)
      shape(stored:chain(), 3, 6, 2)
    ]=]
  end)

  it("compute_log_prob(positions) returns log_prob and blobs, and leaves the chain alone", function()
    passes [=[
      local s = make(); s:run(3)
      local before = s:chain():totable()
      local lp, blobs = s:compute_log_prob { { 1, 2 }, { -1, 0.5 }, { 3, 3 } }
      same({ -1, -1.625, -4.5 }, lp)
      same({ 3, -0.5, 6 }, blobs.sum); same({ 2, -0.5, 9 }, blobs.product)
      same(s:last().log_prob, (s:compute_log_prob(s:last())), "a state")
      same(s:last().log_prob, (s:compute_log_prob(s:last().coords)), "an array")
      same(before, s:chain())
      s:run(2)
      local other = make(); other:run(5)
      same(other:chain(), s:chain(), "the chain after it")
      fails("walker 2", function() s:compute_log_prob { { 1, 2 }, { 3 } } end)
      equal(nil, select(2, ensemble.sampler({ model = { parameters = { "x" }, log_prob = function() return 0 end },
        start = ensemble.ball({ 0 }, 1), seed = 1, quiet = true }):compute_log_prob { { 1 } }), "blobs")
    ]=]
  end)

  it("chain, log_prob and blobs take flat, thin and discard as emcee does", function()
    passes [=[
      local s = make(); s:run(23)
      local whole, lp, sum = s:chain():totable(), s:log_prob():totable(), s:blobs().sum:totable()
      for _, case in ipairs { { 0, 1 }, { 5, 1 }, { 0, 4 }, { 5, 4 }, { 22, 1 }, { 3, 20 }, { 22, 2 } } do
        local discard, thin = case[1], case[2]
        local expected = {}
        for i = discard + thin, 23, thin do expected[#expected + 1] = i end
        local asked = { discard = discard, thin = thin }
        local flat = { discard = discard, thin = thin, flat = true }
        shape(s:chain(asked), #expected, 6, 2); shape(s:chain(flat), 6 * #expected, 2)
        shape(s:log_prob(asked), #expected, 6); shape(s:log_prob(flat), 6 * #expected)
        shape(s:blobs(asked).sum, #expected, 6); shape(s:blobs(flat).sum, 6 * #expected)
        local chain, flat_chain = s:chain(asked):totable(), s:chain(flat):totable()
        for n, i in ipairs(expected) do
          same(whole[i], chain[n], "chain"); same(lp[i], s:log_prob(asked):totable()[n], "log_prob")
          for k = 1, 6 do
            same(whole[i][k], flat_chain[6 * (n - 1) + k], "flat chain")
            equal(lp[i][k], s:log_prob(flat)[6 * (n - 1) + k], "flat log_prob")
            equal(sum[i][k], s:blobs(flat).sum[6 * (n - 1) + k], "flat blob")
            equal(sum[i][k], whole[i][k][1] + whole[i][k][2], "the blob's place")
          end
        end
      end
      fails("unknown field 'thim'.*'thin'", function() s:chain { thim = 2 } end)
      fails("field 'thin' is 0", function() s:chain { thin = 0 } end)
      fails("field 'discard' is %-1", function() s:log_prob { discard = -1 } end)
      fails("the chain is empty", function() make():chain() end)
      fails("the chain is empty", function() make():blobs() end)
    ]=]
  end)

  it("acceptance_fraction() is accepted / steps, walker by walker", function()
    passes [=[
      for _, thin_by in ipairs { 1, 3 } do
        local s = make({ output = "accepted" .. thin_by .. ".db", thin_by = thin_by })
        s:run(40); s:run(20)
        local fractions = s:acceptance_fraction()
        equal(6, #fractions)
        local sum = 0
        for _, fraction in ipairs(fractions) do sum = sum + fraction / 6; print(("%.17g"):format(fraction)) end
        assert(math.abs(sum - s:info().acceptance_fraction) < 1e-12)
        local memory = make({ thin_by = thin_by }); memory:run(60)
        same(fractions, memory:acceptance_fraction())
      end
    ]=]
    local stored = helper.chain(dir:file("accepted3.db")).accepted
    local printed = {}
    for number in dir:read(".run1.out"):gmatch("%S+") do printed[#printed + 1] = tonumber(number) end
    for walker = 1, 6 do
      local sum = 0
      for step = 0, 59 do sum = sum + stored[6 * step + walker] end
      assert.equal(sum / 60, printed[6 + walker])
    end
  end)

  it("several runs in one script, each its own chain, closed at the end", function()
    passes [=[
      local a, b, c = make({ output = "a.db" }), make({ output = "b.db", seed = 6 }), make()
      a:run(5); b:run(6); c:run(7); a:run(5)
      local again = make(); again:run(10)
      same(again:chain(), a:chain(), "one beside others")
      local other = make({ seed = 6 }); other:run(6)
      same(other:chain(), b:chain())
      fails("another sampler of this script writes to 'a.db'", function() make({ output = "a.db" }) end)
      local run = ensemble.run { model = "models/gaussian.lua", start = ensemble.ball({ 1, 2, 3, 4, 5 }, 1), steps = 3,
        quiet = true, seed = 1 }
      shape(run:chain(), 3, 32, 5)
      equal(nil, run:blobs())
    ]=]
    assert.equal("10\tfinished", table.concat(helper.sql(dir:file("a.db"), "SELECT nstored, status FROM run")[1], "\t"))
    assert.equal("6\tfinished", table.concat(helper.sql(dir:file("b.db"), "SELECT nstored, status FROM run")[1], "\t"))
  end)

  it("info() has the fields of info --json", function()
    local result = passes [=[
      local s = make({ output = "info.db", workers = 2 }); s:run(50)
      local info = s:info()
      same({ "x", "y" }, info.parameters)
      equal(50, info.steps); equal(6, info.walkers); equal(2, info.ndim); equal("5", tostring(info.seed))
      equal("finished", info.status)
      equal(6 * 51, info.evaluations); equal(0, info.errors); equal(0, info.nans)
      equal(ensemble.version, info.version); equal(ensemble.engine, info.engine)
      local timing = info.timing
      equal(2, timing.workers); equal(1, timing.ranks)
      assert(timing.wall_s > 0 and timing.model_s >= 0)
      assert(math.abs(timing.efficiency - timing.model_s / (2 * timing.wall_s)) < 1e-9)
      equal(2, #info.per_worker)
      local sum, busy = 0, 0
      for i, worker in ipairs(info.per_worker) do
        equal(0, worker.rank); equal(info.per_worker[1].worker + i - 1, worker.worker)
        sum, busy = sum + worker.evaluations, busy + worker.busy_s
      end
      equal(info.evaluations, sum, "evaluations of the workers")
      assert(math.abs(busy - timing.model_s) < 1e-6)
    ]=]
    assert.equal("", result.stderr)
  end)

  it("has a text, and no methods beyond those of the reference", function()
    passes [=[
      local s = make(); s:run(2)
      assert(tostring(s):find("6 walkers") and tostring(s):find("2 steps"))
      for _, name in ipairs { "export", "plot", "report" } do equal(nil, s[name], name) end
    ]=]
  end)

  local NUMBERS = [=[
    local s = make({ walkers = 10, output = "numbers.db" }); s:run(3000)
    local function show(key, x) print(("%s %.17g"):format(key, x)) end
    for _, case in ipairs { { 0, 1 }, { 100, 1 }, { 301, 7 } } do
      local discard, thin = case[1], case[2]
      local prefix = discard .. " " .. thin .. " "
      local tau = s:autocorr_time { discard = discard, thin = thin, tol = 0 }
      local wide = s:autocorr_time { discard = discard, thin = thin, tol = 0, c = 8 }
      local summary = s:summary { discard = discard, thin = thin }
      equal(tau[1], tau.x); equal(summary.parameters[2].mean, summary.parameters.y.mean)
      equal(discard, summary.discard); equal(thin, summary.thin); equal(3000, summary.steps)
      for d, name in ipairs { "x", "y" } do
        show(prefix .. d .. " tau", tau[name]); show(prefix .. d .. " tau8", wide[name])
        for _, key in ipairs { "mean", "sd", "q05", "q16", "q50", "q84", "q95" } do
          show(prefix .. d .. " " .. key, summary.parameters[name][key])
        end
        show(prefix .. d .. " summary_tau", summary.parameters[d].tau)
        local row = summary.parameters[d]
        assert(math.abs(row.mcse_mean - row.sd / math.sqrt(row.ess)) < 1e-12 * row.sd)
        assert(row.ess > 0 and row.ess_bulk > 0 and row.ess_tail > 0 and row.rhat ~= row.rhat)
      end
      for key, value in pairs(summary.log_prob) do show(prefix .. "0 log_prob_" .. key, value) end
      for key, value in pairs(summary.acceptance_fraction) do show(prefix .. "0 acceptance_" .. key, value) end
    end
  ]=]

  it("summary{} has numpy's numbers of the same chain", function()
    if not python.with "numpy" then return pending("no python3 has numpy") end
    dir:write("numbers.txt", passes(NUMBERS).stdout)
    assert(python.call_with("numpy", "chaincheck.py", "summary", dir:file("numbers.db"), dir:file("numbers.txt")))
  end)

  it("autocorr_time{} has emcee's numbers of the same chain", function()
    if not python.with "numpy, emcee" then return pending("no python3 has emcee (Debian: python3-emcee)") end
    dir:write("numbers.txt", passes(NUMBERS).stdout)
    assert(python.call_with("numpy, emcee", "chaincheck.py", "autocorr", dir:file("numbers.db"),
      dir:file("numbers.txt")))
  end)

  it("autocorr_time{} of a short chain warns with a number of steps, and is NaN if no walker moves", function()
    local result = passes [=[
      local s = make(); s:run(50)
      local tau = s:autocorr_time()
      assert(tau.x > 0)
      local still = ensemble.sampler { model = { parameters = { "x" }, log_prob = function(theta)
        return theta.x == math.floor(theta.x) and 0 or -math.huge end }, walkers = 4, seed = 1, quiet = true,
        moves = "emcee", start = { { 1 }, { 2 }, { 3 }, { 4 } } }
      still:run(200)
      tau = still:autocorr_time()
      assert(tau.x ~= tau.x, "not NaN")
    ]=]
    assert.truthy(result.stderr:find("warning: the chain has 50 steps.*more steps would do"), result.stderr)
    assert.truthy(result.stderr:find("does not move", 1, true), result.stderr)
  end)
end)
