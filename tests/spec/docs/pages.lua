-- Reads the pages of the manual as lists of steps that a reader follows, in page order.
--
-- A block of code names its language after the fence. A `lua`, `python`, `r`, `sql` or `sh` block is run. The syntax of
-- a `c`, `cpp`, `fortran` or `json` block is checked. A block whose first line is a comment with only a file name is
-- written to that file instead. A `text` block directly after a block that runs shows its output; other `text` blocks
-- are not checked. HTML comments, which readers do not see, have the other directives:
--   <!-- fails: 1 -->             the exit status of the next block, instead of 0
--   <!-- file: run.sbatch -->     the file of the next block, if its first line cannot name it
--   <!-- output -->               the next `text` block is the output of the last block that ran, with prose in between
-- Written in the common subset of Lua 5.1 to 5.4.
local pages = {}

local RUNS = { lua = true, python = true, sh = true, r = true, sql = true }
local CHECKED = { c = true, cpp = true, fortran = true, json = true }
local LANGUAGES = { text = true }
for name in pairs(RUNS) do LANGUAGES[name] = true end
for name in pairs(CHECKED) do LANGUAGES[name] = true end

local NAME = "([%w_][%w_./%-]*%.%w+)"
local NAMED = { "^%-%-%s+" .. NAME .. "%s*$", "^#%s+" .. NAME .. "%s*$", "^//%s+" .. NAME .. "%s*$",
  "^!%s+" .. NAME .. "%s*$", "^/%*%s+" .. NAME .. "%s+%*/%s*$" }

local function file_of(line)
  for _, pattern in ipairs(NAMED) do
    local name = line:match(pattern)
    if name then return name end
  end
  return nil
end

function pages.lines(text)
  local list = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("([^\n]*)\n") do list[#list + 1] = line end
  return list
end

-- Lines from..to, without the indent of a fence inside a list.
local function cut(lines, from, to, indent)
  local list = {}
  for i = from, to do list[#list + 1] = (lines[i]:gsub("^" .. (" ?"):rep(#indent), "")) end
  return list
end

--- A page's text without code blocks and comments: a list of its lines, with false for those that are not prose.
local function prose_of(lines)
  local prose, fence, comment = {}, nil, false
  for i, line in ipairs(lines) do
    local mark = line:match("^%s*(```+)")
    local hidden = fence or comment or mark
    if mark and not comment then
      if fence and #mark >= #fence then fence = nil elseif not fence then fence = mark end
    elseif not fence then
      if line:find("<!%-%-") then comment, hidden = true, true end
      if comment and line:find("%-%->") then comment = false end
    end
    prose[i] = not hidden and line
  end
  return prose
end

local function problem(page, line, text)
  page.problems[#page.problems + 1] = ("%s:%d: %s"):format(page.name, line, text)
end

-- The text of the comment that begins in line i, and the number of its last line.
local function comment_at(lines, i)
  local last = i
  while lines[last] and not lines[last]:find("%-%->%s*$") do last = last + 1 end
  local text = table.concat(lines, "\n", i, math.min(last, #lines))
  return text:match("^%s*<!%-%-%s*(.-)%s*%-%->%s*$"), last
end

local function take_comment(page, lines, i, pending)
  local text, last = comment_at(lines, i)
  if not text then return last end
  local key, value = text:match("^(%l+):?%s*(.*)$")
  if key == "around" then
    pending.around = value
  elseif key == "fails" then
    pending.status = tonumber(value)
  elseif key == "output" then
    pending.output = true
  elseif key == "file" then
    pending.file = value
  elseif key == "setup" then
    page.steps[#page.steps + 1] = { kind = "setup", line = i, text = value }
  end
  return last
end

local function surround(around, text)
  if not around then return text end
  local lines = {}
  for _, line in ipairs(pages.lines(around)) do
    lines[#lines + 1] = line:match("^%s*@@%s*$") and text or line
  end
  return table.concat(lines, "\n")
end

-- The step of a block, or nil. `before`: the step whose output a text block shows.
local function step_of(block, pending, before)
  local text = table.concat(block.lines, "\n")
  if block.language == "text" then
    if before then before.expected, before.shown_at = block.lines, block.line end
    return nil
  end
  local name = pending.file or file_of(block.lines[1] or "")
  if not (name or RUNS[block.language] or CHECKED[block.language]) then return nil end
  return { kind = name and "file" or RUNS[block.language] and "run" or "check", line = block.line, file = name,
    language = block.language, text = surround(pending.around, text) .. "\n", status = pending.status or 0 }
end

local function take_block(page, lines, i, state)
  local indent, mark, language = lines[i]:match("^(%s*)(```+)%s*(%S*)")
  local last = i + 1
  while lines[last] and not lines[last]:find("^%s*" .. mark .. "%s*$") do last = last + 1 end
  if not lines[last] then problem(page, i, "this fence is never closed") end
  if not LANGUAGES[language] then
    problem(page, i, language == "" and "a fence without a language" or "unknown language '" .. language .. "'")
  end
  local block = { language = language, line = i, lines = cut(lines, i + 1, last - 1, indent) }
  local step = step_of(block, state.pending, state.pending.output and state.ran or state.adjacent)
  if step then page.steps[#page.steps + 1] = step end
  state.adjacent = step and step.kind == "run" and step or nil
  state.ran = state.adjacent or state.ran
  state.pending = {}
  return last
end

--- The page `name` as { name, lines, steps, prose, problems }. A step has kind (setup, file, run, check), line, text; a
--- block has also language and status; if it shows its output, also expected (lines) and shown_at (the fence's line).
function pages.parse(name, text)
  local lines = pages.lines(text)
  local page = { name = name, lines = lines, steps = {}, problems = {}, prose = prose_of(lines) }
  local state, i = { pending = {} }, 1
  while i <= #lines do
    if lines[i]:find("^%s*```") then
      i = take_block(page, lines, i, state)
    elseif lines[i]:find("^%s*<!%-%-") then
      i = take_comment(page, lines, i, state.pending)
    elseif lines[i]:find("%S") then
      state.adjacent = nil
    end
    i = i + 1
  end
  return page
end

return pages
