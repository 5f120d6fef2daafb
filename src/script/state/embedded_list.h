/* The modules of lua/ensemble beside init.lua: folder and name of each file. */
#ifndef ENS_SCRIPT_STATE_EMBEDDED_LIST_H
#define ENS_SCRIPT_STATE_EMBEDDED_LIST_H

/* clang-format off */
#define ENS_EMBEDDED(X) \
  X(api, account) \
  X(api, advice) \
  X(api, autocorr) \
  X(api, batch) \
  X(api, cdata) \
  X(api, cfunction) \
  X(api, config) \
  X(api, cpointer) \
  X(api, data) \
  X(api, density) \
  X(api, dist) \
  X(api, form) \
  X(api, frame) \
  X(api, json) \
  X(api, library) \
  X(api, mode) \
  X(api, model) \
  X(api, moves) \
  X(api, native) \
  X(api, ordered) \
  X(api, prior) \
  X(api, proposal) \
  X(api, readers) \
  X(api, sampler) \
  X(api, session) \
  X(api, start) \
  X(api, summary) \
  X(api, until) \
  X(check, domain) \
  X(check, failure) \
  X(check, named) \
  X(check, nearest) \
  X(check, options) \
  X(check, value) \
  X(cli, checkup) \
  X(cli, command) \
  X(cli, command_texts) \
  X(cli, field_texts) \
  X(cli, findings) \
  X(cli, launch) \
  X(cli, main) \
  X(cli, manual) \
  X(cli, model_texts) \
  X(cli, movetest) \
  X(cli, prompt) \
  X(cli, resume) \
  X(cli, script)
/* clang-format on */
#endif
