-- The sentence about a chain that is too short for its autocorrelation times.

local advice = {}

-- How far a chain of `steps` steps is from tol * tau, for the parameter that is furthest from it; nil if the chain is
-- long enough. names[i] is the name of the parameter with taus[i].
function advice.shortfall(taus, names, steps, tol)
  local worst = 1
  for i, tau in ipairs(taus) do
    if tau > taus[worst] or taus[worst] ~= taus[worst] then worst = i end
  end
  local tau = taus[worst]
  if tau ~= tau then return "the autocorrelation time is unknown: the chain does not move" end
  local needed = math.ceil(tol * tau) - steps
  if needed <= 0 then return nil end
  return ("the chain has %.0f steps, %.1f times the autocorrelation time of %s (%.1f): below %g times the estimate is "
    .. "unreliable; %.0f more steps would do"):format(steps, steps / tau, names[worst], tau, tol, needed)
end

return advice
