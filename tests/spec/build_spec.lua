-- The output of `make` and its choice of parts, by dry runs: optional parts left out, requested, or missing. Nothing is
-- built.
local helper = require "tests.spec.helper"

local NOTHING = " B=" .. helper.quote(helper.directory():file("nothing"))

-- Runs `make WORDS` in this repository with a clean environment. Returns its output and whether it succeeded.
local function make(words, environment)
  local pipe = io.popen(("cd %s && env -u MAKEFLAGS -u MAKELEVEL -u SANITIZER %s make %s 2>&1; echo status $?"):format(
    helper.quote(helper.root), environment or "", words))
  local text, status = pipe:read("*a"):match("^(.*)status (%d+)\n$")
  pipe:close()
  return text, status == "0"
end

-- The commands that make would run, one word a line.
local function plan(words, environment)
  local text, fine = make("-n " .. words .. NOTHING, environment)
  assert.is_true(fine, text)
  return "\n" .. text:gsub("%s+", "\n")
end

local PARTS = { -- variable; its trace in the commands; a setting that hides it; make's error if it is requested then
  { "LUAJIT", "/ensemble-luajit\n", "PKG_CONFIG_LIBDIR=/nowhere", "pkg-config finds no luajit: scripts/install-deps "
    .. "optional installs it" },
  { "HDF5", "-DENS_HDF5_LIBRARY=", "PKG_CONFIG_LIBDIR=/nowhere", "pkg-config finds no hdf5: scripts/install-deps "
    .. "optional installs it" },
  { "CFITSIO", "-DENS_CFITSIO_LIBRARY=", "PKG_CONFIG_LIBDIR=/nowhere", "pkg-config finds no cfitsio: "
    .. "scripts/install-deps optional installs it" },
  { "MPI", "/ensemble-mpi-", nil, "there is no mpicc: scripts/install-deps optional installs one" },
}

-- A PATH with all commands except MPI's compilers.
local function path_without_mpi()
  local dir = helper.directory()
  os.execute(("ln -s /usr/local/bin/* /usr/bin/* %s 2>/dev/null; rm -f %s/mpicc*"):format(helper.quote(dir.path),
    helper.quote(dir.path)))
  return "PATH=" .. helper.quote(dir.path)
end

describe("make", function()
  if helper.is_luajit then
    pending("skipped: one Makefile builds both programs; the spec runs with the other one")
    return
  end

  setup(function() PARTS[4][3] = path_without_mpi() end)

  for _, part in ipairs(PARTS) do
    local name, sign = "WITH_" .. part[1], part[2]
    it("leaves out or requires a part by " .. name, function()
      assert.falsy(plan(name .. "=0"):find(sign, 1, true))
      assert.falsy(plan("", part[3]):find(sign, 1, true))
      local text, fine = make("-n " .. name .. "=1" .. NOTHING, part[3])
      assert.is_false(fine)
      assert.truthy(text:find(("*** %s=1, but %s.  Stop."):format(name, part[4]), 1, true), text)
      text, fine = make("-n " .. name .. "=1" .. NOTHING)
      if fine then
        assert.truthy(("\n" .. text:gsub("%s+", "\n")):find(sign, 1, true), text)
        assert.truthy(plan(""):find(sign, 1, true))
      end
    end)
    it("rejects another value of " .. name, function()
      local text, fine = make("-n " .. name .. "=yes" .. NOTHING)
      assert.is_false(fine)
      assert.truthy(text:find(("*** %s=yes: 0 leaves the part out, 1 requires it, no value includes it if it is "
        .. "found.  Stop."):format(name), 1, true), text)
    end)
  end

  it("builds with a sanitizer into a folder of its own, without LuaJIT", function()
    local text = plan("SANITIZER=address,undefined")
    assert.truthy(text:find("\n-fsanitize=address,undefined\n", 1, true))
    assert.falsy(text:find("/ensemble-luajit\n", 1, true))
    assert.truthy(make("-n SANITIZER=address,undefined"):find("build/address-undefined", 1, true))
  end)

  it("lists every target for users in its help", function()
    local text = make("help")
    for _, target in ipairs { "all", "demo", "test", "test-full", "bench", "lint", "check-layers", "fuzz", "format",
      "check", "install", "dist", "clean" } do
      assert.truthy(("\n" .. text):find("\n" .. target:gsub("%-", "%%-") .. " +%w"), target)
    end
  end)

  it("takes Lua from LUA_CFLAGS and LUA_LIBS without pkg-config", function()
    local text = plan("LUA_CFLAGS=-I/elsewhere/include LUA_LIBS='-L/elsewhere/lib -llua' SQLITE_LIBS=-lsqlite "
      .. "ZLIB_LIBS=-lzng", "PKG_CONFIG_LIBDIR=/nowhere")
    for _, word in ipairs { "-I/elsewhere/include", "-L/elsewhere/lib", "-llua", "-lsqlite", "-lzng" } do
      assert.truthy(text:find("\n" .. word .. "\n", 1, true), word)
    end
    assert.falsy(text:find("\n-lsqlite3\n", 1, true))
    assert.falsy(text:find("/ensemble-luajit\n", 1, true))
  end)

  it("has the version from one file, which the newest changes name", function()
    local version = helper.read(helper.root .. "/VERSION"):match("^(%d+%.%d+%.%d+)\n$")
    assert.truthy(version)
    assert.equal(version, helper.read(helper.root .. "/CHANGES.md"):match("\n## (%S+)\n"))
    local pipe = io.popen(helper.quote(helper.program) .. " --version")
    assert.equal("ensemble-lua " .. version .. " (Lua 5.4)", pipe:read("*l"))
    pipe:close()
  end)
end)
