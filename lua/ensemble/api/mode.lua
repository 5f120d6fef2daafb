-- The mode of the program decides how the samplers of a script come about. This one, `run`, changes nothing; the
-- commands check and resume extend it (cli/checkup.lua, cli/movetest.lua, cli/resume.lua). The session holds the mode;
-- config.lua and sampler.lua call its methods without asking which mode it is.

local Mode = {}
Mode.__index = Mode

-- A new mode with the given fields and methods; it has the methods of `run` where `methods` has none.
function Mode.extend(methods, fields)
  return setmetatable(fields or {}, { __index = setmetatable(methods, Mode) })
end

-- Called with the checked fields of a sampler before any of them is used. It may change them.
function Mode:prepare(values) end -- luacheck: ignore 212

-- Called when a sampler is made, before it does anything. `config` is the table that the core has read.
function Mode:begin(sampler, config) end -- luacheck: ignore 212

-- The number of steps from which run(n) and sample { steps = n } count: by default the length of the chain.
function Mode:first_step(sampler, n) -- luacheck: ignore 212
  return sampler.raw:steps()
end

-- The number of steps that ensemble.run samples in all, for a script that asks for `steps`.
function Mode:last_step(sampler, steps) -- luacheck: ignore 212
  return steps
end

-- The command that resumes a stopped sampler; nil if the same command does.
function Mode:command(sampler) end -- luacheck: ignore 212

-- Called at the end of the script, with its exit status. Returns the exit status of the program.
function Mode:done(status) -- luacheck: ignore 212
  return status
end

return Mode
