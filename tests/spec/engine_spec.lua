-- The two programs together: --engine, and a script whose first line names its program. See docs/reference/commands.md.
local helper = require "tests.spec.helper"

local own = helper.is_luajit and "luajit" or "lua"
local other = helper.is_luajit and "lua" or "luajit"
local folder = helper.program:match("^(.*)/")
local has_both = helper.read(folder .. "/ensemble-" .. other) ~= nil

local SHOW = [[
print(require("ensemble").engine, #arg, arg[0], arg[1])]]

describe(helper.name .. " --engine", function()
  local dir

  before_each(function()
    dir = helper.directory()
    dir:write("run.lua", SHOW)
  end)

  it("continues in the same program if the engine is its own", function()
    local result = dir:run { "--engine", own, "run.lua", "a b" }
    assert.equal("", result.stderr)
    assert.equal((helper.is_luajit and "LuaJIT 2.1" or "Lua 5.4") .. "\t1\trun.lua\ta b\n", result.stdout)
  end)

  it("rejects an unknown name", function()
    local result = dir:run { "--engine", "luajti", "run.lua" }
    assert.equal(2, result.status)
    assert.equal("ensemble-lua: option '--engine' is 'luajti': give 'lua' or 'luajit' (did you mean 'luajit'?) (see "
      .. helper.name .. " --help)\n", result.stderr)
  end)

  it("names the folder where it looked for a missing program", function()
    os.execute(("cp %s %s"):format(helper.quote(helper.program), helper.quote(dir.path)))
    local result = dir:run { program = dir:file(helper.name), "--engine", other, "run.lua" }
    assert.equal(2, result.status)
    assert.equal("", result.stdout)
    assert.equal(("ensemble-lua: option '--engine' is '%s': there is no ensemble-%s in %s, beside this program (see %s "
      .. "--help)\n"):format(other, other, dir.path, helper.name), result.stderr)
  end)

  if has_both then
    it("hands the whole command line over to the other program, from any folder", function()
      local result = dir:run { "--quiet", "--engine=" .. other, "-e", "x = 1", "run.lua", "a b" }
      assert.equal("", result.stderr)
      assert.equal((helper.is_luajit and "Lua 5.4" or "LuaJIT 2.1") .. "\t1\trun.lua\ta b\n", result.stdout)
      result = dir:run { "--engine", other, "-", stdin = SHOW }
      assert.equal((helper.is_luajit and "Lua 5.4" or "LuaJIT 2.1") .. "\t0\t-\tnil\n", result.stdout)
      assert.equal("ensemble-" .. other, dir:run({ "--engine", other, "-v" }).stdout:match("^%S+"))
    end)

    local MODEL = 'return { parameters = { "x" }, log_prob = function(theta) return -theta.x ^ 2 end }'
    local engines = { lua = "Lua 5.4", luajit = "LuaJIT 2.1" }

    local function store_script(model, data)
      return ([[
local ensemble = require "ensemble"
ensemble.run { model = %s, data = %s, start = ensemble.ball({ 0 }, 1), steps = tonumber(arg[1]), seed = 1,
  output = "run.db", quiet = true }]]):format(model, data or "nil")
    end

    local function warning(from, step)
      return ("from step %d on the run continues under %s; the steps before were made under %s: the chain is that of "
        .. "one run only if the model computes the same numbers under both"):format(step, engines[own], engines[from])
    end

    it("that resumes the other one's store warns of it, on stderr and in the store", function()
      dir:write("model.lua", MODEL)
      dir:write("run.lua", store_script('"model.lua"'))
      assert.equal("", dir:run({ "--engine", other, "run.lua", 20 }).stderr)
      local result = dir:run { "run.lua", 30 }
      assert.equal(0, result.status, result.stderr)
      assert.equal("ensemble-lua: warning: " .. warning(other, 20) .. "\n", result.stderr)
      assert.same({ { "warning", warning(other, 20) } },
        helper.sql(dir:file("run.db"), "SELECT level, message FROM log"))
      assert.same({ { engines[own] } }, helper.sql(dir:file("run.db"), "SELECT engine FROM run"))
      assert.equal("", dir:run({ "run.lua", 40 }).stderr)
    end)

    it("is named in the error about an inline model of another engine", function()
      dir:write("run.lua", store_script("{ parameters = { 'x' }, log_prob = function(t) return -t.x ^ 2 end }"))
      dir:run { "--engine", other, "run.lua", 20 }
      local result = dir:run { "run.lua", 30 }
      assert.equal(2, result.status)
      local line = "\n  the engine: %s there, %s here, where inline models and numbers like 3.0 in data have other "
        .. "fingerprints (--engine %s is the one there)\n"
      assert.truthy(result.stderr:find(line:format(engines[other], engines[own], other), 1, true), result.stderr)
    end)

    it("has the same data: whole numbers, lists and tables from files", function()
      dir:write("d.csv", "x,flux (mJy)\n1,2.5\n2,4.5\n")
      dir:write("model.lua", MODEL)
      for i, data in ipairs { 'ensemble.read_csv "d.csv"',
        '{ n = 3, m = -4, half = 0.5, [2 ^ 40] = { "a", true, { 5, 6.5 } }, d = ensemble.read_csv "d.csv" }' } do
        dir:write("run.lua", store_script('"model.lua"', data))
        dir:run { "--output", i .. ".db", "--engine", other, "run.lua", 20 }
        local result = dir:run { "--output", i .. ".db", "run.lua", 30 }
        assert.equal(0, result.status, result.stderr)
        assert.equal(0, dir:run({ "--output", i .. ".db", "run.lua", 40 }).status)
        assert.equal(0, dir:run({ "--output", i .. ".db", "--engine", other, "run.lua", 50 }).status)
        dir:write("run.lua", store_script('"model.lua"', "{ n = 4 }"))
        result = dir:run { "--output", i .. ".db", "run.lua", 60 }
        assert.equal(2, result.status)
        assert.truthy(result.stderr:find("the data have changed", 1, true), result.stderr)
      end
    end)

    it("is by default the one of the store's last steps in resume", function()
      local inline = store_script("{ parameters = { 'x' }, log_prob = function(t) return -t.x ^ 2 end }")
      dir:write("run.lua", inline .. "\nprint(ensemble.engine)")
      -- Started by its own name, so that the stored command line has no --engine.
      dir:run { program = folder .. "/ensemble-" .. other, "run.lua", 20 }
      local result = dir:run { "resume", "run.db", "--steps", 10 }
      assert.equal(engines[other] .. "\n", result.stdout, result.stderr)
      assert.equal(0, result.status, result.stderr)
    end)

    it("that resume's --engine names becomes the store's engine", function()
      dir:write("model.lua", MODEL)
      dir:write("run.lua", store_script('"model.lua"') .. "\nprint(ensemble.engine)")
      dir:run { program = folder .. "/ensemble-" .. other, "run.lua", 20 }
      local result = dir:run { "resume", "run.db", "--steps", 10, "--engine", own }
      assert.equal(engines[own] .. "\n", result.stdout, result.stderr)
      assert.truthy(result.stderr:find("warning: " .. warning(other, 20), 1, true), result.stderr)
      result = dir:run { program = folder .. "/ensemble-" .. other, "resume", "run.db", "--steps", 10 }
      assert.equal(engines[own] .. "\n", result.stdout)
      assert.equal("", result.stderr)
    end)

    it("is kept by resume", function()
      dir:write("model.lua", 'return { parameters = { "x" }, log_prob = function(theta) return -theta.x ^ 2 end }')
      dir:write("run.lua", [[
local ensemble = require "ensemble"
ensemble.run { model = "model.lua", start = ensemble.ball({ 0 }, 1), steps = 20, seed = 1, output = "run.db" }
print(ensemble.engine)]])
      local result = dir:run { "--quiet", "--engine", other, "run.lua" }
      assert.equal(0, result.status)
      local resumed = dir:run { "resume", "run.db", "--steps", "5", "--quiet" }
      assert.equal(result.stdout, resumed.stdout)
      assert.equal(0, resumed.status)
      resumed = dir:run { "resume", "run.db", "--steps", "5", "--quiet", "--engine", own }
      assert.equal((helper.is_luajit and "LuaJIT 2.1" or "Lua 5.4") .. "\n", resumed.stdout)
    end)
  end
end)

describe(helper.name .. "'s engine", function()
  -- If the engine has a compiler, its x ^ 2 must equal its interpreter's.
  it("squares numbers equally by ^ and by *, compiled or not", function()
    local result = helper.directory():script([[
local function power(x) return x ^ 2 end
local function interpreted(x) return x ^ 2 end
if jit then jit.off(interpreted) end
local n = 0
for i = 1, 100000 do
  local x = i * 1.0000123 / 777
  if power(x) ~= x * x or interpreted(x) ~= x * x then n = n + 1 end
end
print(n, 2 ^ 0.5, 3 ^ 3)]])
    assert.truthy(result.stdout:find("^0\t1%.4142135623731\t27%.?0?\n$"), result.stdout)
  end)
end)

describe(helper.name .. " in a script's first line", function()
  it("runs it", function()
    local dir = helper.directory()
    dir:write("run.lua", "#!/usr/bin/env " .. helper.name .. "\n" .. SHOW)
    os.execute("chmod +x " .. helper.quote(dir:file("run.lua")))
    local result = dir:run { program = "./run.lua", "a b", env = { PATH = folder .. ":" .. os.getenv("PATH") } }
    assert.equal("", result.stderr)
    assert.equal((helper.is_luajit and "LuaJIT 2.1" or "Lua 5.4") .. "\t1\t./run.lua\ta b\n", result.stdout)
  end)
end)
