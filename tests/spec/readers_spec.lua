-- Data files of other programs: numpy's files are read number by number, and a broken file gives an error with the
-- place. See docs/reference/data.md.
local helper = require "tests.spec.helper"
local python = require "tests.spec.python"

local HEAD = "local ensemble = require 'ensemble'\n"

-- A script that reads each file in expected.txt and prints it in the form that numpy wrote there: name, shape, numbers
-- in row-major order.
local function show(read)
  return HEAD .. "local read = " .. read .. [=[

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
  local value = read(name)
  local shape = type(value) == "number" and "number" or table.concat({ value:shape() }, "x"):gsub("%.0", "")
  print(name .. "\t" .. shape .. "\t" .. table.concat(flat(value, {}), " "))
end
]=]
end

local function has(text, part) assert.truthy(text:find(part, 1, true), ("no %q in:\n%s"):format(part, text)) end

-- Runs a script that must exit with 0; its own asserts check the values.
local function passes(dir, text)
  local result = dir:script(HEAD .. text)
  assert.equal(0, result.status, result.stderr)
  return result
end

-- Runs a script that must exit with 1 and "run.lua:2: " .. message.
local function fails(dir, text, message)
  local result = dir:script(HEAD .. text)
  assert.equal(1, result.status, result.stderr)
  has(result.stderr, "ensemble-lua: run.lua:2: " .. message .. "\n")
end

