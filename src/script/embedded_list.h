/* The modules of lua/ensemble, one entry a file. */
#ifndef ENS_SCRIPT_EMBEDDED_LIST_H
#define ENS_SCRIPT_EMBEDDED_LIST_H

/* clang-format off */
#define ENS_EMBEDDED(X) \
  X(account) \
  X(advice) \
  X(autocorr) \
  X(batch) \
  X(cdata) \
  X(cfunction) \
  X(check) \
  X(checkup) \
  X(cli) \
  X(command) \
  X(command_texts) \
  X(config) \
  X(cpointer) \
  X(data) \
  X(density) \
  X(dist) \
  X(domain) \
  X(failure) \
  X(field_texts) \
  X(findings) \
  X(form) \
  X(frame) \
  X(init) \
  X(json) \
  X(launch) \
  X(library) \
  X(manual) \
  X(model) \
  X(moves) \
  X(movetest) \
  X(named) \
  X(native) \
  X(nearest) \
  X(options) \
  X(ordered) \
  X(prior) \
  X(prompt) \
  X(proposal) \
  X(readers) \
  X(resume) \
  X(sampler) \
  X(script) \
  X(session) \
  X(start) \
  X(summary) \
  X(until)
/* clang-format on */

#endif
