-- The prompt, -i, and scripts from standard input, as in `lua`. See docs/reference/commands.md.
local helper = require "tests.spec.helper"

describe(helper.name .. "'s prompt", function()
  local dir

  before_each(function() dir = helper.directory() end)

  local function answers(input, stdout, stderr, status)
    local result = dir:run { "-i", stdin = input, timeout = 20 }
    assert.equal(stdout, result.stdout)
    assert.equal(stderr or "", result.stderr)
    assert.equal(status or 0, result.status)
  end

  it("prints the values of expressions, and nothing for statements", function()
    answers("1 + 1\nx = 5\n=x\nx, nil, 'a'\n", "> 2\n> > 5\n> 5\tnil\ta\n> \n")
  end)

  it("reads lines until a statement is complete", function()
    answers("for i = 1, 2 do\nprint(i)\nend\n", "> >> >> 1\n2\n> \n")
  end)

  it("continues after errors", function()
    answers("error('bad') x = 1\n7\n", "> > 7\n> \n",
      "ensemble-lua: stdin:1: bad\nstack traceback:\n\tstdin:1: in main chunk\n")
  end)

  it("reports the place of a syntax error, and continues", function()
    local result = dir:run { "-i", stdin = "x x\n7\n", timeout = 20 }
    assert.equal("> > 7\n> \n", result.stdout)
    assert.truthy(result.stderr:find("^ensemble%-lua: stdin:1: .*near 'x'\n$"), result.stderr)
    assert.equal(0, result.status)
  end)

  it("ends with os.exit's status", function()
    answers("os.exit(4)\nprint('never')\n", "> ", "", 4)
  end)

  it("follows a script with -i, and has the script's globals", function()
    dir:write("run.lua", "z = 5")
    local result = dir:run { "-i", "run.lua", stdin = "z\n", timeout = 20 }
    assert.equal("> 5\n> \n", result.stdout)
  end)

  it("uses the user's own _PROMPT", function()
    answers("_PROMPT = '? '\n1\n", "> ? 1\n? \n")
  end)

  it("is not shown for a script from standard input", function()
    local result = dir:run { stdin = "local a = 1\nprint(a)\n", timeout = 20 }
    assert.equal("1\n", result.stdout)
    assert.equal(0, result.status)
    result = dir:run { "-", stdin = "print(...)\nerror('no luck')", timeout = 20 }
    assert.equal(1, result.status)
    assert.equal("ensemble-lua: stdin:2: no luck\nstack traceback:\n\tstdin:2: in main chunk\n", result.stderr)
  end)

  it("samples", function()
    answers([[
ensemble = require "ensemble"
s = ensemble.run { model = { ndim = 1, log_prob = function(t) return -t[1] ^ 2 end }, steps = 5, seed = 1, quiet = true,
  start = ensemble.ball({ 0 }, 1) }
s
]], "> > >> > sampler of 32 walkers with 5 steps\n> \n")
  end)
end)
