-- Compares the output of a block with the output on its page. Some figures differ between runs or machines, and are
-- masked in both: durations, rates, shares of time, dates, sizes of memory, process numbers, hosts, versions, folders,
-- numbers of workers. A shown line `...` stands for any number of lines. Written in the common subset of Lua 5.1 to
-- 5.4.
local compare = {}

local PROGRESS = "^%d+/%d+ steps, "
local CLOSING = "^ensemble%-%a+: %d+ steps? of %d+ walkers"
local IDLE = "^ensemble%-%a+: workers idled"
local WORKER = "^worker %d+ "
local STATUS = "^ensemble%-%a+: status: worker %d+: "
-- Kinds of lines whose number varies: progress lines with the clock, workers' lines with the machine. Several in a row
-- count as one. A page may leave out the optional kinds.
local KINDS = { { pattern = PROGRESS, repeats = true, optional = true }, { pattern = CLOSING, optional = true },
  { pattern = IDLE, optional = true }, { pattern = WORKER, repeats = true }, { pattern = STATUS, repeats = true } }

-- Each row: a pattern in a line, and its replacement. Rows apply in this order.
local MASKS = {
  { "(%d walkers) in .*(; acceptance [%d.]+).*(; [^;]*)$", "%1 in T%2%3" }, -- the closing line
  { "^(fits%s+).*", "%1N workers" }, -- of check
  { "^(evaluations%s+)%d+", "%1N" }, -- of info: those in flight at a stop count
  { "(efficiency) [%d.]+", "%1 N" },
  { "stopped after %d+ of", "stopped after N of" },
  { "has %d+ steps: ", "has N steps: " }, -- of a run that is resumed after such a stop
  { "(status: )%d+ of", "%1N of" },
  { "(status: )%d+ steps are", "%1N steps are" },
  { "%d%d%d%d%-%d%d%-%d%d[T ]%d%d:%d%d[%d:.]*Z?", "DATE" },
  { "%d%d%d%d%-%d%d%-%d%d", "DATE" },
  { "%f[%d]%d+:%d%d[:%d]*", "CLOCK" },
  { "%d+ min %d%d s%f[%W]", "T" },
  { "%d+ h %d%d min%f[%W]", "T" },
  { "%d+ days %d%d h%f[%W]", "T" },
  { "%f[%w.][%d.]+e?[-+]?%d* ?[mun]?s%f[%W]", "T" },
  { "%f[%w]T to T%f[%W]", "T" }, -- of check, which gives one time if both are equal
  { "%f[%w.][%d.]+e?[-+]?%d*[kMG]? (%l+/s)%f[%W]", "N %1" },
  { "%f[%w.][%d.]+ ?%% of the time", "N %% of the time" },
  { "%f[%w.][%d.]+ [KMG]i?B%f[%W]", "SIZE" },
  { "%f[%w]%d+ bytes%f[%W]", "SIZE" },
  { "(pid:? ?)%d+", "%1N" },
  { "(process )%d+", "%1N" },
  { "(host:?%s+)[%w.-]+", "%1HOST" },
  { "%f[%w]%d+%.%d+%.%d+%f[^%w.]", "VERSION" },
  { "%d+ workers?%f[%W]", "N workers" },
  { "/[%w_.-]+/[%w_./-]*/", "/" },
}

local function mask(line)
  local masked = line
  for _, row in ipairs(MASKS) do masked = masked:gsub(row[1], row[2]) end
  -- A figure of another width moves the columns after it.
  if masked ~= line then masked = masked:gsub("%s+", " ") end
  return (masked:gsub("%s+$", ""))
end

local function any(lines, pattern)
  for _, line in ipairs(lines) do
    if line:find(pattern) then return true end
  end
  return false
end

local function kind_of(line)
  for _, kind in ipairs(KINDS) do
    if line:find(kind.pattern) then return kind end
  end
  return nil
end

-- The lines without the optional ones that the page does not show.
local function select(lines, shown)
  local list = {}
  for _, line in ipairs(lines) do
    local kind = kind_of(line)
    if not (kind and kind.optional) or any(shown, kind.pattern) then list[#list + 1] = line end
  end
  while list[#list] == "" do list[#list] = nil end
  return list
end

local function prepare(lines, shown)
  local list, last = {}, nil
  for _, line in ipairs(select(lines, shown)) do
    local kind = kind_of(line)
    if kind and kind.repeats then
      if kind ~= last then list[#list + 1] = "(lines like " .. kind.pattern .. ")" end
    else
      list[#list + 1] = mask(line)
    end
    last = kind
  end
  return list
end

-- Whether `lines` match `pattern`, in which "..." stands for any lines.
local function matches(pattern, lines)
  local i, j, star, from = 1, 1, nil, nil
  while j <= #lines do
    if pattern[i] == "..." then
      star, from = i, j
      i = i + 1
    elseif pattern[i] == lines[j] then
      i, j = i + 1, j + 1
    elseif star then
      from = from + 1
      i, j = star + 1, from
    else
      return false
    end
  end
  while pattern[i] == "..." do i = i + 1 end
  return i > #pattern
end

--- The lines that a page would show instead of `expected`.
function compare.update(expected, printed) return select(printed, expected) end

--- Whether two lists of lines agree; then both, in the form in which they were compared.
function compare.lines(expected, printed)
  local shown, real = prepare(expected, expected), prepare(printed, expected)
  return matches(shown, real), shown, real
end

return compare
