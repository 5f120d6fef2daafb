-- Finds the name that a person probably meant: the candidate nearest to a misspelt one. It knows words, not their
-- meaning.

local nearest = {}

-- Restricted Damerau-Levenshtein distance: insertions, deletions, substitutions, and swaps of neighbours
-- (Damerau 1964), each costing 1. Works on bytes; names are short.
function nearest.distance(a, b)
  local before, last -- rows i - 2 and i - 1 of the table of the dynamic programme
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    before, last, row = last, row, { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
  end
  return row[#b]
end

-- The largest distance of a misspelling: about one letter in three.
local function reach(a, b)
  local longer = math.max(#a, #b)
  return longer > 2 and math.floor((longer + 1) / 3) or 0 -- one letter of two is no likeness
end

-- The candidate nearest to `name`, the first of equally near ones; nil if none is near. Case does not count.
function nearest.find(name, candidates)
  local best, least
  for _, candidate in ipairs(candidates) do
    local distance = nearest.distance(name:lower(), candidate:lower())
    if distance <= reach(name, candidate) and (not least or distance < least) then
      best, least = candidate, distance
    end
  end
  return best
end

-- The same for candidates that are the keys of a set; of equally near ones, the first in alphabetical order.
function nearest.name(name, set)
  local names = {}
  for candidate in pairs(set) do names[#names + 1] = candidate end
  table.sort(names)
  return nearest.find(name, names)
end

-- The end of a message about an unknown name: ": did you mean 'steps'?", or the list of all names. `plural` is the noun
-- for the candidates, such as "fields".
function nearest.advice(name, candidates, plural)
  local near = nearest.find(tostring(name), candidates)
  if near then return (": did you mean '%s'?"):format(near) end
  if #candidates == 0 then return (": there are no %s here"):format(plural) end
  return (": the %s are %s"):format(plural, table.concat(candidates, ", "))
end

return nearest
