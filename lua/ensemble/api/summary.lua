-- The printed table of a summary: parameters with mean, sd, quantiles, tau and effective sample size, then the
-- warnings. It turns numbers into text and knows neither the sampler nor the store.

local json = require "ensemble.api.json"

local summary = {}

-- The keys of the JSON object in their order; json.encode writes all of them, null for unknown values.
summary.keys = {
  "steps", "discard", "thin", "converged",
  { "acceptance_fraction", { "mean", "min", "max" } },
  { "log_prob", { "max", "mean" } },
  { "parameters", { "name", "mean", "sd", "q05", "q16", "q50", "q84", "q95", "tau", "ess", "ess_bulk", "ess_tail",
    "mcse_mean", "rhat" } },
  "warnings",
}

local UNKNOWN = "-"

local function is_known(x)
  return type(x) == "number" and x == x and x ~= math.huge and x ~= -math.huge
end

-- The power of ten of the first significant digit after rounding to two digits: 0.0996 rounds to 0.10, so -1.
local function place_of(x)
  return tonumber(("%.1e"):format(math.abs(x)):match("e(.*)$"))
end

local MOST_DECIMALS, MOST_DIGITS = 9, 9

-- The decimals of a row: down to the first digit of the mean's standard error, with at least two digits of the sd. nil
-- if neither is known, or if plain decimals do not suit.
local function decimals_of(row)
  if not is_known(row.sd) or row.sd <= 0 then return nil end
  local decimals = 1 - place_of(row.sd)
  if is_known(row.mcse_mean) and row.mcse_mean > 0 then
    decimals = math.max(decimals, -place_of(row.mcse_mean))
  end
  local largest = math.max(is_known(row.mean) and math.abs(row.mean) or 0, row.sd)
  if decimals > MOST_DECIMALS or largest >= 10 ^ MOST_DIGITS then return nil end
  return math.max(decimals, 0)
end

local function format_value(x, decimals)
  if not is_known(x) then return UNKNOWN end
  if not decimals then return ("%.6g"):format(x) end
  local text = ("%%.%df"):format(decimals):format(x)
  return text:find("^%-[0.]+$") and text:sub(2) or text -- no "-0.00"
end

local function format_tau(x)
  return is_known(x) and ("%.1f"):format(x) or UNKNOWN
end

local function format_count(x)
  return is_known(x) and ("%.0f"):format(x) or UNKNOWN
end

local HEADER = { "parameter", "mean", "sd", "16 %", "50 %", "84 %", "tau", "ESS" }

local function cells_of(row)
  local decimals = decimals_of(row)
  local cells = { row.name or UNKNOWN }
  for _, key in ipairs { "mean", "sd", "q16", "q50", "q84" } do
    cells[#cells + 1] = format_value(row[key], decimals)
  end
  cells[#cells + 1] = format_tau(row.tau)
  cells[#cells + 1] = format_count(row.ess)
  return cells
end

-- Counts characters, not bytes, of UTF-8 text: names may be Greek.
local function width_of(text)
  return select(2, text:gsub("[^\128-\191]", ""))
end

local function pad(text, width, left)
  local space = (" "):rep(width - width_of(text))
  return left and text .. space or space .. text
end

-- The lines of a table with the first column left-aligned and the others right-aligned.
local function align(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, width_of(cell)) end
  end
  local lines = {}
  for r, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = pad(cell, widths[i], i == 1) end
    lines[r] = table.concat(cells, "  ")
  end
  return lines
end

local function plural(n, word)
  return ("%.0f %s%s"):format(n, word, n == 1 and "" or "s")
end

-- "5000 steps, the first 200 left out, every 15th used; acceptance fraction 0.710 (0.65 to 0.76 over walkers)"
local function headline(s)
  local text = plural(s.steps, "step")
  if is_known(s.discard) and s.discard > 0 then text = ("%s, the first %.0f left out"):format(text, s.discard) end
  if is_known(s.thin) and s.thin > 1 then text = ("%s, 1 in %.0f used"):format(text, s.thin) end
  local acceptance = s.acceptance_fraction
  if acceptance and is_known(acceptance.mean) then
    text = ("%s; acceptance fraction %.3f"):format(text, acceptance.mean)
    if is_known(acceptance.min) and is_known(acceptance.max) then
      text = ("%s (%.3f to %.3f over walkers)"):format(text, acceptance.min, acceptance.max)
    end
  end
  return text
end

-- The whole text, without a final newline.
function summary.text(s)
  local rows = { HEADER }
  for _, row in ipairs(s.parameters) do rows[#rows + 1] = cells_of(row) end
  local lines = align(rows)
  table.insert(lines, 1, headline(s))
  for _, warning in ipairs(s.warnings or {}) do lines[#lines + 1] = "warning: " .. warning end
  return table.concat(lines, "\n")
end

function summary.json(s)
  return json.encode(s, summary.keys)
end

local Summary = { __tostring = summary.text }

-- Makes the object that scripts get, from a table with summary.keys: printing it gives the text, and its parameters are
-- indexed by number and by name.
function summary.object(s)
  local by_name = {}
  for _, row in ipairs(s.parameters) do by_name[row.name] = row end
  setmetatable(s.parameters, { __index = by_name })
  return setmetatable(s, Summary)
end

return summary
