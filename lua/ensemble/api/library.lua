-- Where a shared library that a script or a model names is: the file that dlopen is to be asked for.

local library = {}

local function is_file(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- In `folder` (nil: unknown; else it ends with a slash) first, then as given; dlopen wants a slash in it, or looks in
-- the system's folders.
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
