-- Blobs of all kinds, declared by name: numbers, vectors and texts. Scripts and the store have the same values, with
-- any number of workers and after interruptions. See docs/reference/model.md, sampler.md and store.md.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local MODEL = [=[
local ensemble = require "ensemble"
local model = { parameters = { "x", "y" },
  blobs = { "radius", { "powers", 3 }, { "where", "string", 5 }, { "noise", 1 }, { "same", "string" } } }
local KILL = tonumber(os.getenv "KILL" or 0)
local evaluations = 0
function model.log_prob(theta)
  evaluations = evaluations + 1
  if evaluations == KILL then os.execute("kill -TERM $PPID") end
  if theta.x > 2.5 then return -math.huge end
  local powers = theta.y > 0 and { theta.x, theta.x ^ 2, theta.x ^ 3 }
    or ensemble.array { theta.x, theta.x ^ 2, theta.x ^ 3 }
  local where = theta.x < 0 and "west" or theta.y < 0 and "south" or ""
  return -0.5 * (theta.x ^ 2 + theta.y ^ 2), theta.x ^ 2 + theta.y ^ 2, powers, where, { math.random() }, "grüße"
end
return model
]=]

local SCRIPT = [=[
local ensemble = require "ensemble"
local function sampler(fields)
  local config = { model = "model.lua", start = ensemble.ball({ 0, 0 }, 1), walkers = 6, seed = 5, quiet = true }
  for name, value in pairs(fields or {}) do config[name] = value end
  return ensemble.sampler(config)
end
]=]

