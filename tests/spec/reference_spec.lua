-- Compares the hand-written pages of docs/reference with the program: tables and columns of a store, keys of JSON,
-- methods of the sampler, environment variables. help_spec.lua covers the generated pages.
local helper = require "tests.spec.helper"

local function page(name)
  return assert(helper.read(("%s/docs/reference/%s.md"):format(helper.root, name)), name)
end

-- A section of a page, from its heading to the next heading of its level or above.
local function section(text, heading)
  local level = heading:match("^#+")
  local from = assert(("\n" .. text):find("\n" .. heading .. "\n", 1, true), heading)
  local rest = text:sub(from + #heading)
  local to = rest:find("\n" .. ("#?"):rep(#level - 1) .. "# ")
  return rest:sub(1, to)
end

local function has(text, word, where)
  assert.truthy(text:find("`" .. word .. "[`%[]"), ("%s does not name `%s`"):format(where, word))
end

local RUN = [[
local ensemble = require "ensemble"
local sampler = ensemble.run {
  model = { parameters = { "x" }, blobs = { "b" }, log_prob = function(theta) return -theta.x ^ 2, 1 end },
  start = ensemble.ball({ 0 }, 1), steps = 200, seed = 1, walkers = 8, workers = 1, output = "run.db", quiet = true,
}
local names = {}
for name, value in pairs(getmetatable(sampler)) do
  if type(value) == "function" and name:sub(1, 2) ~= "__" then names[#names + 1] = name end
end
table.sort(names)
print(table.concat(names, " "))
]]

-- The headings of tables that have no section of their own.
local SECTIONS = { blob_def = "### blob_def and blob_chunk", blob_chunk = "### blob_def and blob_chunk",
  log = "### log, source and meta", source = "### log, source and meta" }

-- Methods that other modules of the program call.
local INTERNAL = { new = true, new_and_run = true, run_beyond = true, run_to = true, output = true, names = true,
  show = true, finish = true }

describe(helper.name .. " and its reference", function()
  local dir, methods

  setup(function()
    dir = helper.directory()
    local result = dir:script(RUN)
    assert.equal(0, result.status, result.stderr)
    methods = result.stdout
  end)

  it("have the same tables and columns of a store", function()
    local text, n = page "store", 0
    local rows = helper.sql(dir:file("run.db"), "select m.name, p.name from sqlite_master m "
      .. "join pragma_table_info(m.name) p where m.type = 'table'")
    for _, row in ipairs(rows) do
      if row[1] ~= "meta" then
        has(section(text, SECTIONS[row[1]] or "### " .. row[1]), row[2], "store.md, " .. row[1])
        n = n + 1
      end
    end
    assert.truthy(n > 60, n)
    for _, row in ipairs(helper.sql(dir:file("run.db"), "select key from meta")) do
      has(section(text, SECTIONS.log), row[1], "store.md, meta")
    end
  end)

  it("have the same keys of JSON", function()
    local info, summary = section(page "store", "## JSON"), section(page "sampler", "## summary")
    for key in dir:run({ "info", "--json", "run.db" }).stdout:gmatch('"([%l_]+)":') do has(info, key, "store.md") end
    for key in dir:run({ "summary", "--json", "run.db" }).stdout:gmatch('"([%l_%d]+)":') do
      if key ~= "min" and key ~= "max" then has(summary, key, "sampler.md") end
    end
  end)

  it("have the same methods of a sampler", function()
    local listed = {}
    for name in page("sampler"):gmatch("\n| %[`([%l_]+)") do listed[name] = true end
    for name in methods:gmatch("%S+") do
      if not INTERNAL[name] then assert.truthy(listed[name], "sampler.md does not list " .. name) end
      listed[name] = nil
    end
    assert.same({}, listed)
  end)

  it("have the same environment variables", function()
    local pipe = io.popen(("cd %s && grep -rhoE '\"ENSEMBLE_[A-Z_]+\"' src lua | sort -u"):format(
      helper.quote(helper.root)))
    local text, n = page "commands", 0
    for name in pipe:lines() do
      if name ~= '"ENSEMBLE_LUA_JOINED"' then has(text, name:sub(2, -2), "commands.md") end -- internal, between ranks
      n = n + 1
    end
    pipe:close()
    assert.truthy(n >= 3, n)
  end)
end)
