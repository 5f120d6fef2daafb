-- Prints the figures of a run that measure.py reads: evaluations, seconds in all, seconds inside the model. With
-- several ranks, also the bytes between ranks per evaluation on another rank, and the bytes of arrays.
return function(sampler)
  local info = sampler:info()
  local elsewhere, traffic = 0, info.traffic
  for _, worker in ipairs(info.per_worker) do
    if worker.rank > 0 then elsewhere = elsewhere + worker.evaluations end
  end
  local figures = { info.evaluations, info.timing.wall_s, info.timing.model_s }
  if traffic then
    figures[4] = (traffic.proposals + traffic.results) / elsewhere
    figures[5] = traffic.data
  end
  print(table.concat(figures, " "))
end
