-- The manual: one entry for each command, field of ensemble.run, field of a model and option, joined from the rows of
-- options.lua and command.lua and from their texts. `ensemble-lua help WORD` prints an entry as a page;
-- scripts/make-manual writes all of them into docs/. It knows no run.
--
-- An entry has: name, help (one line), kind ("field", "model field", "option", "command" or "word"), what (the kind in
-- words, except of commands), facts (a list of { label, words }),
-- text, parts (a list of { name, value, text } with a title: the rules of `until`, the moves of `moves`), example,
-- related (names).

local check = require "ensemble.check.value"
local command_texts = require "ensemble.cli.command_texts"
local core = require "ensemble.core"
local field_texts = require "ensemble.cli.field_texts"
local model_texts = require "ensemble.cli.model_texts"
local nearest = require "ensemble.check.nearest"
local options = require "ensemble.check.options"
local until_ = require "ensemble.api.until"

local manual = { program = command_texts }

local FIXED = "must be the same when a stored run is resumed"
local PLACES = { "run", "check", "info", "summary", "resume" } -- where an option may stand

---------------------------------------------------------------------------------------------------- entries
function manual.flag(row)
  return (row.short and row.short .. ", " or "") .. row.cli .. (row.value and " " .. row.value or "")
end

-- The commands that take an option; "a run" stands for the main job.
local function commands_of(row)
  local names = {}
  for _, place in ipairs(PLACES) do
    if row.applies[place] then names[#names + 1] = place == "run" and "a run" or place end
  end
  return table.concat(names, ", ")
end

local function add_fact(facts, label, words)
  if words and words ~= "" then facts[#facts + 1] = { label, words } end
end

local function facts_of(row, text)
  local facts = {}
  local is_switch = row.type == "boolean" and not row.applies.field
  add_fact(facts, "value", not is_switch and check.allowed(row))
  add_fact(facts, "unit", text.unit)
  add_fact(facts, "default", not is_switch and options.default(row))
  add_fact(facts, "required", row.required == true and "always" or row.required)
  if row.cli then
    local commands = commands_of(row)
    add_fact(facts, "option", manual.flag(row) .. (commands ~= "" and " (" .. commands .. ")" or ""))
  end
  add_fact(facts, "resume", text.fixed and FIXED)
  return facts
end

local function rules_of(texts)
  local rows = {}
  for i, row in ipairs(until_.rows) do rows[i] = { row.field, check.allowed(row), texts[row.field] } end
  return { title = "rules", name = "rule", joint = ". ", rows = rows }
end

-- "{ a = 2, delayed = 'none' }"; a parameter without a default is required.
local function parameters_of(move)
  local words = {}
  for i, parameter in ipairs(move.parameters) do
    local default = parameter.default
    words[i] = parameter.name .. (default ~= nil and " = " .. check.show(default) or "")
  end
  return "{ " .. table.concat(words, ", ") .. " }"
end

local function moves_of(own)
  local rows = {}
  for i, move in ipairs(core.moves) do rows[i] = { move.name, parameters_of(move), move.text } end
  rows[#rows + 1] = { "mh", "{ proposal }", own }
  return { title = "moves of ensemble.moves, with their parameters", name = "move", joint = ": ", rows = rows }
end

local function parts_of(text)
  return text.rules and rules_of(text.rules) or text.own_move and moves_of(text.own_move) or nil
end

local WHAT = { field = "a field of ensemble.run", ["model field"] = "a field of a model", option = "an option" }

local function entry_of(row, kind, text)
  return { name = row.field, help = row.help, kind = kind, what = WHAT[kind], facts = facts_of(row, text),
    text = text.text, parts = parts_of(text), example = text.example, related = text.related }
end

-- The fields of ensemble.run, in the order of their rows.
function manual.fields()
  local list = {}
  for i, row in ipairs(options.of("field")) do list[i] = entry_of(row, "field", field_texts[row.field]) end
  return list
end

-- The options that are no field, each once.
function manual.options()
  local list, seen = {}, {}
  for _, row in ipairs(options.rows) do
    if row.cli and not options.field(row.field) and not seen[row.field] then
      seen[row.field] = true
      list[#list + 1] = entry_of(row, "option", command_texts.options[row.field])
    end
  end
  return list
end

local function entries_of(rows, kind)
  local list = {}
  for i, row in ipairs(rows) do
    local facts = {}
    add_fact(facts, "value", row.value)
    add_fact(facts, "required", row.required)
    list[i] = { name = row.name, help = row.help, kind = kind, what = WHAT[kind] or row.what, facts = facts,
      text = row.text, example = row.example, related = row.related }
  end
  return list
end

-- The fields of a model.
function manual.model_fields()
  return entries_of(model_texts.fields, "model field")
end

-- Other words with a page.
function manual.words()
  return entries_of(model_texts.words, "word")
end

-- The commands, from their rows in command.lua.
function manual.commands(rows)
  local list = {}
  for i, row in ipairs(rows) do
    local text = command_texts.commands[row.name]
    list[i] = { name = row.name, help = row.help, kind = "command", arguments = row.arguments, text = text.text,
      exit = text.exit, example = text.example, related = text.related, options = options.of(row.name) }
  end
  return list
end

---------------------------------------------------------------------------------------------------- blocks of a text
local function add_block(blocks, kind, line)
  blocks[#blocks + 1] = { kind = kind, text = line }
end

-- A text as a list of { kind = "paragraph" or "item", text = one line }.
function manual.blocks(text)
  local blocks, open = {}, false
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local item = line:match("^%- (.*)$")
    if line == "" then
      open = false
    elseif item then
      add_block(blocks, "item", item)
      open = true
    elseif open then
      blocks[#blocks].text = blocks[#blocks].text .. " " .. line:gsub("^ +", "")
    else
      add_block(blocks, "paragraph", line)
      open = true
    end
  end
  return blocks
end

---------------------------------------------------------------------------------------------------- pages of plain text
local WIDTH = 80

-- Words in lines of WIDTH columns; the first line begins with `first`, the others with as many spaces.
local function fill(words, first)
  local indent, lines, line = (" "):rep(#first), {}, first
  local is_empty = true
  for word in words:gmatch("%S+") do
    if not is_empty and #line + 1 + #word > WIDTH then
      lines[#lines + 1], line, is_empty = line, indent, true
    end
    line, is_empty = line .. (is_empty and "" or " ") .. word, false
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

-- Quotes code in backquotes as messages do, except code with quotes of its own and flags.
local function plain(text)
  return (text:gsub("`([^`]*)`", function(code)
    return code:find("[\"' ]") and code or code:find("^%-") and code or "'" .. code .. "'"
  end))
end

local function pad(word, width)
  return ("  %s%s  "):format(word, (" "):rep(width - #word))
end

-- { label, words } pairs as two aligned columns.
local function columns(pairs_of_words)
  local width, lines = 0, {}
  for _, pair in ipairs(pairs_of_words) do width = math.max(width, #tostring(pair[1])) end
  for i, pair in ipairs(pairs_of_words) do lines[i] = fill(plain(pair[2]), pad(tostring(pair[1]), width)) end
  return table.concat(lines, "\n")
end

local function add_text(parts, text)
  local before
  for _, block in ipairs(manual.blocks(text)) do
    local is_item = block.kind == "item"
    local shown = fill(plain(block.text), is_item and "  - " or "")
    if is_item and before == "item" then
      parts[#parts] = parts[#parts] .. "\n" .. shown
    else
      parts[#parts + 1] = shown
    end
    before = block.kind
  end
end

local function indented(text)
  return "  " .. text:gsub("\n", "\n  ")
end

local function add_parts(parts, entry)
  if not entry.parts then return end
  local list = {}
  for i, row in ipairs(entry.parts.rows) do list[i] = { row[1], row[2] .. entry.parts.joint .. row[3] } end
  parts[#parts + 1] = entry.parts.title .. "\n" .. columns(list)
end

local function add_end(parts, entry)
  if entry.example then parts[#parts + 1] = "example\n" .. indented(entry.example) end
  if #entry.related > 0 then parts[#parts + 1] = fill(table.concat(entry.related, ", "), "see also: ") end
end

-- The page of a field, an option or another word.
local function entry_page(entry)
  local parts = { fill(("%s, %s: %s"):format(entry.name, entry.what, entry.help), "") }
  if #entry.facts > 0 then parts[#parts + 1] = columns(entry.facts) end
  add_text(parts, entry.text)
  add_parts(parts, entry)
  add_end(parts, entry)
  return table.concat(parts, "\n\n")
end

-- The page of a command.
local function command_page(entry, program)
  local parts = { ("usage: %s %s %s%s"):format(program, entry.name, entry.arguments,
    #entry.options > 1 and " [options]" or ""), entry.help }
  add_text(parts, entry.text)
  parts[#parts + 1] = "options\n" .. options.help(entry.options)
  parts[#parts + 1] = "exit status\n" .. columns(entry.exit)
  add_end(parts, entry)
  return table.concat(parts, "\n\n")
end

-- Statuses with their meaning, as lines of a help text.
function manual.exit_lines()
  return columns(command_texts.exit)
end

local function names_of(...)
  local names = {}
  for _, entries in ipairs { ... } do
    for _, entry in ipairs(entries) do names[#names + 1] = entry.name end
  end
  return names
end

-- Names of the fields of ensemble.run, as indented lines of a help text.
function manual.field_lines()
  return fill(table.concat(names_of(manual.fields()), ", "), "  ")
end

-- The same of the fields of a model.
function manual.model_lines()
  return fill(table.concat(names_of(manual.model_fields()), ", "), "  ")
end

-- Where the pages of the manual are, as indented lines of a help text.
function manual.place_lines()
  return fill(plain(command_texts.place), "  ")
end

---------------------------------------------------------------------------------------------------- look-up
-- A flag is found by its name without dashes, an option also by its short form, a rule or a move by its own name.
local function has_name(entry, word)
  if entry.name == word then return true end
  for _, row in ipairs(options.rows) do
    if row.field == entry.name and row.cli then
      for _, flag in ipairs { row.cli, row.short } do
        if flag:gsub("^%-+", "") == word then return true end
      end
    end
  end
  for _, row in ipairs(entry.parts and entry.parts.rows or {}) do
    if row[1] == word then return true end
  end
  return false
end

local function find(entries, word)
  for _, entry in ipairs(entries) do
    if has_name(entry, word) then return entry end
  end
  return nil
end

-- The page of a command alone.
function manual.command(name, rows, program)
  for _, entry in ipairs(manual.commands(rows)) do
    if entry.name == name then return command_page(entry, program) end
  end
  return nil
end

-- A field of a run with this name, or else one of a model, or another word.
local function find_word(name)
  return find(manual.fields(), name) or find(manual.model_fields(), name) or find(manual.words(), name)
end

-- The pages on a word: a command's, then a field's, another word's or an option's. nil and a message if there is none.
function manual.pages(word, rows, program)
  local name = word:gsub("^%-+", "")
  local others, pages = manual.options(), {}
  if name == word then pages[1] = manual.command(name, rows, program) end
  local entry = find_word(name) or (#pages == 0 and find(others, name))
  if entry then pages[#pages + 1] = entry_page(entry) end
  if #pages > 0 then return table.concat(pages, "\n\n" .. ("-"):rep(WIDTH) .. "\n\n") end
  local near = nearest.find(name, names_of(manual.commands(rows), manual.fields(), manual.model_fields(),
    manual.words(), others))
  return nil, ("there is no page on '%s': %s"):format(word, near and ("did you mean '%s'?"):format(near)
    or program .. " help lists the commands, options and fields")
end

return manual
