-- The relative links of the manual's pages, with GitHub's anchors of headings. Written in the common subset of Lua 5.1
-- to 5.4.
local links = {}

-- "How many workers?" is #how-many-workers
local function slug(heading)
  local text = heading:gsub("%[([^%]]*)%]%([^)]*%)", "%1"):lower()
  return (text:gsub("[^%w%s_\128-\255%-]", ""):gsub("%s", "-"))
end

--- Set of a page's anchors.
function links.anchors(page)
  local set, seen = {}, {}
  for _, line in ipairs(page.prose) do
    local heading = line and line:match("^#+%s+(.-)%s*$")
    if heading then
      local name = slug(heading)
      set[seen[name] and name .. "-" .. seen[name] or name] = true
      seen[name] = (seen[name] or 0) + 1
    end
    local named = line and line:match('<a%s+[in][da]m?e?="([^"]+)"')
    if named then set[named] = true end
  end
  return set
end

-- resolve("docs/a.md", "../README.md") is "README.md"
local function resolve(from, target)
  local parts = {}
  for part in from:gmatch("([^/]+)/") do parts[#parts + 1] = part end
  for part in target:gmatch("[^/]+") do
    if part == ".." then parts[#parts] = nil elseif part ~= "." then parts[#parts + 1] = part end
  end
  return table.concat(parts, "/")
end

--- Relative links of a page: a list of { line, path, anchor }; path is from the root, anchor may be nil.
function links.of(page)
  local list = {}
  -- A link's text may break a line, so the page is searched as one text, with the position of each line.
  local text, starts = {}, {}
  local length = 0
  for i, line in ipairs(page.prose) do
    starts[i] = length
    text[i] = (line or ""):gsub("`[^`]*`", function(code) return ("x"):rep(#code) end)
    length = length + #text[i] + 1
  end
  local function line_of(place)
    local i = #starts
    while i > 1 and starts[i] >= place do i = i - 1 end
    return i
  end
  for place, target in table.concat(text, "\n"):gmatch("()%]%(([^()%s]+)%)") do
    if not target:find("^%a+:") then
      local path, anchor = target:match("^([^#]*)#?(.*)$")
      list[#list + 1] = { line = line_of(place), target = target, anchor = anchor ~= "" and anchor or nil,
        path = path == "" and page.name or resolve(page.name, path) }
    end
  end
  return list
end

return links
