-- README.md and docs/: every block of code runs and prints the output on its page, every relative link leads to a file,
-- and every page is within two clicks of README.md. tests/spec/docs/pages.lua describes the form of a page.
-- Environment: DOCS="docs/tutorial.md README.md" runs the blocks of these pages only. DOCS_UPDATE=1 writes the blocks'
-- output into the pages, except where a page shows "..."; read the difference before you commit it. Written in the
-- common subset of Lua 5.1 to 5.4.
local compare = require "tests.spec.docs.compare"
local folder = require "tests.spec.docs.folder"
local helper = require "tests.spec.helper"
local links = require "tests.spec.docs.links"
local pages = require "tests.spec.docs.pages"

local quote = helper.quote

local function list_pages()
  local list = {}
  local pipe = assert(io.popen(("cd %s && ls README.md && find docs -name '*.md' 2>/dev/null | LC_ALL=C sort"):format(
    quote(helper.root)), "r"))
  for name in pipe:lines() do list[#list + 1] = pages.parse(name, helper.read(helper.root .. "/" .. name)) end
  pipe:close()
  return list
end

local all = list_pages()

local function exists(path)
  local ok = os.execute("test -e " .. quote(helper.root .. "/" .. path))
  return ok == true or ok == 0
end

local function joined(lines) return table.concat(lines, "\n") end

-- The difference in diff's form: the page has the lines with "-", the block printed those with "+".
local function difference(expected, printed)
  local dir = helper.directory()
  local a, b = dir:write("shown", joined(expected) .. "\n"), dir:write("printed", joined(printed) .. "\n")
  local pipe = assert(io.popen(("diff -U 3 %s %s | tail -n +3"):format(quote(a), quote(b)), "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

-- The error of a block that ran, as text; nil if there is none.
local function complaint(step, status, lines)
  if status ~= (step.status or 0) then
    return ("exit status %s instead of %d; it printed\n%s"):format(status, step.status or 0, joined(lines))
  end
  if not step.expected then return nil end
  local same, shown, real = compare.lines(step.expected, lines)
  if same then return nil end
  return ("- shown, + printed (figures that vary are masked):\n%s\nprinted as it was:\n%s"):format(
    difference(shown, real), joined(lines))
end

-- Puts the output of a step into its page. All lines of the block become one text, so that the other lines keep their
-- numbers.
local function update(page, step, lines)
  for _, line in ipairs(step.expected) do
    if line == "..." then return end
  end
  local at = step.shown_at
  for i = 1, #step.expected do page.lines[at + i] = false end
  page.lines[at] = page.lines[at] .. "\n" .. joined(compare.update(step.expected, lines))
  page.changed = true
end

local function save(page)
  local list = {}
  for _, line in ipairs(page.lines) do
    if line then list[#list + 1] = line end
  end
  local file = assert(io.open(helper.root .. "/" .. page.name, "w"))
  file:write(joined(list), "\n")
  file:close()
end

-- Blocks depend on earlier ones: after one that could not run, the error of a later one means nothing.
local function follow(place, page, step)
  place.folder = place.folder or folder.new()
  local lack = folder.lacks(step)
  if lack then
    place.lack = ("%s (line %d)"):format(lack, step.line)
    return pending(lack)
  end
  local status, lines = place.folder:take(step)
  local wrong = complaint(step, status, lines)
  if wrong and step.expected and status == step.status and os.getenv("DOCS_UPDATE") then update(page, step, lines) end
  if wrong and place.lack then return pending("an earlier block was left out: " .. place.lack) end
  assert(not wrong, wrong)
end

local function is_asked_for(page)
  local names = os.getenv("DOCS")
  return not names or (" " .. names .. " "):find(" " .. page.name .. " ", 1, true)
end

-- LuaJIT runs the same Lua, so the manual's blocks run with Lua 5.4 only.
if not helper.is_luajit then
  describe("the manual's block", function()
    for _, page in ipairs(all) do
      local place = {}
      teardown(function()
        if page.changed then save(page) end
      end)
      for _, step in ipairs(is_asked_for(page) and page.steps or {}) do
        local kind = step.kind == "run" and "" or " (" .. step.kind .. ")"
        it(("%s:%d%s"):format(page.name, step.line, kind), function() follow(place, page, step) end)
      end
    end
  end)
end

describe("the manual", function()
  local by_name = {}
  for _, page in ipairs(all) do by_name[page.name] = page end

  it("names a language after every fence", function()
    local list = {}
    for _, page in ipairs(all) do
      if #page.problems > 0 then list[#list + 1] = joined(page.problems) end
    end
    assert.equal("", joined(list))
  end)

  local function dead(link)
    local target = by_name[link.path]
    if not (target or exists(link.path)) then return "there is no file " .. link.path end
    if link.anchor and not (target and links.anchors(target)[link.anchor]) then
      return ("%s has no heading #%s"):format(link.path, link.anchor)
    end
    return nil
  end

  for _, page in ipairs(all) do
    it("has no dead link in " .. page.name, function()
      local list = {}
      for _, link in ipairs(links.of(page)) do
        local why = dead(link)
        if why then list[#list + 1] = ("%s:%d: %s: %s"):format(page.name, link.line, link.target, why) end
      end
      assert.equal("", joined(list))
    end)
  end

  it("has no dead link where it is installed", function()
    local dir, list = helper.directory(), {}
    local installed = dir:file("prefix/share/doc/ensemble-lua")
    local command = ("cd %s && scripts/install %s"):format(quote(helper.root), quote(dir:file("prefix")))
    local ok = os.execute(command)
    assert.truthy(ok == true or ok == 0, command)
    local pipe = assert(io.popen(("cd %s && find . -name '*.md'"):format(quote(installed)), "r"))
    for path in pipe:lines() do
      local name = path:sub(3)
      for _, link in ipairs(links.of(pages.parse(name, helper.read(installed .. "/" .. name)))) do
        local there = os.execute("test -e " .. quote(installed .. "/" .. link.path))
        if not (there == true or there == 0) then
          list[#list + 1] = ("%s:%d: %s: it is not installed"):format(name, link.line, link.target)
        end
      end
    end
    pipe:close()
    assert.equal("", joined(list))
  end)

  it("is within two clicks of README.md", function()
    local clicks, queue = { ["README.md"] = 0 }, { "README.md" }
    for _, name in ipairs(queue) do
      for _, link in ipairs(links.of(by_name[name])) do
        if by_name[link.path] and not clicks[link.path] then
          clicks[link.path] = clicks[name] + 1
          queue[#queue + 1] = link.path
        end
      end
    end
    for _, page in ipairs(all) do
      assert((clicks[page.name] or 9) <= 2, page.name .. " is more than two clicks away from README.md")
    end
    for _, name in ipairs { "tutorial", "howto/convergence", "howto/resume", "howto/cluster" } do
      assert.equal(1, clicks["docs/" .. name .. ".md"], name)
    end
  end)

  -- docs/source.md names files: `src/core` must exist at that path, `pace.h` in any folder.
  it("names only existing files in docs/source.md", function()
    local page, list, names = by_name["docs/source.md"], {}, {}
    local pipe = assert(io.popen(("cd %s && find src lua tests scripts -type f"):format(quote(helper.root)), "r"))
    for path in pipe:lines() do names[path:match("[^/]*$")] = true end
    pipe:close()
    for i, line in ipairs(page and page.prose or {}) do
      for name in (line or ""):gmatch("`([%w_/.-]+)`") do
        local gone = name:find("^%l+/") and not exists(name)
          or name:find("^[%w_]+%.%l+$") and not names[name] and not name:find("^ensemble%.")
        if gone then list[#list + 1] = ("docs/source.md:%d: there is no %s"):format(i, name) end
      end
    end
    assert.equal("", joined(list))
  end)
end)
