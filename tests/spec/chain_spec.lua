-- One seed, one configuration and one engine give one chain, byte for byte, with any number of workers, any timing, any
-- progress display and any output. See docs/reference/options.md, seed.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local SCRIPT = [=[
local ensemble = require "ensemble"
local fast = function(theta)
  local x, y, z = theta[1], theta[2], theta[3]
  local s = x * x + 0.25 * y * y + (z - x) * (z - x)
  return -0.5 * s, s
end
local models = {
  fast = fast,
  slow = function(theta) -- durations differ between evaluations, and with the machine's load
    ensemble.sleep(0.0015 * math.random())
    local s = theta[1] * theta[1] + theta[2] * theta[2] + theta[3] * theta[3]
    return -0.5 * s, s
  end,
  noisy = function(theta) -- a log_prob that is itself an estimate
    local s = theta[1] * theta[1] + theta[2] * theta[2] + theta[3] * theta[3]
    return -0.5 * s + 0.3 * math.random(), math.random(1000)
  end,
}
local moves = { stretch = nil, mixed = { { ensemble.moves.stretch { a = 2 }, 0.7 },
  { ensemble.moves.stretch { a = 4 }, 0.3 } } }
return ensemble.run {
  model = { parameters = { "x", "y", "z" }, blobs = { "extra" }, log_prob = models[arg[1]] },
  start = ensemble.ball({ 0, 1, 0 }, 1),
  walkers = tonumber(arg[2]), steps = tonumber(arg[3]), thin_by = tonumber(arg[4] or 1),
  moves = moves[arg[5] or "stretch"],
  seed = 20240229, quiet = true,
}
]=]

describe(helper.name .. "'s chain", function()
  local dir

  setup(function()
    dir = helper.directory()
    dir:write("run.lua", SCRIPT)
  end)

  local count = 0
  -- Runs the script into a store of its own and returns its path. `words` are the script's arguments.
  local function sample(words, options, program)
    count = count + 1
    local path = ("%d.db"):format(count)
    local call = { program = program, "--output", path }
    for _, option in ipairs(options or {}) do call[#call + 1] = option end
    call[#call + 1] = "run.lua"
    for _, word in ipairs(words) do call[#call + 1] = word end
    local result = dir:run(call)
    assert.equal(0, result.status, result.stderr)
    return dir:file(path), result
  end

  local function assert_same(...) assert(python.call("storecheck.py", "same", ...)) end

  local cases = {
    { "a fast model", { "fast", 32, 1500 } },
    { "a fast model of many walkers", { "fast", 301, 60 } },
    { "an odd number of walkers", { "fast", 13, 800 } },
    { "a mixture of moves", { "fast", 12, 800, 2, "mixed" } },
    { "a slow model of uneven durations", { "slow", 9, 24 } },
    { "a model that draws random numbers, every 5th step", { "noisy", 7, 200, 5 } },
  }
  for _, case in ipairs(cases) do
    it("is the same for 1, 2, 3 and 8 workers: " .. case[1], function()
      local paths = {}
      for i, workers in ipairs { 1, 2, 3, 8 } do paths[i] = sample(case[2], { "--workers", workers }) end
      assert_same((table.unpack or unpack)(paths))
    end)
  end

  it("differs for another seed", function()
    local other = sample({ "fast", 8, 20 }, { "--seed", 3 })
    assert.not_equal(helper.digest((sample { "fast", 8, 20 })), helper.digest(other))
  end)

  it("repeats a position or takes the accepted proposal, each with its log_prob and blob", function()
    local chain = helper.chain((sample { "fast", 8, 200 }))
    assert.equal(200, chain.steps)
    local moved = 0
    for i = 1, chain.steps * 8 do
      local x, y, z = chain.coords[3 * i - 2], chain.coords[3 * i - 1], chain.coords[3 * i]
      local s = x * x + 0.25 * y * y + (z - x) * (z - x)
      assert.equal(-0.5 * s, chain.log_prob[i])
      assert.equal(s, chain.blobs[1][i])
      if i > 8 then
        assert.equal(chain.accepted[i], x ~= chain.coords[3 * i - 26] and 1 or 0)
        moved = moved + chain.accepted[i]
      end
    end
    assert.is_true(moved > 0 and moved < 199 * 8)
  end)

  it("with thin_by = k has every k-th step of the unthinned chain", function()
    local all, thinned = helper.chain((sample { "noisy", 6, 60 })), helper.chain((sample { "noisy", 6, 12, 5 }))
    assert.equal(12, thinned.steps)
    for step = 1, 12 do
      for i = 1, 6 do
        local here, there = (step - 1) * 6 + i, (5 * step - 1) * 6 + i
        assert.equal(all.log_prob[there], thinned.log_prob[here])
        assert.equal(all.blobs[1][there], thinned.blobs[1][here])
        for d = 0, 2 do assert.equal(all.coords[3 * there - d], thinned.coords[3 * here - d]) end
      end
    end
  end)

  it("is the same with the progress as a bar, in lines, as JSON and off", function()
    local paths, result = {}, nil
    for i, mode in ipairs { "bar", "plain", "json", "none" } do
      paths[i], result = sample({ "slow", 10, 30 }, { "--progress", mode })
    end
    assert.equal("", result.stderr)
    assert_same((table.unpack or unpack)(paths))
  end)

  it("is the same for every journal", function()
    local path = sample({ "fast", 10, 300 }, { "--journal", "delete" })
    assert_same((sample({ "fast", 10, 300 }, { "--journal", "wal" })), path)
  end)

  it("is the same in memory and in a store", function()
    dir:write("memory.lua", [[
      local sampler = dofile "run.lua"
      local function show(name, array)
        for _, x in ipairs(array:totable()) do io.write(name, " ", ("%.17g"):format(x), "\n") end
      end
      local chain = sampler:chain { flat = true }
      for d = 1, 3 do show("coords" .. d, chain:col(d)) end
      show("log_prob", sampler:log_prob { flat = true })
      show("blob", sampler:blobs { flat = true }.extra)
    ]])
    local function show(options)
      local call = options or {}
      for _, word in ipairs { "memory.lua", "noisy", 9, 50, 2 } do call[#call + 1] = word end
      local result = dir:run(call)
      assert.equal(0, result.status, result.stderr)
      return result.stdout
    end
    local text = show()
    assert.equal(text, show { "--output", "memory.db", "--workers", "3" })
    local stored, at = helper.chain(dir:file("memory.db")), {}
    for name, number in text:gmatch("(%S+) (%S+)\n") do
      at[name] = (at[name] or 0) + 1
      local d = tonumber(name:match("^coords(%d)$"))
      if d then assert.equal(stored.coords[3 * (at[name] - 1) + d], tonumber(number)) end
      if name == "log_prob" then assert.equal(stored.log_prob[at[name]], tonumber(number)) end
      if name == "blob" then assert.equal(stored.blobs[1][at[name]], tonumber(number)) end
    end
    for _, name in ipairs { "coords1", "coords2", "coords3", "log_prob", "blob" } do
      assert.equal(50 * 9, at[name], name)
    end
  end)

  it("is the same under both engines for a model of plain arithmetic", function()
    local folder = helper.program:match("^(.*/)")
    local other = folder .. (helper.is_luajit and "ensemble-lua" or "ensemble-luajit")
    if not helper.read(other) then return pending("there is no " .. other) end
    for _, words in ipairs { { "fast", 32, 300 }, { "fast", 13, 100, 3, "mixed" } } do
      local path = sample(words)
      assert_same(path, (sample(words, nil, other)))
    end
  end)
end)
