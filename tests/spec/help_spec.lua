-- The manual inside the program: a page for each command, field and option, and the files of docs/ that are generated
-- from the same rows and texts.
package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
local helper = require "tests.spec.helper"
local check = require "ensemble.check.value"
local command_texts = require "ensemble.cli.command_texts"
local field_texts = require "ensemble.cli.field_texts"
local model_texts = require "ensemble.cli.model_texts"
local options = require "ensemble.check.options"
local until_ = require "ensemble.api.until"

local FIELDS = options.of("field")
local COMMANDS = { "check", "info", "summary", "resume", "help" }

local function has(text, part)
  assert.truthy(text:find(part, 1, true), ("there is no '%s' in:\n%s"):format(part, text))
end

-- Text without line breaks, since pages are filled.
local function unfilled(text)
  return (text:gsub("%s+", " "))
end

-- Rows of model_texts, by their names.
local function by_name(rows)
  local map = {}
  for _, row in ipairs(rows) do map[row.name] = row end
  return map
end

local model_fields, words = by_name(model_texts.fields), by_name(model_texts.words)

describe("the manual's texts", function()
  it("are exactly one per row", function()
    local known, others = {}, {}
    for _, row in ipairs(options.rows) do
      if options.field(row.field) then known[row.field] = true else others[row.field] = true end
    end
    for field in pairs(known) do assert.truthy(field_texts[field], "there is no text on the field " .. field) end
    for field in pairs(field_texts) do assert.truthy(known[field], "there is no field " .. field) end
    for name in pairs(others) do assert.truthy(command_texts.options[name], "there is no text on option " .. name) end
    for name in pairs(command_texts.options) do assert.truthy(others[name], "there is no option " .. name) end
    for _, name in ipairs(COMMANDS) do
      assert.truthy(command_texts.commands[name], "there is no text on the command " .. name)
    end
  end)

  it("have a text, an example and existing related names", function()
    for _, texts in ipairs { field_texts, command_texts.options, command_texts.commands, model_fields, words } do
      for name, text in pairs(texts) do
        assert.truthy(#text.text > 40, name)
        assert.truthy(type(text.example) == "string", name)
        for _, other in ipairs(text.related) do
          assert.truthy(field_texts[other] or command_texts.options[other] or command_texts.commands[other]
            or model_fields[other] or words[other], ("%s: see also %s"):format(name, other))
          assert.not_equal(name, other)
        end
      end
    end
  end)

  it("explain every rule of until", function()
    local seen = {}
    for _, row in ipairs(until_.rows) do
      assert.truthy(field_texts["until"].rules[row.field], row.field)
      seen[row.field] = true
    end
    for name in pairs(field_texts["until"].rules) do assert.truthy(seen[name], name) end
  end)
end)

describe(helper.name .. " help", function()
  local dir

  setup(function() dir = helper.directory() end)

  local function page(...)
    local result = dir:run { "help", ... }
    assert.equal(0, result.status, result.stderr)
    assert.equal("", result.stderr)
    return result.stdout
  end

  it("lists commands, options and fields, and mentions their pages", function()
    local text = page()
    for _, name in ipairs(COMMANDS) do has(text, "\n  " .. name .. " ") end
    for _, row in ipairs(FIELDS) do has(unfilled(text), " " .. row.field) end
    for _, row in ipairs(options.of("run", "program")) do has(text, "\n  " .. (row.short and row.short .. ", " or "")
      .. row.cli) end
    for name in pairs(model_fields) do has(unfilled(text), " " .. name) end
    has(text, "Each command, option and field has a page: " .. helper.name .. " help walkers\n")
    has(unfilled(text), "PREFIX/share/doc/ensemble-lua/docs")
  end)

  it("has a page for every field of a model", function()
    local list = dir:run { "-e", [[print(table.concat(require("ensemble.api.form").fields, "\n"))]] }
    local n = 0
    for name in list.stdout:gmatch("%S+") do
      local row = assert(model_fields[name], "there is no text on the model's field " .. name)
      local text = unfilled(page(name))
      has(text, ("%s, a field of a model: %s"):format(name, row.help))
      has(text, "value " .. row.value)
      has(text, "example ")
      n = n + 1
    end
    assert.equal(#model_texts.fields, n)
  end)

  it("has a page for a few other words", function()
    for name, row in pairs(words) do has(unfilled(page(name)), ("%s, %s: %s"):format(name, row.what, row.help)) end
    assert.truthy(words.ball)
  end)

  it("has a page for every field, with its value, default and option", function()
    for _, row in ipairs(FIELDS) do
      local text = unfilled(page(row.field))
      has(text, ("%s, a field of ensemble.run: %s"):format(row.field, row.help))
      has(text, "value " .. check.allowed(row))
      if options.default(row) then has(text, "default " .. options.default(row)) end
      if row.cli then has(text, "option " .. row.cli) end
      has(text, "example ")
    end
  end)

  it("has a page for every option, also by its flag", function()
    for _, row in ipairs(options.of("run", "program", "summary", "check")) do
      if row.cli then has(unfilled(page(row.cli)), row.help) end
    end
    has(page("--walkers"), "walkers, a field")
    has(page("blas-threads"), "blas_threads, an option")
    has(page("--help"), "usage: " .. helper.name .. " help [WORD]\n")
  end)

  it("has a page for every command, which the command's --help prints", function()
    for _, name in ipairs(COMMANDS) do
      local text = page(name)
      has(text, ("usage: %s %s "):format(helper.name, name))
      has(text, "exit status\n  0 ")
      local by_option = dir:run { name, "--help" }
      assert.equal(0, by_option.status)
      assert.equal(by_option.stdout:gsub("\n$", ""), text:sub(1, #by_option.stdout - 1))
    end
  end)

  it("prints both pages if a command and a field share a name", function()
    local text = page("resume")
    has(text, "usage: " .. helper.name .. " resume RUN.db [options]\n")
    has(text, "\nresume, a field of ensemble.run: ")
  end)

  it("explains the rules of until, also by their names", function()
    has(unfilled(page("until")), "mcse a number above 0. The standard error of the mean is at most this fraction")
    assert.equal(page("until"), page("mcse"))
  end)

  it("fits into 80 columns, except the lists of options", function()
    local names = {}
    for _, row in ipairs(FIELDS) do names[#names + 1] = row.field end
    for name in pairs(model_fields) do names[#names + 1] = name end
    for name in pairs(words) do names[#names + 1] = name end
    for _, name in ipairs(names) do
      for line in page(name):gmatch("[^\n]+") do assert.truthy(#line <= 80 or line:find("^  %-"), line) end
    end
  end)

  it("names the nearest page for an unknown word", function()
    local result = dir:run { "help", "wlakers" }
    assert.equal(2, result.status)
    assert.equal("", result.stdout)
    assert.equal("ensemble-lua: there is no page on 'wlakers': did you mean 'walkers'?\n", result.stderr)
    assert.equal("ensemble-lua: there is no page on '--worker': did you mean 'workers'?\n",
      dir:run({ "help", "--worker" }).stderr)
    assert.equal(("ensemble-lua: there is no page on 'xyzzy': %s help lists the commands, options and fields\n"):format(
      helper.name), dir:run({ "help", "xyzzy" }).stderr)
  end)

  it("has examples of fields that run", function()
    local lines = { [[
      local ensemble = require "ensemble"
      local function try(name, fields)
        local config = { quiet = true, steps = 2000, seed = 1, walkers = 8, start = ensemble.ball({ 0, 0 }, 1),
          model = { parameters = { "m", "b" }, log_prob = function(theta) return -theta.m ^ 2 - theta.b ^ 2 end } }
        for key, value in pairs(fields) do config[key] = value end
        ensemble.run(config)
        print(name)
      end]] }
    local names = {}
    for _, row in ipairs(FIELDS) do
      lines[#lines + 1] = ("try('%s', { %s })"):format(row.field, field_texts[row.field].example)
      names[#names + 1] = row.field
    end
    local result = dir:script(table.concat(lines, "\n"))
    assert.equal(0, result.status, result.stderr)
    assert.equal(table.concat(names, "\n") .. "\n", result.stdout)
  end)

  it("has examples of fields of a model that run", function()
    local lines = { [[
      local ensemble = require "ensemble"
      local d = ensemble.array { 0, 1, 2 }
      local function try(name, model, fields)
        for key, value in pairs(fields) do
          if not (key == "parameters" and (model.ndim or model.parameters)) then model[key] = value end
        end
        local ndim = model.ndim or 0
        for _, entry in ipairs(model.parameters or {}) do
          ndim = ndim + (type(entry) == "table" and entry[2] or 1)
        end
        local start = {}
        for w = 1, 16 do
          start[w] = {}
          for k = 1, ndim do start[w][k] = 1 + 0.01 * math.sin(w * k) end
        end
        ensemble.run { model = model, data = { x = d, y = d }, start = start, quiet = true, steps = 20, seed = 1 }
        print(name)
      end]] }
    -- The fields beside the one that the example shows.
    local log_prob = "log_prob = function(theta) return -theta[1] ^ 2 end, "
    local beside = { log_prob = "", log_likelihood = "log_prior = function() return 0 end, ", log_prob_batch = "",
      blobs = "", log_prior = "log_likelihood = function() return 0 end, ",
      priors = "log_likelihood = function() return 0 end, " }
    local names = {}
    for i, row in ipairs(model_texts.fields) do
      local is_function = row.example:find("function model.", 1, true)
      local others = beside[row.name] or log_prob
      local call = ("try('%s', model, { parameters = { 'm', 'b' }, %s })"):format(row.name, others)
      lines[#lines + 1] = ("do local model = { %s }\n%s\n%s end"):format(is_function and "" or row.example,
        is_function and row.example or "", call)
      names[i] = row.name
    end
    local result = dir:script(table.concat(lines, "\n"))
    assert.equal(0, result.status, result.stderr)
    assert.equal(table.concat(names, "\n") .. "\n", result.stdout)
  end)
end)

describe("the generated manual", function()
  it("is up to date with the rows and texts", function()
    local result = helper.directory():run { helper.root .. "/scripts/make-manual", "--check" }
    assert.equal("", result.stderr)
    assert.equal("", result.stdout, "`make manual` writes it anew")
    assert.equal(0, result.status)
  end)

  it("has every field, command and option in the man page", function()
    local text = helper.read(helper.root .. "/docs/ensemble-lua.1")
    for _, section in ipairs { "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "FIELDS OF A RUN SCRIPT",
      "MODEL", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO" } do
      has(text, "\n.SH " .. section .. "\n")
    end
    for _, row in ipairs(FIELDS) do has(text, "\n.SS " .. row.field .. "\n") end
    for name in pairs(model_fields) do has(text, "\n.SS " .. name .. "\n") end
    for _, name in ipairs(COMMANDS) do has(text, ('\n.SS "%s '):format(name)) end
    for _, row in ipairs(options.rows) do
      if row.cli then has(text, "\\fB" .. row.cli:gsub("%-", "\\-") .. "\\fR") end
    end
  end)

  it("is a man page without a warning", function()
    local pipe = io.popen("command -v mandoc >/dev/null || echo none; mandoc -T lint "
      .. helper.quote(helper.root .. "/docs/ensemble-lua.1") .. " 2>/dev/null")
    local text = pipe:read("*a")
    pipe:close()
    if text == "none\n" then
      pending("mandoc is not installed")
      return
    end
    assert.equal("", text)
  end)
end)
