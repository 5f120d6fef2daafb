-- The JSON encoder alone, without the program.
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local json = require "ensemble.api.json"

describe("json.encode", function()
  it("writes whole numbers without a fraction", function()
    for text, value in pairs {
      ["0"] = 0, ["5000"] = 5000.0, ["-3"] = -3, ["9007199254740991"] = 2 ^ 53 - 1, ["10000000000"] = 1e10,
    } do
      assert.equal(text, json.encode(value))
    end
    assert.equal("0", json.encode(-0.0))
  end)

  it("writes the shortest decimal that reads back as the same number", function()
    assert.equal("0.1", json.encode(0.1))
    assert.equal("0.3333333333333333", json.encode(1 / 3))
    assert.equal("-1e-300", json.encode(-1e-300))
    assert.equal("1e+300", json.encode(1e300))
    local x = 0.7
    for _ = 1, 1000 do
      x = (x * 16807.1234567) % 1.0
      for _, scale in ipairs { 1, 1e-12, 1e17, 5e-324 / 5e-324 * 1e-308 } do
        assert.equal(x * scale, tonumber(json.encode(x * scale)))
      end
    end
  end)

  it("writes null for NaN and infinities", function()
    assert.equal("[null,null,null]", json.encode { 0 / 0, math.huge, -math.huge })
    assert.equal("null", json.encode(nil))
  end)

  it("escapes characters that a string may not hold", function()
    assert.equal([["a\"b\\c\n\t\r\b\f\u0000\u001f/"]], json.encode("a\"b\\c\n\t\r\b\f\0\31/"))
    assert.equal('"\206\188 \226\136\158 \240\159\142\178"', json.encode("\206\188 \226\136\158 \240\159\142\178"))
  end)

  it("replaces bytes that are not UTF-8", function()
    local replacement = "\239\191\189"
    assert.equal('"a' .. replacement .. 'b"', json.encode("a\255b"))
    assert.equal('"' .. replacement .. replacement .. '"', json.encode("\192\128")) -- an overlong zero
    assert.equal('"' .. replacement:rep(3) .. '"', json.encode("\237\160\128")) -- half of a surrogate pair
    assert.equal('"' .. replacement .. '"', json.encode("\206")) -- cut off
  end)

  it("writes lists and objects, an empty table as a list", function()
    assert.equal('[1,[],{"a":true,"b":[false]}]', json.encode { 1, {}, { b = { false }, a = true } })
  end)

  it("writes keys in the given order, null for missing ones, and others after them", function()
    local order = { "steps", { "timing", { "wall_s", "model_s" } }, "none" }
    assert.equal('{"steps":1,"timing":{"wall_s":2,"model_s":null},"none":null,"also":4}',
      json.encode({ also = 4, timing = { wall_s = 2 }, steps = 1 }, order))
    assert.equal('[{"a":1,"b":null},{"a":null,"b":2}]', json.encode({ { a = 1 }, { b = 2 } }, { "a", "b" }))
  end)

  it("inserts raw text unchanged", function()
    assert.equal('{"seed":18446744073709551615}', json.encode { seed = json.raw("18446744073709551615") })
  end)

  it("rejects values that JSON cannot express", function()
    assert.has_error(function() json.encode(print) end, "json: cannot encode a function")
    assert.has_error(function() json.encode { a = { [true] = 1 } } end,
      "json: an object's keys must be strings, not a boolean")
    local cycle = {}
    cycle[1] = cycle
    assert.has_error(function() json.encode(cycle) end, "json: more than 100 tables inside each other")
  end)
end)
