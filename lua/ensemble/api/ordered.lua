-- pairs for models, with keys in sorted order. Lua orders string keys by a hash that differs between states; a sum over
-- pairs would then round differently in each worker, and the chain would depend on the schedule. Numbers come first,
-- then strings; keys of other types keep Lua's order. Plain lists use Lua's own next.

local next, rawget, type, sort, getmetatable = next, rawget, type, table.sort, getmetatable

local RANK = { number = 1, string = 2 }

local function less(a, b)
  local rank_a, rank_b = RANK[type(a)], RANK[type(b)]
  if rank_a ~= rank_b then return rank_a < rank_b end
  return a < b
end

local function is_list(t)
  local expected = 1
  for key in next, t do
    if key ~= expected then return false end
    expected = expected + 1
  end
  return true
end

local function sorted_keys(t)
  local keys, others = {}, {}
  for key in next, t do
    local list = RANK[type(key)] and keys or others
    list[#list + 1] = key
  end
  sort(keys, less)
  for i = 1, #others do keys[#keys + 1] = others[i] end
  return keys
end

return function(t)
  local metatable = getmetatable(t)
  local own = type(metatable) == "table" and rawget(metatable, "__pairs")
  if own then return own(t) end
  if type(t) ~= "table" then
    error(("bad argument #1 to 'pairs' (table expected, got %s)"):format(t == nil and "nil" or type(t)), 2)
  end
  if is_list(t) then return next, t, nil end
  local keys, i = sorted_keys(t), 0
  return function()
    local value
    repeat
      i = i + 1
      if keys[i] == nil then return nil end
      value = rawget(t, keys[i])
    until value ~= nil -- removed during the loop
    return keys[i], value
  end, t, nil
end
