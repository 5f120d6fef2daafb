-- The mode of the program: how the samplers of a script come about. This one, `run`, lets them be; the commands check
-- and resume have modes of their own (cli/checkup.lua, cli/movetest.lua, cli/resume.lua), which extend it. The session
-- holds the mode; config.lua and sampler.lua call it and do not ask which one it is.

local Mode = {}
Mode.__index = Mode

-- A new mode, with the fields of `fields`, whose methods are those of the table `methods` before those of `run`.
function Mode.extend(methods, fields)
  return setmetatable(fields or {}, { __index = setmetatable(methods, Mode) })
end

-- Called with the checked fields of a sampler before any of them is used. It may change them.
function Mode:prepare(values) end -- luacheck: ignore 212

-- Called when a sampler is made and before it does anything. `config` is the table that the core has read.
function Mode:begin(sampler, config) end -- luacheck: ignore 212

-- The number of steps from which run(n) and sample { steps = n } of a sampler count: those that its chain has.
function Mode:first_step(sampler, n) -- luacheck: ignore 212
  return sampler.raw:steps()
end

-- The steps that ensemble.run samples in all, if the script asks for `steps`.
function Mode:last_step(sampler, steps) -- luacheck: ignore 212
  return steps
end

-- The command that resumes a stopped sampler; nil: the same command again.
function Mode:command(sampler) end -- luacheck: ignore 212

-- Called when the script is over, with its exit status. Returns the exit status of the program.
function Mode:done(status) -- luacheck: ignore 212
  return status
end

return Mode
