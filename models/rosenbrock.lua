-- The Rosenbrock density of Goodman and Weare, "Ensemble samplers with affine invariance" (2010), section 4:
-- exp(-(100 (y - x^2)^2 + (1 - x)^2) / 20). A thin bent ridge: easy to get wrong, slow to cross.
--
-- data: none.
-- Known answer: x is normal with mean 1 and variance 10, y given x is normal with mean x^2 and variance 0.1. So
-- E x = 1, E x^2 = 11, E y = 11, Var y = 240.1.

local model = { parameters = { "x", "y" } }

function model.log_prob(theta)
  local x, y = theta.x, theta.y
  return -(100 * (y - x * x) ^ 2 + (1 - x) ^ 2) / 20
end

return model
