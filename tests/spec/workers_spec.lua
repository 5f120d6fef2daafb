-- Workers: their number, their counts, and limits on their evaluations; and models that are C functions. See
-- docs/reference/options.md and model.md.
local helper = require "tests.spec.helper"

local function script(fields)
  return ([[
local ensemble = require "ensemble"
local sampler = ensemble.run {
  start = ensemble.ball({ 0, 0 }, 0.3), seed = 3, progress = "none", %s
}
]]):format(fields)
end

local function native(symbol)
  return ('model = ensemble.native("./models.so", { symbol = %q, parameters = { "x", "y" } })'):format(symbol)
end

local library

-- Compiles the C models once, and copies the library into `dir`.
local function compile(dir)
  library = library or helper.directory()
  if not library:read("models.so") then
    local command = ("${CC:-cc} -std=c11 -O1 -shared -fPIC -o %s %s -ldl -lm"):format(
      helper.quote(library:file("models.so")), helper.quote(helper.root .. "/tests/spec/native/models.c"))
    local ok = os.execute(command)
    assert(ok == true or ok == 0, command)
  end
  os.execute(("cp %s %s"):format(helper.quote(library:file("models.so")), helper.quote(dir.path)))
end

describe(helper.name .. " with models in C", function()
  local dir

  before_each(function()
    dir = helper.directory()
    compile(dir)
  end)

  it("gives the chain of the same model in Lua for a bare function", function()
    local print_chain = [[
for _, state in ipairs(sampler:chain { flat = true }:totable()) do print(("%a %a"):format(state[1], state[2])) end]]
    local in_c = dir:script(script(native("plain") .. ", steps = 50") .. print_chain)
    local in_lua = dir:script(script([[steps = 50, model = { parameters = { "x", "y" }, log_prob = function(t)
      local sum = 0
      for i = 1, 2 do sum = sum + t[i] * t[i] end
      return -0.5 * sum
    end }]]) .. print_chain)
    assert.equal(0, in_c.status, in_c.stderr)
    assert.truthy(#in_c.stdout > 1000)
    assert.equal(in_lua.stdout, in_c.stdout)
  end)

  it("gives one chain for any number of workers", function()
    local first
    for _, workers in ipairs { 1, 2, 8 } do
      local result = dir:script(script(native("sleepy") .. ", walkers = 8, steps = 6, quiet = true, workers = "
        .. workers) .. 'for _, x in ipairs(sampler:chain { flat = true }:totable()) do print(("%a"):format(x[1])) end')
      assert.equal(0, result.status, result.stderr)
      first = first or result.stdout
      assert.equal(first, result.stdout)
    end
  end)

  it("reports errors before the run starts", function()
    local cases = {
      { 'ensemble.native("./none.so", { symbol = "plain", parameters = { "x" } })', "the library cannot be loaded: " },
      { 'ensemble.native("./models.so", { symbol = "plian", parameters = { "x" } })',
        "models.so' has no symbol 'plian': check the function's name" },
      { 'ensemble.native("./models.so", { symbol = "plain" })', "native: field 'parameters' is nil" },
      { 'ensemble.native("./models.so", { symbol = "plain", parameters = { "x", "x" } })',
        "native: field 'parameters'" },
      { 'ensemble.native("./models.so", { symbl = "plain", parameters = { "x" } })', "did you mean 'symbol'?" },
      { 'ensemble.native("./models.so")', "for a bare function give { symbol = " },
      { 'ensemble.native("./models.so", 3)', "native: the second argument is 3" },
      { 'ensemble.native(3, {})', "native: the path is 3" },
    }
    for _, case in ipairs(cases) do
      local result = dir:script(script("steps = 1, model = " .. case[1]))
      assert.equal(2, result.status, case[1])
      assert.truthy(result.stderr:find("^ensemble%-lua: run.lua:%d+: "), result.stderr)
      assert.truthy(result.stderr:find(case[2], 1, true), result.stderr)
    end
  end)

  it("names symbol, walker, step and parameters of a NaN or inf", function()
    local result = dir:script(script(native("bad") .. ", steps = 500"))
    assert.equal(1, result.status)
    assert.truthy(result.stderr:find("models.so: bad returned %a+"), result.stderr)
    assert.truthy(result.stderr:find("\n  at step %d+, walker %d+: x = %-?%d"), result.stderr)
    local passed = dir:script(script(native("bad") .. ', steps = 50, on_nan = "reject", on_error = "reject"'))
    assert.equal(0, passed.status, passed.stderr)
  end)

  it("gives BLAS one thread, or the number of --blas-threads", function()
    local probe = dir:script(script(native("one_thread") .. ", steps = 2"))
    if probe.stderr:find("NaN", 1, true) and not os.execute("ldconfig -p | grep -q libopenblas.so.0") then
      pending("libopenblas.so.0 is not installed")
      return
    end
    assert.equal(0, probe.status, probe.stderr)
    local two = dir:script(script(native("two_threads") .. ", steps = 2"))
    assert.equal(1, two.status)
    dir:write("two.lua", script(native("two_threads") .. ", steps = 2"))
    local asked = dir:run { "--blas-threads", 2, "two.lua", env = { OMP_NUM_THREADS = 7 } }
    assert.equal(0, asked.status, asked.stderr)
  end)

  it("ends the run with its steps saved if an evaluation cannot be interrupted", function()
    for _, workers in ipairs { 1, 2 } do
      local name = ("w%d.db"):format(workers)
      local result = dir:script(script(native("stuck") .. (', steps = 4000, eval_timeout = 0.3, commit_every = 0.01, '
        .. 'walkers = 4, output = "%s", workers = %d'):format(name, workers)), { timeout = 60 })
      assert.equal(1, result.status, result.stderr)
      assert.truthy(result.stderr:find("worker %d is at one evaluation for [%d.]+ s"), result.stderr)
      assert.truthy(result.stderr:find("the evaluation does not end and cannot be interrupted: the run ends; every "
        .. "step so far is saved in " .. name, 1, true), result.stderr)
      local info = dir:run { "info", name }
      assert.equal(0, info.status, info.stderr)
      assert.truthy(info.stdout:find("status%s+failed"), info.stdout)
    end
  end)
end)

-- LuaJIT's compiled loops do not check hooks, and ThreadSanitizer holds signals back until the next system call. There,
-- not only the evaluation ends but the whole run.
local interruptible = not helper.is_luajit and not helper.program:find("/thread/", 1, true)

describe(helper.name .. "'s workers", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local model = 'model = { parameters = { "x", "y" }, log_prob = function(t) %s return -0.5 * (t.x ^ 2 + t.y ^ 2) end }'

  it("are as many as the CPUs of the affinity mask, unless the user gives another number", function()
    dir:write("run.lua", script(model:format("") .. ", steps = 2") .. "print(#sampler:info().per_worker)")
    local all = dir:run { "run.lua" }
    assert.equal(0, all.status, all.stderr)
    local bound = dir:run { "-c", 0, helper.program, "run.lua", program = "taskset" }
    assert.equal("1\n", bound.stdout, bound.stderr)
    local three = dir:run { "--workers", 3, "run.lua" }
    assert.equal("3\n", three.stdout)
  end)

  it("cause a warning if they outnumber the CPUs", function()
    dir:write("run.lua", script(model:format("") .. ", steps = 2"))
    local result = dir:run { "-c", 0, helper.program, "--workers", 2, "run.lua", program = "taskset" }
    assert.truthy(result.stderr:find("warning: 2 workers on 1 CPU that this process may use", 1, true), result.stderr)
  end)

  it("count their evaluations, and explain idle time", function()
    local fields = ", steps = 10, walkers = 4, workers = 8"
    local result = dir:script(script(model:format("ensemble.sleep(0.002)") .. fields) .. [[
local info = sampler:info()
local evaluations, busy = 0, 0
for _, worker in ipairs(info.per_worker) do
  evaluations, busy = evaluations + worker.evaluations, busy + worker.busy_s
end
print(evaluations, info.evaluations)
print(math.abs(busy - info.timing.model_s) < 1e-9)
print(math.abs(info.timing.efficiency - info.timing.model_s / (8 * info.timing.wall_s)) < 1e-9)]])
    assert.equal(0, result.status, result.stderr)
    assert.equal("44\t44\ntrue\ntrue\n", result.stdout)
    assert.truthy(result.stderr:find("workers idled for lack of walkers: 4 walkers are few for 8 workers; 32 would "
      .. "keep them busy", 1, true), result.stderr)
  end)

  it("are interrupted beyond eval_timeout, even if the model catches errors", function()
    local loop = "while t.x > 0.8 do pcall(function() local n = 0 while n < 1e15 do n = n + 1 end end) end"
    for _, workers in ipairs { 1, 2 } do
      local fields = ", steps = 100, eval_timeout = 0.2, workers = " .. workers
      local result = dir:script(script(model:format(loop) .. fields), { timeout = 60 })
      assert.equal(1, result.status, result.stderr)
      if not interruptible then
        assert.truthy(result.stderr:find("cannot be interrupted", 1, true), result.stderr)
      else
        assert.truthy(result.stderr:find("the evaluation was interrupted: it lasted longer than eval_timeout\n  at "
          .. "step %d+, walker %d+: x = %d"), result.stderr)
      end
    end
  end)

  it("are interrupted in coroutines, too", function()
    local loops = {
      "coroutine.wrap(forever)()",
      "while true do coroutine.resume(coroutine.create(forever)) end",
      "local f = coroutine.wrap(function() pcall(coroutine.wrap(forever)) end) while true do pcall(f) end",
    }
    for _, loop in ipairs(loops) do
      local code = "local function forever() local n = 0 while n < 1e15 do n = n + 1 end end if t.x > 0.6 then "
        .. loop .. " end"
      local result = dir:script(script(model:format(code) .. ", steps = 100, eval_timeout = 0.2, workers = 2"),
        { timeout = 60 })
      assert.equal(1, result.status, result.stderr)
      assert.truthy(result.stderr:find(interruptible and "the evaluation was interrupted: it lasted longer than "
        .. "eval_timeout\n  at step" or "cannot be interrupted", 1, true), result.stderr)
    end
  end)

  it("have the engine's coroutines", function()
    dir:write("probe.lua", [[
return function()
  local out = {}
  local function add(...)
    local t = { ... }
    for i = 1, select("#", ...) do t[i] = tostring(t[i]) end
    out[#out + 1] = table.concat(t, ",")
  end
  local generate = coroutine.wrap(function(a, b)
    local c = coroutine.yield(a + b)
    error("boom " .. tostring(coroutine.yield(c, nil, 3)))
  end)
  add(generate(1, 2)) add(generate(7)) add(pcall(generate, nil, 5)) add(pcall(generate))
  local odd = coroutine.create(function(...) add(select("#", ...)) error({}) end)
  add(select("#", coroutine.resume(odd, nil, nil)))
  add(coroutine.status(odd)) add(coroutine.resume(odd))
  add(pcall(coroutine.resume, 3)) add(pcall(coroutine.wrap, 3)) add(pcall(coroutine.resume))
  add(coroutine.resume(coroutine.create(function() return 1, nil, nil end)))
  local function deep(n) return n == 0 and 0 or 1 + coroutine.wrap(deep)(n - 1) end
  add(deep(40))
  local through = coroutine.wrap(function() pcall(function() coroutine.yield(1) coroutine.yield(2) end) return 3 end)
  add(through(), through(), through())
  return table.concat(out, "\n")
end]])
    local result = dir:script(script([[steps = 1, quiet = true, workers = 1, walkers = 4, model = {
      parameters = { "x", "y" }, setup = function() print(require("probe")()) end,
      log_prob = function(t) return -t.x ^ 2 - t.y ^ 2 end }]]) .. 'print(require("probe")())')
    assert.equal(0, result.status, result.stderr)
    local lines, n = {}, 0
    for line in result.stdout:gmatch("[^\n]+") do
      n = n + 1
      lines[n] = line:gsub("^%[worker 1%] ", "")
    end
    assert.equal(28, n, result.stdout)
    for i = 1, 14 do assert.equal(lines[14 + i], lines[i]) end
  end)

  it("continue after an interrupted evaluation if on_error is reject", function()
    if not interruptible then return end
    local print_chain = [[
print(sampler:info().errors > 0)
for _, x in ipairs(sampler:chain { flat = true }:totable()) do print(("%a %a"):format(x[1], x[2])) end]]
    local fields = ", steps = 8, walkers = 6, eval_timeout = 0.2, on_error = 'reject'"
    local looping = dir:script(script(model:format("while t.x > 0.6 do end") .. fields) .. print_chain,
      { timeout = 60 })
    local failing = dir:script(script(model:format("if t.x > 0.6 then error('no') end") .. fields) .. print_chain)
    assert.equal(0, looping.status, looping.stderr)
    assert.truthy(looping.stdout:find("^true\n"))
    assert.equal(failing.stdout, looping.stdout)
  end)
end)
