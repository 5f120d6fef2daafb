-- Finds the file of a shared library that a script or a model names.

local library = {}

local function is_file(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- Looks in `folder` first (nil if unknown; else it ends with a slash), then takes the name as given. dlopen searches
-- the system's folders for a name without a slash.
function library.find(path, folder)
  if path:sub(1, 1) == "/" then return path end
  for _, place in ipairs { (folder or "") .. path, path } do
    if is_file(place) then return place:find("/", 1, true) and place or "./" .. place end
  end
  return path
end

-- The folder of a file, as library.find takes it.
function library.folder_of(path)
  return path and path:match("^(.*/)[^/]*$")
end

return library