describe(helper.name .. "'s blobs", function()
  local dir

  before_each(function()
    dir = helper.directory()
    dir:write("model.lua", MODEL)
  end)

  local function passes(text, options)
    local result = dir:script(SCRIPT .. text, options)
    assert.equal(0, result.status, result.stderr)
    return result
  end

  local CHECK = [=[
    local function check(s)
      local chain, blobs = s:chain():totable(), s:blobs()
      local radius, powers, noise = blobs.radius:totable(), blobs.powers:totable(), blobs.noise:totable()
      for i, walkers in ipairs(chain) do
        for k, at in ipairs(walkers) do
          local x, y = at[1], at[2]
          assert(radius[i][k] == x ^ 2 + y ^ 2)
          assert(powers[i][k][1] == x and powers[i][k][2] == x ^ 2 and powers[i][k][3] == x ^ 3 and #powers[i][k] == 3)
          assert(blobs.where[i][k] == (x < 0 and "west" or y < 0 and "south" or ""))
          assert(blobs.same[i][k] == "grüße" and #noise[i][k] == 1)
        end
      end
      assert(#blobs.where == #chain and #blobs.where[1] == 6)
      local flat = s:blobs { flat = true, thin = 3, discard = 2 }
      assert(#flat.where == 6 * math.floor((#chain - 2) / 3))
      for n, where in ipairs(flat.where) do
        local i, k = 2 + 3 * (math.floor((n - 1) / 6) + 1), (n - 1) % 6 + 1
        assert(where == blobs.where[i][k] and flat.radius[n] == radius[i][k])
        assert(flat.powers:at(n, 2) == powers[i][k][2])
      end
      local last = s:last().blobs
      for k = 1, 6 do
        assert(last.where[k] == blobs.where[#chain][k] and last.powers:at(k, 3) == powers[#chain][k][3])
        assert(last.noise:at(k, 1) == noise[#chain][k][1])
      end
    end
  ]=]

  for _, output in ipairs { "nil", "'run.db'" } do
    it("are those of the points in the chain, output = " .. output, function()
      passes(CHECK .. ([=[
        local s = sampler { output = %s }
        s:run(40)
        check(s)
        local lp, blobs = s:compute_log_prob { { 3, 0 }, { -1, 1 } }
        assert(lp[1] == -math.huge and blobs.radius[1] ~= blobs.radius[1] and blobs.where[1] == "")
        assert(blobs.powers:at(1, 2) ~= blobs.powers:at(1, 2) and blobs.where[2] == "west" and blobs.radius[2] == 2)
      ]=]):format(output))
    end)
  end

  it("are the same bytes for any number of workers, and after interruptions", function()
    local function run(name, workers, kill)
      local text = "sampler { steps = 40, workers = %d, commit_every = 0, output = '%s' }:run()"
      return dir:script(SCRIPT .. text:format(workers, name), { env = { KILL = kill } })
    end
    assert.equal(0, run("one.db", 1).status)
    assert.equal(0, run("three.db", 3).status)
    assert.equal(75, run("cut.db", 1, 60).status)
    local steps = tonumber(helper.sql(dir:file("cut.db"), "SELECT nstored FROM run")[1][1])
    assert.is_true(steps > 0 and steps < 40)
    assert.equal(0, run("cut.db", 2).status)
    local digest = helper.digest(dir:file("one.db"))
    assert.equal(digest, helper.digest(dir:file("three.db")))
    assert.equal(digest, helper.digest(dir:file("cut.db")))
    local row = "SELECT hex(blobs) FROM checkpoint"
    assert.same(helper.sql(dir:file("one.db"), row), helper.sql(dir:file("cut.db"), row))
  end)

  it("are numpy's own types in the store", function()
    passes "sampler { output = 'run.db' }:run(30)"
    assert.same({ { "radius", "<f8" }, { "powers", "<f8", "3" }, { "where", "|S5" }, { "noise", "<f8", "1" },
      { "same", "|S32" } }, helper.sql(dir:file("run.db"), "SELECT name, dtype, nullif(shape, '') FROM blob_def"))
    if not python.with "numpy" then return pending("no python3 has numpy") end
    assert(python.call_with("numpy", "chaincheck.py", "blobs", dir:file("run.db"), "-"))
  end)

  it("that are declared otherwise do not resume a stored run", function()
    passes "sampler { output = 'run.db' }:run(3)"
    local declared = '{ "where", "string", 5 }'
    dir:write("model.lua", (MODEL:gsub(declared, '{ "where", "string", 6 }', 1)))
    local result = dir:script(SCRIPT .. "sampler { output = 'run.db', resume = 'force' }:run(3)")
    assert.equal(2, result.status)
    assert.truthy(result.stderr:find("blobs: radius powers[3] where (text of 5) noise[1] same (text of 32) there, "
      .. "radius powers[3] where (text of 6)", 1, true), result.stderr)
  end)

  local HOW = ": give a name, { \"flux\", 5 } for a list of 5 numbers, or { \"label\", \"string\", 32 } for a text "
    .. "of at most 32 bytes"
  for _, case in ipairs {
    { "'x'", "field 'blobs' is the string 'x': it must be a list of names, like { \"m\", \"b\" }" },
    { "{ { 'x', 0 } }", "blobs[1] ('x') is 0" .. HOW },
    { "{ 'a', { 'x', 2.5 } }", "blobs[2] ('x') is 2.5" .. HOW },
    { "{ { 'x', 'text' } }", "blobs[1] ('x') is the string 'text'" .. HOW },
    { "{ { 'x', 3, 4 } }", "blobs[1] ('x') has the length 4" .. HOW },
    { "{ { 'x', 'string', 0 } }", "blobs[1] ('x') has the length 0" .. HOW },
    { "{ { 3 } }", "blobs[1] has 3 for a name" .. HOW },
    { "{ { 'x', size = 3 } }", "blobs[1] has the key the string 'size'" .. HOW },
    { "{ 'x', { 'x', 3 } }", "field 'blobs' has the name 'x' twice" },
    { "{ x = 3 }", "field 'blobs' has the key the string 'x': it must be a list of names, like { \"m\", \"b\" }" },
  } do
    it("cannot be declared as blobs = " .. case[1], function()
      dir:write("model.lua", ("return { parameters = { 'p' }, blobs = %s, log_prob = function() return 0 end }"):format(
        case[1]))
      local result = dir:script(SCRIPT .. "sampler()")
      assert.equal("ensemble-lua: run.lua:7: model.lua: " .. case[2] .. "\n", result.stderr:match("^[^\n]*\n"))
      assert.equal(2, result.status)
    end)
  end
end)
