-- The fields nsplits, randomize_split and live_dangerously; a start from another store's last step; errors at the
-- start. See docs/reference/options.md.
local helper = require "tests.spec.helper"

local HEAD = [=[
local ensemble = require "ensemble"
local function make(fields)
  local config = { model = { parameters = { "x", "y" }, log_prob = function(t) return -0.5 * (t.x ^ 2 + t.y ^ 2) end },
    start = ensemble.ball({ 0, 0 }, 1), walkers = 9, seed = 4, quiet = true, moves = "emcee" }
  for name, value in pairs(fields or {}) do config[name] = value end
  return ensemble.sampler(config)
end
local function flat(s)
  local out = {}
  for _, row in ipairs(s:chain { flat = true }:totable()) do out[#out + 1] = ("%.17g %.17g"):format(row[1], row[2]) end
  return table.concat(out, "\n")
end
]=]

describe(helper.name, function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function passes(text, options)
    local result = dir:script(HEAD .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result
  end

  it("splits the walkers by nsplits and randomize_split, for any number of workers", function()
    passes [=[
      local chains = {}
      for _, nsplits in ipairs { 2, 3, 9 } do
        for _, random in ipairs { true, false } do
          local one = make { nsplits = nsplits, randomize_split = random, workers = 1 }
          local three = make { nsplits = nsplits, randomize_split = random, workers = 3 }
          one:run(40); three:run(40)
          assert(flat(one) == flat(three))
          assert(not chains[flat(one)], "the same chain for other sets")
          chains[flat(one)] = true
        end
      end
      local default, explicit = make(), make { nsplits = 2, randomize_split = true }
      default:run(10); explicit:run(10)
      assert(flat(default) == flat(explicit))
      local ok, message = pcall(make, { nsplits = 10 })
      assert(not ok and message:find("field 'nsplits' is 10: give at most the number of walkers, 9", 1, true), message)
    ]=]
  end)

  it("does not resume with other sets", function()
    passes "make({ output = 'run.db', nsplits = 3 }):run(4)"
    passes "make({ output = 'run.db', nsplits = 3 }):run(4)"
    for _, case in ipairs {
      { "nsplits = 2", "nsplits, the number of sets, has changed" },
      { "nsplits = 3, randomize_split = false", "randomize_split has changed" },
    } do
      local result = dir:script(HEAD .. ("make({ output = 'run.db', %s }):run(4)"):format(case[1]))
      assert.equal(2, result.status)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
    end
  end)

  it("takes fewer than 2 ndim walkers with live_dangerously", function()
    local result = passes [=[
      local ok, message = pcall(make, { walkers = 3 })
      assert(not ok and message:find("3 walkers are too few for 2 parameters", 1, true), message)
      local s = make { walkers = 3, live_dangerously = true }
      s:run(20)
      assert(#s:acceptance_fraction() == 3)
      ok, message = pcall(function() make({ walkers = 2, live_dangerously = true }):run(1) end)
      assert(not ok and message:find("2 walkers cannot span 2 parameters: at least 3 are needed", 1, true), message)
    ]=]
    assert.equal("", result.stderr)
  end)

  it("starts from the last step of a store, by the parameters' names, and resumes without that store", function()
    local again = [=[
      local s = make { start = "first.db", output = "second.db", walkers = tonumber(arg[1]),
        model = { parameters = { "y", "x" }, log_prob = function(t) return -t.x ^ 2 - t.y ^ 2 end } }
    ]=]
    passes("make({ output = 'first.db' }):run(7)\n" .. again .. [=[
      local state, first = s:last().coords:totable(), make({ output = "first.db" }):last().coords:totable()
      for k = 1, 9 do assert(state[k][1] == first[k][2] and state[k][2] == first[k][1]) end
      s:run(5)
    ]=])
    os.remove(dir:file("first.db"))
    passes(again .. "s:run(5) assert(s:last().step == 10)")
    os.remove(dir:file("second.db"))
    local result = dir:script(HEAD .. again)
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("field 'start': 'first.db' does not exist", 1, true), result.stderr)
  end)

  it("treats an error at the start by on_error and on_nan", function()
    local model = [=[
      local calls = 0
      local function model(bad)
        return { parameters = { "x", "y" }, log_prob = function(t)
          if t.x > 0.8 then return bad() end
          return -0.5 * (t.x ^ 2 + t.y ^ 2)
        end }
      end
      local function nan() return 0 / 0 end
      local function fail() error("bad luck") end
    ]=]
    local result = passes(model .. [=[
      for _, case in ipairs { { nan, "on_nan", "nans" }, { fail, "on_error", "errors" } } do
        local s = make { model = model(case[1]), [case[2]] = "reject", workers = 2, seed = 7 }
        for k, at in ipairs(s:last().coords:totable()) do
          assert(at[1] <= 0.8 and s:last().log_prob[k] > -math.huge)
        end
        assert(s:info()[case[3]] > 0)
        local given = {}
        for k = 1, 9 do given[k] = { k == 4 and 2 or 0.1 * (k % 3), k * k } end
        s = make { model = model(case[1]), [case[2]] = "reject", start = given }
        assert(s:last().log_prob[4] == -math.huge and s:last().log_prob[3] > -math.huge)
        assert(s:info()[case[3]] == 1)
        local ok, message = pcall(function() make({ model = model(case[1]), start = given }):last() end)
        assert(not ok and message:find("at the start, walker 4: x = 2, y = 16", 1, true), message)
      end
    ]=])
    local _, n = result.stderr:gsub("warning: log_prob is %-inf at the start of 1 of 9 walkers %(4%)", "")
    assert.equal(2, n, result.stderr)
  end)
end)
