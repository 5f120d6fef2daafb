-- Short forms of the examples that do real work, against their known answers. A mean may be five standard errors off.
local compile = require "tests.spec.compile"
local helper = require "tests.spec.helper"

local K = 5

describe(helper.name .. " runs the example", function()
  local dir

  before_each(function()
    dir = helper.directory()
    os.execute(("cp -r %s %s"):format(helper.quote(helper.root .. "/examples"), helper.quote(dir.path)))
  end)

  local function run(script, steps, ...)
    local result = dir:run { "--quiet", "--steps", steps, "examples/" .. script, ... }
    assert.equal(0, result.status, result.stderr)
    return result.stdout
  end

  -- A row of a summary: mean, standard deviation, effective size.
  local function row(text, name)
    local numbers = {}
    local line = ("\n" .. text):match("\n" .. name .. "(%s+[^\n]*)")
    for number in (line or ""):gmatch("%S+") do numbers[#numbers + 1] = tonumber(number) end
    assert.equal(7, #numbers, text)
    return numbers[1], numbers[2], numbers[7]
  end

  -- Compares the run's mean with `known`, whose own standard error is given. `rounding`: the table's rounding error.
  local function is_near(text, name, known, standard_error, rounding)
    local mean, sd, ess = row(text, name)
    local tolerance = K * math.sqrt((standard_error or 0) ^ 2 + sd ^ 2 / ess) + rounding
    assert.is_true(math.abs(mean - known) <= tolerance, ("%s is %g, not %g within %g"):format(name, mean, known,
      tolerance))
  end

  local function command(text)
    local ok = os.execute(("cd %s && %s"):format(helper.quote(dir.path), text))
    assert(ok == true or ok == 0, text)
  end

  it("native, to the same chain as in Lua and emcee's answer", function()
    command(("make -s -C examples/native HEADER=-I%s"):format(helper.quote(helper.root .. "/src")))
    local text = run("native/run.lua", 1000)
    assert.truthy(text:find("the same chain: yes", 1, true), text)
    -- emcee's medians, also in models/line.lua; m and b are symmetric to the last digit given.
    is_near(text, "m", -1.009, 0, 0.002)
    is_near(text, "b", 4.551, 0, 0.005)
  end)

  it("fortran, to the published line", function()
    if not compile.has("gfortran") then
      pending("gfortran is not installed")
      return
    end
    command("gfortran -O2 -shared -fPIC -J examples/fortran -o examples/fortran/libline.so examples/fortran/line.f90")
    local text = run("fortran/run.lua", 1000)
    -- The exact weighted least squares of these points.
    is_near(text, "m", 2.2399, 0, 0.001)
    is_near(text, "b", 34.048, 0, 0.1)
  end)

  it("51peg, to the published orbit", function()
    local text = run("51peg/run.lua", 700)
    local period, sd = row(text, "period")
    assert.is_true(math.abs(period - 4.230785) <= 3 * math.sqrt(sd ^ 2 + 0.000036 ^ 2), text)
    local speed, deviation = text:match("K, m/s%s+55.94 %+%- 0.69%s+(%S+) %+%- (%S+)")
    assert.is_true(math.abs(speed - 55.94) <= 3 * math.sqrt(deviation ^ 2 + 0.69 ^ 2), text)
  end)

  it("lynx_hare, to the reference means", function()
    local text = run("lynx_hare/run.lua", 700)
    local reference = { { "alpha", 0.546864, 0.00063, 1e-3 }, { "beta", 0.0277473, 4.1e-5, 1e-5 },
      { "gamma", 0.800095, 0.00088, 1e-3 }, { "delta", 0.0240859, 3.5e-5, 1e-5 }, { "u0", 34.0352, 0.029, 0.01 },
      { "v0", 5.9359, 0.0053, 1e-3 }, { "sigma_u", 0.248057, 0.00044, 1e-4 }, { "sigma_v", 0.251017, 0.00044, 1e-4 } }
    for _, one in ipairs(reference) do is_near(text, one[1], one[2], one[3], one[4]) end
  end)
end)
