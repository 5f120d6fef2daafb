-- Inline models: every worker gets equal copies of the values that a script's functions capture, or an error names
-- them. Data inside a model. The workers' output. See docs/reference/model.md and data.md.
local helper = require "tests.spec.helper"

local HEAD = 'local ensemble = require "ensemble"\n'
local RUN = [[

ensemble.run { model = model, data = data, start = ensemble.ball({ 0, 0 }, 1), walkers = 8, workers = 3, steps = 20,
  seed = 1, quiet = true }
]]

-- A script that runs `before`, and whose model runs `body` in each evaluation.
local function script(before, body)
  return HEAD .. before .. [[

local model = { parameters = { "x", "y" }, log_prob = function(theta, data)
]] .. body .. [[

  return -0.5 * (theta.x ^ 2 + theta.y ^ 2)
end }]] .. RUN
end

-- The engines name a variable of an error message differently, so specs check only the common part.
local function has(text, part) assert.truthy(text:find(part, 1, true), ("no %q in:\n%s"):format(part, text)) end

describe(helper.name .. " copies an inline model", function()
  local dir

  before_each(function() dir = helper.directory() end)

  -- A name, code in the script, code in the model.
  local copied = {
    { "upvalues shared by two functions stay shared",
      "local n = 0\nlocal function inc() n = n + 1 end\nlocal function get() return n end",
      "local before = get() inc() assert(get() == before + 1 and n == get())" },
    { "nested tables",
      "local t = { a = { b = { c = { 1, 2, 3 } } }, [7] = 'x' }",
      "assert(t.a.b.c[3] == 3 and t[7] == 'x')" },
    { "cycles", "local t = {} t.self = t t.k = { t }", "assert(t.self == t and t.k[1] == t)" },
    { "a table that two variables share", "local a = {} local b = { a }", "assert(b[1] == a)" },
    { "integers and floats", "local i, f, b = 3, 3.0, 2 ^ 53",
      "if math.type then assert(math.type(i) == 'integer' and math.type(f) == 'float') end assert(b == 2 ^ 53)" },
    { "the extreme integers", "local i, j = math.maxinteger, math.mininteger",
      "assert(i == math.maxinteger and j == math.mininteger)" },
    { "NaN, infinity and negative zero", "local a, b, c = 0 / 0, 1 / 0, -0.0",
      "assert(a ~= a and b == math.huge and 1 / c == -math.huge)" },
    { "metatables", "local C = {} C.__index = C function C:f() return self.v end local o = setmetatable({ v = 5 }, C)",
      "assert(o:f() == 5 and getmetatable(o) == C)" },
    { "metatables that forbid changes", "local o = setmetatable({ v = 1 }, { __newindex = error, __metatable = 'no' })",
      "assert(o.v == 1 and getmetatable(o) == 'no')" },
    { "a library's functions",
      "local exp, fmt = math.exp, string.format",
      "assert(exp(0) == 1 and fmt('%d', 3) == '3')" },
    { "libraries", "local m, s, g = math, string, _G", "assert(m == math and s == string and g == _G)" },
    { "pairs", "local pairs = pairs local t = { b = 1, a = 2 }",
      "local s = '' for k in pairs(t) do s = s .. k end assert(s == 'ab')" },
    { "modules",
      "local m = require 'mymod' local f = m.f",
      "assert(m.f(2) == 4 and f(2) == 4 and m == require 'mymod')" },
    { "ensemble", "", "assert(ensemble.now() > 0 and ensemble.version == require('ensemble').version)" },
    { "a global ensemble", "E = require 'ensemble'", "assert(E.now() > 0)" },
    { "a library's function under another global name", "e = math.exp", "assert(e(0) == 1)" },
    { "arrays", "local a = ensemble.array { 1, 2, 3 } local t = { q = { a } }",
      "assert(#a == 3 and a[2] == 2 and a:sum() == 6 and t.q[1][3] == 3)" },
    { "views of arrays", "local a = ensemble.array({ { 1, 2 }, { 3, 4 } }):col(2)", "assert(a[1] == 2 and a[2] == 4)" },
    { "recursive functions",
      "local function f(n) if n < 2 then return 1 end return n * f(n - 1) end",
      "assert(f(5) == 120)" },
    { "functions that call each other",
      "local odd local function even(n) return n == 0 or odd(n - 1) end "
        .. "function odd(n) return n ~= 0 and even(n - 1) end",
      "assert(even(10) and not even(7))" },
    { "globals", "K = 5 function G(x) return K * x end T = { 1, 2 }", "assert(G(2) == 10 and T[2] == 2)" },
    { "a long list",
      "local t = {} for i = 1, 100000 do t[i] = i end",
      "assert(#t == 100000 and t[99999] == 99999)" },
    { "a long list of tables",
      "local t = {} for i = 1, 5000 do t[i] = { i } end",
      "assert(#t == 5000 and t[4999][1] == 4999)" },
    { "NULs in strings and keys", [[local s, t = "a\0b\0", { ["k\0z"] = 1, ["k\0a"] = 2 }]],
      [[assert(#s == 4 and s == "a\0b\0" and t["k\0z"] == 1 and t["k\0a"] == 2)]] },
    { "functions as keys", "local t = { [print] = 1 }", "assert(t[print] == 1)" },
    { "a hundred levels", "local t = {} do local c = t for _ = 1, 100 do c.n = {} c = c.n end end",
      "local n, c = 0, t while c.n do n, c = n + 1, c.n end assert(n == 100)" },
    { "an unused global that cannot be copied, without an error", "F = coroutine.create(print)", "" },
    { "a table that two globals share, with one between them that cannot be copied",
      "S = {} A = { s = S } B = coroutine.create(print) C = { s = S }", "assert(A.s == S and C.s == S)" },
    { "a table that two globals share with one that cannot be copied",
      "local s = {} B = { s = s, c = coroutine.create(print) } A = { s = s } C = { s = s, n = {} } D = { C.n }",
      "assert(A.s == C.s and D[1] == C.n and A.s ~= C.n)" },
    { "an upvalue that two global functions share, with a global between them that cannot be copied",
      "local n = 0 function A() n = n + 1 end B = coroutine.create(print) function C() return n end",
      "local before = C() A() assert(C() == before + 1)" },
    { "a table that a global and a captured variable share", "G = {} local g = G G.again = G",
      "assert(g == G and g.again == g)" },
    { "an upvalue that a global function and the model share",
      "local mu function predict(i) return mu[i] end", "mu = { 3 } assert(predict(1) == 3)" },
    { "an object, its class a global", "K = {} M = setmetatable({ k = K }, K) local m = M",
      "assert(m == M and getmetatable(m) == K and M.k == K)" },
  }
  for _, case in ipairs(copied) do
    it("with " .. case[1], function()
      dir:write("mymod.lua", "local m = {} function m.f(x) return 2 * x end return m")
      local result = dir:script(script(case[2], case[3]))
      assert.equal("", result.stderr)
      assert.equal(0, result.status)
    end)
  end

  local CANNOT = ", which cannot be copied into the workers: numbers, strings, booleans, tables, Lua functions and "
    .. "ensemble's arrays can; make it inside the model or its setup\n"
  local things = {
    { "C function", "string.gmatch('a', 'a')" },
    { "file handle", "io.tmpfile()" },
    { "coroutine", "coroutine.create(print)" },
    { "sampler", "ensemble.sampler { model = { ndim = 1, log_prob = function() return 0 end }, seed = 1, "
      .. "start = ensemble.ball({ 0 }, 1) }" },
  }
  for _, thing in ipairs(things) do
    it("but names a captured " .. thing[1], function()
      local made = thing[2]
      local result = dir:script(script("local x = " .. made, "local q = x"))
      assert.equal(2, result.status, result.stderr)
      assert.equal("ensemble-lua: run.lua:7: model.log_prob: captured variable 'x' is a " .. thing[1] .. CANNOT,
        result.stderr)
      result = dir:script(script("local x = { y = { 1, 2, " .. made .. " } }", "local q = x"))
      assert.equal(2, result.status, result.stderr)
      has(result.stderr, ("captured variable 'x'.y[3] is a %s, which"):format(thing[1]))
      result = dir:script(script("X = " .. made, "local q = X"))
      assert.equal(1, result.status, result.stderr)
      has(result.stderr, ("ensemble-lua: run.lua:4: the script's global 'X' is a %s, which"):format(thing[1]))
      has(result.stderr, "walker 1: x = ")
    end)
  end

  it("except the script's arguments, and says how to pass them to a model", function()
    local hint = "\n  (only the script has arg: pass what the model needs in 'data' or, to an inline model, in a local "
      .. "variable of the script)\n"
    local result = dir:script(script("", "local q = arg[1]"))
    assert.equal(1, result.status, result.stderr)
    has(result.stderr, hint)
    dir:write("needs_arg.lua", "local x = tonumber(arg[1])\nreturn { ndim = 1, log_prob = function() return x end }")
    dir:write("run.lua", "require('ensemble').run { model = 'needs_arg.lua', steps = 1, start = { { 0 }, { 1 } } }")
    result = dir:run { "run.lua", 3 }
    assert.equal(1, result.status, result.stderr)
    has(result.stderr, hint)
    assert.equal(0, dir:script(script("local all = arg", "assert(all[0] and #all == 0)")).status)
  end)

  it("but names a value that a captured function captures", function()
    local result = dir:script(script("local f = io.tmpfile() local t = { g = function() return f:read() end }",
      "t.g()"))
    assert.equal(2, result.status)
    has(result.stderr, "model.log_prob: captured variable 't'.g: captured variable 'f' is a file handle, which")
  end)

  it("except a table that is nested too deep", function()
    local result = dir:script(script("local t = {} do local c = t for _ = 1, 1000 do c.n = {} c = c.n end end",
      "t.n = 1"))
    assert.equal(2, result.status)
    has(result.stderr, "model.log_prob: captured variable 't'.n.n")
    has(result.stderr, " is nested more than 180 levels deep\n")
  end)

  it("except a missing module", function()
    local result = dir:script(script("", "require 'nomod'"))
    assert.equal(1, result.status)
    has(result.stderr, "ensemble-lua: run.lua:4: module 'nomod' not found:")
  end)

  it("in the same way in every process, so that a run resumes", function()
    local text = script("local exp, m, pairs, E = math.exp, math, pairs, ensemble",
      "assert(exp(0) == 1 and m.exp == exp and pairs and E)")
    local first = dir:script(text)
    assert.equal(0, first.status, first.stderr)
    text = text:gsub("quiet = true", "quiet = true, output = 'run.db'")
    for steps = 20, 24 do
      local result = dir:script((text:gsub("steps = 20", "steps = " .. steps)))
      assert.equal("", result.stderr)
      assert.equal(0, result.status)
    end
    assert.equal(24, helper.chain(dir:file("run.db")).steps)
  end)

  it("on any line of the script, so that a run resumes", function()
    local text = script("local t = { f = function(x) return function() return x end end }", "assert(t.f(2)() == 2)")
    text = text:gsub("quiet = true", "quiet = true, output = 'run.db'")
    for _, lines in ipairs { 0, 1, 100, 200, 20000 } do
      local result = dir:script(("\n"):rep(lines) .. text)
      assert.equal("", result.stderr)
      assert.equal(0, result.status)
    end
    local result = dir:script((text:gsub("t%.f%(2%)", "t.f(2, 3)")))
    assert.equal(2, result.status)
    has(result.stderr, "the model has changed")
  end)

  it("with its globals: a change of a used one makes another model, of an unused one does not", function()
    local text = script("K = 5 T = { k = { 1 } } function G(x) return K * x * T.k[1] end function H() return G(1) end "
      .. "Unused, U2 = 1, 2", "assert(H() and theta.x)")
    text = text:gsub("quiet = true", "quiet = true, output = 'run.db'")
    assert.equal(0, dir:script(text).status)
    local same_model = { { "Unused, U2 = 1, 2", "Unused, U2 = 3, 4" }, { "U2 = 1", "Theta = 1" }, { "K =", "\n\nK =" } }
    for _, same in ipairs(same_model) do
      local result = dir:script((text:gsub(same[1], same[2])))
      assert.equal(0, result.status, result.stderr)
    end
    for _, other in ipairs { { "K = 5", "K = 6" }, { "{ 1 }", "{ 2 }" }, { "K %* x", "K + x" } } do
      local result = dir:script((text:gsub(other[1], other[2])))
      assert.equal(2, result.status, other[2])
      has(result.stderr, "the model has changed")
    end
  end)

  it("with data whose metatables have functions", function()
    local result = dir:script(script("local data = { o = setmetatable({}, { __index = function(_, k) return k end }) }",
      "assert(data.o.z == 'z')"))
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)
end)

describe(helper.name .. "'s data in a model", function()
  local dir

  before_each(function()
    dir = helper.directory()
    dir:write("line.csv", "x,y,sigma\n1,2,0.5\n3,4,0.25\n")
  end)

  local function passes(before, body)
    local result = dir:script(script(before, body))
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end

  it("are numbers, strings, booleans, nested tables and arrays", function()
    passes("local data = { n = 3, s = 'str', b = false, t = { u = { 1, 2 } }, a = ensemble.array { 1, 2 } }",
      "assert(data.n == 3 and data.s == 'str' and data.b == false and data.t.u[2] == 2 and data.a[2] == 2)")
  end)

  it("are frames with their columns and names", function()
    passes("local data = { l = ensemble.read_csv('line.csv') }", [[
      local l = data.l
      assert(l.x[2] == 3 and #l.sigma == 2 and l:nrows() == 2)
      assert(table.concat(l:names(), ' ') == 'x y sigma')
      local n = 0 for _, column in pairs(l) do n = n + #column end assert(n == 6)
      local ok, message = pcall(function() l.z = 1 end)
      assert(not ok and message == "run.lua:8: column 'z' cannot be set: a table read from a file is read-only",
        message)]])
    passes("local data = ensemble.read_csv('line.csv')", "assert(data.x[2] == 3 and data:names()[2] == 'y')")
  end)

  it("are frames that name a missing column, and the nearest one", function()
    local result = dir:script(script("local data = { l = ensemble.read_csv('line.csv') }",
      "do return data.l.sigm[1] end"))
    assert.equal(1, result.status)
    has(result.stderr, "ensemble-lua: run.lua:4: there is no column 'sigm': did you mean 'sigma'?\n"
      .. "  at the start, walker 1: x = ")
    assert.falsy(result.stderr:find("ensemble/", 1, true), result.stderr)
    assert.falsy(result.stderr:find("\t?:", 1, true), result.stderr)
  end)

  it("are shared, and cannot be written to", function()
    local result = dir:script(script("local data = { a = ensemble.array { 1, 2 } }", "data.a[1] = 5"))
    assert.equal(1, result.status)
    has(result.stderr, "ensemble-lua: run.lua:4: arrays are read-only")
  end)
end)

describe(helper.name .. "'s workers", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function lines_are(pattern, body)
    local result = dir:script(script("", body))
    assert.equal(0, result.status, result.stderr)
    local n = 0
    for line in result.stdout:gmatch("([^\n]*)\n") do
      n = n + 1
      assert.truthy(line:find(pattern), line)
    end
    assert.truthy(n >= 8 + 8 * 20, n)
  end

  it("print whole lines, each after the worker's number", function()
    lines_are("^%[worker [123]%] a\tnil\t1$", "print('a', nil, 1)")
  end)

  it("write whole lines, also in pieces and through io.stdout", function()
    lines_are("^%[worker [123]%] part 12%.5 more$", "io.write('part ', 1, 2.5):write(' more') io.stdout:write('\\n')")
  end)

  it("have ensemble without run and sampler", function()
    for _, name in ipairs { "run", "sampler" } do
      local result = dir:script(script("", ("require('ensemble').%s {}"):format(name)))
      assert.equal(1, result.status)
      has(result.stderr, "ensemble-lua: run.lua:4: ensemble." .. name
        .. " is for run scripts: a model's code cannot start a run\n")
    end
  end)

  it("have now, sleep and array", function()
    local result = dir:script(script("", [[
      local e = require "ensemble"
      local before = e.now() e.sleep(0.0001)
      assert(e.now() > before and #e.array { 1, 2 } == 2)]]))
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  it("cannot end the program", function()
    local result = dir:script(script("", "os.exit(3)"))
    assert.equal(1, result.status)
    has(result.stderr,
      "ensemble-lua: run.lua:4: os.exit is for run scripts: a model's code cannot end the program; "
        .. "call error instead\n")
  end)

  it("traverse tables in a fixed order", function()
    local result = dir:script(script(
      "local t = {} for _, k in ipairs { 'zeta', 'alpha', 'mid', 3, 1, 2.5 } do t[k] = 1 end",
      "local s = {} for k in pairs(t) do s[#s + 1] = k end assert(table.concat(s, ' ') == '1 2.5 3 alpha mid zeta')"))
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  it("report the place of pairs(nil)", function()
    local result = dir:script(script("", "for _ in pairs(nil) do print(1) end"))
    assert.equal(1, result.status)
    has(result.stderr, "ensemble-lua: run.lua:4: bad argument #1 to 'pairs' (table expected, got nil)\n")
  end)

  it("draw math.random by seed, step and walker: one chain with any number of workers", function()
    local text = script("", [[
      local i, j = math.random(3), math.random(-2, 2)
      assert(i >= 1 and i <= 3 and j >= -2 and j <= 2 and not pcall(math.random, 2, 1) and not pcall(math.random, 0.5))
      do return -0.5 * (theta.x ^ 2 + theta.y ^ 2) + math.random() end]])
    local digests = {}
    for workers = 1, 3 do
      local changed = text:gsub("workers = 3", ("workers = %d, output = 'w%d.db'"):format(workers, workers))
      local result = dir:script(changed)
      assert.equal("", result.stderr)
      digests[workers] = helper.digest(dir:file(("w%d.db"):format(workers)))
    end
    assert.equal(digests[1], digests[2])
    assert.equal(digests[1], digests[3])
  end)

  -- The expected texts are those of version 0.1.0's stores: any other text would make them impossible to resume.
  it("have the fingerprints of stores that exist, whatever folder ensemble's modules are in", function()
    local result = dir:run { "-e", [[
      local ensemble, core = require "ensemble", require "ensemble.core"
      for _, value in ipairs { ensemble.dist.normal_lpdf, ensemble.prior, ensemble.autocorr.function_1d,
        require "ensemble.check.value" } do
        print(core.fingerprint(value))
      end]] }
    assert.equal("", result.stderr)
    assert.equal("crc32:7efe0f0f:34\ncrc32:271f1ee9:23\ncrc32:d59413a3:38\ncrc32:fe3f5ae8:23\n", result.stdout)
    dir:write("points.txt", "1 2\n3 4\n")
    assert.equal(0, dir:script([[
      local ensemble = require "ensemble"
      ensemble.run { model = { ndim = 1, log_prob = function(t) return -t[1] ^ 2 end }, steps = 1, quiet = true,
        data = { d = ensemble.read_csv("points.txt", { header = false }) }, start = ensemble.ball({ 0 }, 1),
        output = "run.db" }]]).status)
    local extra = helper.sql(dir:file("run.db"), "SELECT extra FROM run")[1][1]
    has(extra, ('"data":"crc32:%s:309"'):format(helper.is_luajit and "b7dd7dc3" or "a6f56938"))
  end)
end)
