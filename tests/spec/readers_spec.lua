-- Data files of other programs: what numpy writes comes out number by number; what is broken is refused with the place.
-- CONTRACT.md, section 4.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local HEAD = "local ensemble = require 'ensemble'\n"

-- Prints each file of expected.txt as it was written there: name, shape, numbers in row-major order.
local SHOW = HEAD .. [=[
local function flat(value, out)
  if type(value) == "number" then
    out[#out + 1] = ("%.17g"):format(value):gsub("^%-nan$", "nan")
  else
    for i = 1, #value do flat(value[i], out) end
  end
  return out
end
for line in io.lines("expected.txt") do
  local name = line:match("^[^\t]*")
  local value = ensemble.read_npy(name)
  local shape = type(value) == "number" and "number" or table.concat({ value:shape() }, "x"):gsub("%.0", "")
  print(name .. "\t" .. shape .. "\t" .. table.concat(flat(value, {}), " "))
end
]=]

local function has(text, part) assert.truthy(text:find(part, 1, true), ("no %q in:\n%s"):format(part, text)) end

-- The script goes through; what it says is in its own asserts.
local function passes(dir, text)
  local result = dir:script(HEAD .. text)
  assert.equal(0, result.status, result.stderr)
  return result
end

-- The script ends with 1 and "run.lua:2: " .. message.
local function fails(dir, text, message)
  local result = dir:script(HEAD .. text)
  assert.equal(1, result.status, result.stderr)
  has(result.stderr, "ensemble-lua: run.lua:2: " .. message .. "\n")
end

describe(helper.name .. " reads what numpy writes", function()
  local dir
  local without = not python.with "numpy" and "no python3 has numpy (Debian: python3-numpy)"

  setup(function()
    if without then return end
    dir = helper.directory()
    assert(python.call_with("numpy", "datafiles.py", "numpy", dir.path))
  end)

  local function it_with(name, body)
    it(name, function()
      if without then return pending(without) end
      body()
    end)
  end

  it_with("every type, order of bytes and of axes, rank and version of .npy", function()
    local result = dir:script(SHOW)
    assert.equal(0, result.status, result.stderr)
    assert.equal(dir:read("expected.txt"), result.stdout)
  end)

  it_with("structured types as columns", function()
    passes(dir, [[
      local d = ensemble.read_npy "table.npy"
      assert(table.concat(d:names(), " ") == "x n v" and d:nrows() == 2)
      assert(d.x[2] == 2.5 and d.n[1] == 2 and d.v:at(2, 1) == 5 and d.v:col(2)[1] == 4)
      local ok, message = pcall(function() return d.name end)
      assert(not ok and message == "run.lua:5: column 'name' was left out: it is text (U5), not numbers", message)]])
  end)

  for _, name in ipairs { "stored", "deflated" } do
    it_with(name .. " .npz", function()
      passes(dir, ("local d = ensemble.read_npz '%s.npz'"):format(name) .. [[

        assert(table.concat(d:names(), " ") == "x grid sigma table")
        assert(#d.x == 5 and d.x:sum() == 10 and d.sigma == 0.5 and d.table.n[2] == 3)
        assert(d.grid:at(1, 1) == 0 and d.grid:row(2)[2] == -math.huge and d.grid:at(3, 3) == 10)
        local ok, message = pcall(function() return d.gird end)
        assert(not ok and message == "run.lua:6: there is no array 'gird': did you mean 'grid'?", message)
        ok, message = pcall(function() return d.label end)
        assert(not ok and message == "run.lua:8: array 'label' was left out: it is text (U4), not numbers", message)
        ok, message = pcall(d.nrows, d)
        assert(not ok and message:find("arrays by name have no rows", 1, true), message)]])
    end)
  end

  -- The same chain from a mapped array, from a table, and for any number of workers.
  it_with("into memory that all workers share", function()
    local run = [[
      local model = { parameters = { "m" } }
      function model.log_prob(theta, data)
        local a = data.a
        return -0.5 * (theta.m - a[#a] / 4e5 - a:sum() / 1e12) ^ 2
      end
      ensemble.run { model = model, data = { a = A }, start = ensemble.ball({ 0 }, 1), walkers = 8, steps = 20,
        seed = 1, quiet = true, output = arg[1] }]]
    local made = "local A = {} for i = 1, 400000 do A[i] = i - 1 end A = ensemble.array(A)\n"
    dir:write("mapped.lua", HEAD .. "local A = ensemble.read_npy 'big.npy'\n" .. run)
    dir:write("made.lua", HEAD .. made .. run)
    for i, words in ipairs { { "--workers", 1, "mapped.lua" }, { "--workers", 3, "mapped.lua" }, { "made.lua" } } do
      words[#words + 1] = ("chain%d.db"):format(i)
      local result = dir:run(words)
      assert.equal(0, result.status, result.stderr)
    end
    assert.equal(helper.digest(dir:file "chain1.db"), helper.digest(dir:file "chain2.db"))
    assert.equal(helper.digest(dir:file "chain1.db"), helper.digest(dir:file "chain3.db"))
  end)

  it_with("also inside a model", function()
    passes(dir, [[
      local model = { parameters = { "m" } }
      function model.setup() c = require("ensemble").read_npy("shape23.npy"):at(2, 3) end
      function model.log_prob(theta) return -0.5 * (theta.m - c) ^ 2 end
      ensemble.run { model = model, start = ensemble.ball({ 0 }, 1), walkers = 8, workers = 2, steps = 5 }]])
  end)

  it_with("as data of a stored run, which other numbers or another shape do not continue", function()
    local run = [[
      local model = { parameters = { "m" }, log_prob = function(theta) return -theta.m ^ 2 end }
      ensemble.run { model = model, data = { a = ensemble.read_npy "now.npy" }, start = ensemble.ball({ 0 }, 1),
        walkers = 8, steps = tonumber(arg[1]), seed = 1, quiet = true, output = "data.db" }]]
    local function run_with(name, steps)
      dir:write("now.npy", dir:read(name))
      return dir:script(HEAD .. run, { steps })
    end
    assert.equal(0, run_with("shape23.npy", 10).status)
    assert.equal(0, run_with("shape23.npy", 20).status)
    for _, name in ipairs { "shape32.npy", "lf8C.npy" } do
      local result = run_with(name, 30)
      assert.equal(2, result.status, name)
      has(result.stderr, "the data have changed")
    end
  end)

  it_with("and names a file that was made shorter while it was in use", function()
    dir:write("shorter.npy", dir:read("big.npy"))
    local result = dir:script(HEAD .. [[
      local a = ensemble.read_npy "shorter.npy"
      io.open("shorter.npy", "w"):close()
      print(a:sum())]])
    assert.is_true(result.status ~= 0)
    has(result.stderr, "ensemble-lua: shorter.npy: SIGBUS: this data file was made shorter")
  end)

  it_with("and says where a file is wrong, and what would be right", function()
    fails(dir, "ensemble.read_npy 'complex.npy'",
      "complex.npy: byte 20: the array is complex (c16): save its .real and .imag apart")
    dir:write("cut.npy", dir:read("lf8C.npy"):sub(1, 200))
    fails(dir, "ensemble.read_npy 'cut.npy'",
      "cut.npy: byte 128: the shape and type need 96 bytes from here on, but the file has 72: is it cut off?")
    fails(dir, "ensemble.read_npy 'stored.npz'", "stored.npz: byte 0: this is no .npy file: it does not begin with "
      .. "\\x93NUMPY; numpy.save writes one")
    fails(dir, "ensemble.read_npz 'lf8C.npy'",
      "lf8C.npy: byte 0: this is no .npz file (a zip archive): numpy.savez writes one")
    fails(dir, "ensemble.read_npz 'nowhere.npz'", "nowhere.npz: No such file or directory")
    local text = dir:read("stored.npz")
    dir:write("flipped.npz", text:sub(1, 200) .. string.char((text:byte(201) + 1) % 256) .. text:sub(202))
    fails(dir, "ensemble.read_npz 'flipped.npz'",
      "flipped.npz: byte 55: 'x.npy' is damaged: its bytes have another CRC-32 than the directory tells")
  end)
end)

describe(helper.name .. "'s readers", function()
  it("want a path", function()
    local dir = helper.directory()
    for _, name in ipairs { "read_csv", "read_npy", "read_npz" } do
      local result = dir:script(HEAD .. ("ensemble.%s {}"):format(name))
      assert.equal(2, result.status)
      has(result.stderr, ("run.lua:2: %s: the path is a table: give the name of a file"):format(name))
    end
  end)
end)