describe(helper.name .. " reads numpy's files", function()
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
    local result = dir:script(show "ensemble.read_npy")
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

  -- A mapped array and a table give the same chain, with any number of workers.
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

  it_with("into tables of arrays, which are the same in a model", function()
    passes(dir, [[
      local model = { parameters = { "m" } }
      function model.log_prob(theta, data)
        assert(table.concat(data:names(), " ") == "x grid sigma table" and data.table:nrows() == 2)
        local ok, message = pcall(function() return data.label end)
        assert(not ok and message:find("array 'label' was left out: it is text (U4), not numbers", 1, true), message)
        return -0.5 * (theta.m - data.x[5]) ^ 2 / data.sigma
      end
      ensemble.run { model = model, data = ensemble.read_npz "stored.npz", start = ensemble.ball({ 0 }, 1), walkers = 8,
        workers = 2, steps = 5 }]])
  end)

  it_with("also inside a model", function()
    passes(dir, [[
      local model = { parameters = { "m" } }
      function model.setup() c = require("ensemble").read_npy("shape23.npy"):at(2, 3) end
      function model.log_prob(theta) return -0.5 * (theta.m - c) ^ 2 end
      ensemble.run { model = model, start = ensemble.ball({ 0 }, 1), walkers = 8, workers = 2, steps = 5 }]])
  end)

  it_with("as data of a stored run, which does not resume with other numbers or another shape", function()
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

  it_with("and names a file that became shorter while it was in use", function()
    dir:write("shorter.npy", dir:read("big.npy"))
    local result = dir:script(HEAD .. [[
      local a = ensemble.read_npy "shorter.npy"
      io.open("shorter.npy", "w"):close()
      print(a:sum())]])
    assert.is_true(result.status ~= 0)
    has(result.stderr, "ensemble-lua: shorter.npy: SIGBUS: this data file was made shorter")
  end)

  it_with("and names such a file and the evaluation if that happens in a run", function()
    dir:write("shorter.npy", dir:read("big.npy"))
    local result = dir:script(HEAD .. [[
      local model = { parameters = { "m" } }
      function model.log_prob(theta, data)
        io.open("shorter.npy", "w"):close()
        return -theta.m ^ 2 * data.a[300000]
      end
      ensemble.run { model = model, data = { a = ensemble.read_npy "shorter.npy" }, start = ensemble.ball({ 0 }, 1),
        walkers = 8, workers = 3, steps = 5 }]], { timeout = 60 })
    assert.is_true(result.status ~= 0 and result.status ~= 124)
    has(result.stderr, "the model crashed (SIGBUS: it used memory that is not there)\n  at the start, walker ")
    has(result.stderr, "shorter.npy: SIGBUS: this data file was made shorter")
  end)

  it_with("and names the place of an error in a file, and a remedy", function()
    fails(dir, "ensemble.read_npy 'complex.npy'",
      "complex.npy: byte 20: the array is complex (c16): save its .real and .imag separately")
    dir:write("cut.npy", dir:read("lf8C.npy"):sub(1, 200))
    fails(dir, "ensemble.read_npy 'cut.npy'",
      "cut.npy: byte 128: the shape and type need 96 bytes from here on, but the file has 72: it may be cut off")
    fails(dir, "ensemble.read_npy 'stored.npz'", "stored.npz: byte 0: this is not a .npy file: it does not begin with "
      .. "\\x93NUMPY; numpy.save writes one")
    fails(dir, "ensemble.read_npz 'lf8C.npy'",
      "lf8C.npy: byte 0: this is not a .npz file (a zip archive): numpy.savez writes one")
    fails(dir, "ensemble.read_npz 'nowhere.npz'", "nowhere.npz: No such file or directory")
    local text = dir:read("stored.npz")
    dir:write("flipped.npz", text:sub(1, 200) .. string.char((text:byte(201) + 1) % 256) .. text:sub(202))
    fails(dir, "ensemble.read_npz 'flipped.npz'",
      "flipped.npz: byte 55: 'x.npy' is damaged: its CRC-32 differs from that in the directory")
  end)
end)

-- The reason why the program cannot read such files, or nil. It may be built without their library.
local function unable(reader)
  local dir = helper.directory()
  dir:write("empty", "")
  local result = dir:script(HEAD .. ("ensemble.%s('empty', 'x')"):format(reader))
  return result.stderr:match("this program was built without %w+")
end

describe(helper.name .. " reads HDF5", function()
  local dir
  local without = unable("read_hdf5") or not python.with "h5py" and "no python3 has h5py (Debian: python3-h5py)"

  setup(function()
    if without then return end
    dir = helper.directory()
    assert(python.call_with("h5py, numpy", "datafiles.py", "hdf5", dir.path))
  end)

  local function it_with(name, body)
    it(name, function()
      if without then return pending(without) end
      body()
    end)
  end

  it_with("datasets of every type and byte order, packed or not, and scalars", function()
    local result = dir:script(show "function(name) return ensemble.read_hdf5('numbers.h5', name) end")
    assert.equal(0, result.status, result.stderr)
    assert.equal(dir:read("expected.txt"), result.stdout)
  end)

  it_with("compound types as columns, groups as tables of datasets", function()
    passes(dir, [[
      local d = ensemble.read_hdf5("numbers.h5", "/table")
      assert(table.concat(d:names(), " ") == "x n v" and d.x[2] == 2.5 and d.n[1] == 2 and d.v:at(2, 1) == 5)
      local ok, message = pcall(function() return d.name end)
      assert(not ok and message == "run.lua:4: column 'name' was left out: it is text, not numbers", message)
      local z = ensemble.read_hdf5("numbers.h5", "complex")
      assert(z.r[1] == 1 and z.i[1] == 2)
      local g = ensemble.read_hdf5("numbers.h5", "kinds")
      assert(#g:names() == 21 and g["<f8"]:at(3, 3) == 10)
      assert(ensemble.read_hdf5("numbers.h5", "loop"):names()[1] == "x")]])
  end)

  it_with("and reports errors, with the names in the file", function()
    fails(dir, "ensemble.read_hdf5('numbers.h5', 'packed/gird')",
      "numbers.h5: there is no dataset 'packed/gird': did you mean 'packed/grid'?")
    local result = dir:script(HEAD .. "ensemble.read_hdf5 'numbers.h5'")
    has(result.stderr, "run.lua:2: numbers.h5: give the name of a dataset: the datasets are complex, huge, kinds/<f2, ")
    has(result.stderr, " more\n")
    fails(dir, "ensemble.read_hdf5('numbers.h5', 'text')", "numbers.h5: text: it is text, not numbers")
    fails(dir, "ensemble.read_hdf5('numbers.h5', 'none')", "numbers.h5: none: it is empty: it has no extents")
    fails(dir, "ensemble.read_hdf5('numbers.h5', 'huge')",
      "numbers.h5: an array of 10000000 x 10000000 numbers is more than this machine's memory")
    fails(dir, "ensemble.read_hdf5('expected.txt', 'x')",
      "expected.txt: this is not an HDF5 file, or it is damaged (HDF5: file signature not found)")
    fails(dir, "ensemble.read_hdf5('nowhere.h5', 'x')", "nowhere.h5: No such file or directory")
    result = dir:script(HEAD .. "ensemble.read_hdf5('numbers.h5', 'packed/lzf')")
    has(result.stderr, "numbers.h5: packed/lzf: it cannot be read (HDF5: required filter 'lzf' is not registered)")
    assert.equal(2, dir:script(HEAD .. "ensemble.read_hdf5('numbers.h5', 3)").status)
  end)

  it_with("all readable datasets of a group, and names the reason for the others", function()
    passes(dir, [[
      local d = ensemble.read_hdf5("numbers.h5", "packed")
      assert(table.concat(d:names(), " ") == "grid" and d.grid:at(1, 2) == 1)
      local ok, message = pcall(function() return d.lzf end)
      assert(not ok and message == "run.lua:4: dataset 'lzf' was left out: it cannot be read (HDF5: required filter "
        .. "'lzf' is not registered)", message)]])
    for _, group in ipairs { "g", "g/" } do
      fails(dir, ("ensemble.read_hdf5('damaged.h5', '%s')"):format(group), "damaged.h5: g/torn: it cannot be read "
        .. "(HDF5: data error detected by Fletcher32 checks...); "
        .. "the other datasets of the group can be read one by one")
    end
    passes(dir, "assert(ensemble.read_hdf5('damaged.h5', 'g/good')[3] == 2)")
  end)

  it_with("but starts without its library, and misses it only on reading", function()
    local pipe = io.popen("grep -ao 'libhdf5[a-z_]*\\.so\\.[0-9]*' " .. helper.quote(helper.program))
    local library = pipe:read("*l")
    pipe:close()
    dir:write("lib/" .. library, "no library")
    local result = dir:script(HEAD .. "print(1)\nensemble.read_hdf5('numbers.h5', 'scalar')",
      { env = { LD_LIBRARY_PATH = dir:file "lib" } })
    assert.equal(1, result.status)
    assert.equal("1\n", result.stdout)
    has(result.stderr, ("run.lua:3: HDF5 files are read by %s, which cannot be loaded here: "):format(library))
  end)
end)

describe(helper.name .. " reads FITS", function()
  local dir
  local without = unable("read_fits") or not python.with "numpy" and "no python3 has numpy (Debian: python3-numpy)"

  setup(function()
    if without then return end
    dir = helper.directory()
    assert(python.call_with("numpy", "datafiles.py", "fits", dir.path))
  end)

  local function it_with(name, body)
    it(name, function()
      if without then return pending(without) end
      body()
    end)
  end

  local LIST = [[
    local function list(value, out)
      for i = 1, #value do
        if type(value[i]) == "number" then out[#out + 1] = ("%g"):format(value[i]) else list(value[i], out) end
      end
      return out
    end
    local function is(array, shape, text)
      assert(table.concat({ array:shape() }, "x") == shape)
      local found = table.concat(list(array, {}), " "):gsub("%-nan", "nan")
      assert(found == text, found)
    end
  ]]

  it_with("columns of binary tables: scaled, with nulls, vectors and several axes", function()
    passes(dir, LIST .. [[
      local d = ensemble.read_fits "tables.fits"
      assert(table.concat(d:names(), " ") == "x n v m flag u s" and d:nrows() == 3)
      is(d.x, "3", "1.5 nan 2.5")
      is(d.n, "3", "7 nan 9")
      is(d.v, "3x3", "1 2 3 4 5 6 7 8 9")
      is(d.m, "3x2x3", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17")
      is(d.flag, "3", "1 0 nan")
      is(d.u, "3", "0 65535 32768")
      is(d.s, "3", "6 11 16")
      for name, reason in pairs { name = "is text, not numbers", p = "has elements of different lengths",
        c = "is complex: save its real and imaginary parts separately", c11 = "has bits, not numbers" } do
        local ok, message = pcall(function() return d[name] end)
        assert(not ok and message:find(("column '%s' was left out: it %s"):format(name, reason), 1, true), message)
      end]])
  end)

  it_with("ASCII tables and images, by number and by name in any case", function()
    passes(dir, LIST .. [[
      local d = ensemble.read_fits("tables.fits", "ascii")
      is(d.a, "2", "12 -3")
      is(d.e, "2", "1.5 -2.25")
      assert(ensemble.read_fits("tables.fits", 2).x[1] == 1.5 and ensemble.read_fits("tables.fits", 3).a[1] == 12)
      is(ensemble.read_fits("tables.fits", 4), "2x3", "0 1 2 3 4 nan")
      is(ensemble.read_fits "image.fits", "2x3", "0 1 2 3 4 nan")]])
  end)

  it_with("and reports errors, with the names in the file", function()
    fails(dir, "ensemble.read_fits('tables.fits', 'EVENT')",
      "tables.fits: there is no HDU 'EVENT': did you mean 'EVENTS'?")
    fails(dir, "ensemble.read_fits('tables.fits', 9)",
      "tables.fits: there is no HDU '9': the HDUs are 1, 4, ASCII, EVENTS")
    fails(dir, "ensemble.read_fits('tables.fits', 1)", "tables.fits: HDU 1: it has no data")
    local result = dir:script(HEAD .. "ensemble.read_fits 'cut.fits'")
    has(result.stderr, "run.lua:2: cut.fits: HDU 2: a column cannot be read (CFITSIO: ")
    dir:write("text.fits", "x,y\n1,2\n")
    result = dir:script(HEAD .. "ensemble.read_fits 'text.fits'")
    has(result.stderr, "run.lua:2: text.fits: this is not a FITS file, or it is damaged (CFITSIO: ")
    fails(dir, "ensemble.read_fits 'nowhere.fits'", "nowhere.fits: No such file or directory")
    assert.equal(2, dir:script(HEAD .. "ensemble.read_fits('tables.fits', 0.5)").status)
  end)
end)

describe(helper.name .. "'s readers", function()
  it("require a path", function()
    local dir = helper.directory()
    for _, name in ipairs { "read_csv", "read_npy", "read_npz", "read_hdf5", "read_fits" } do
      local result = dir:script(HEAD .. ("ensemble.%s {}"):format(name))
      assert.equal(2, result.status)
      has(result.stderr, ("run.lua:2: %s: the path is a table: give the name of a file"):format(name))
    end
  end)
end)
