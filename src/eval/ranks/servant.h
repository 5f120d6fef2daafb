/* The life of a rank that is not the first: it makes the models that rank 0 sends, evaluates what rank 0 asks for with
 * a pool of its own, and ends when rank 0 says so. */
#ifndef ENS_EVAL_RANKS_SERVANT_H
#define ENS_EVAL_RANKS_SERVANT_H

#include "core/model/evaluator.h"
#include "eval/ranks/link.h"

/* Makes a model from what its `pack` op wrote; the model borrows the bundle's parts. */
typedef ens_status ens_unpack(ens_bundle *bundle, ens_model **out, ens_error *error);

typedef struct ens_servant_config {
  unsigned cpus;       /* that this process may use */
  const char *program; /* version and engine */
  ens_unpack *unpack;
  int (*signalled)(void); /* a signal that has come since the last call; 0: none */
  void (*forget)(void);   /* texts that were asked for: a new job is to come */
} ens_servant_config;

/* Returns the job's exit status when it is over; the link is closed then. */
int ens_servant_run(ens_link *link, const ens_servant_config *config);

/* A file of Lua as rank 0 has it: for workers' threads. As ens_run_read_text. */
ens_status ens_servant_ask(const char *path, char **text, size_t *size, int *number, ens_error *error);
/* "rank 2 (host node7), " for messages of this process; "" where it is none of several. */
const char *ens_servant_name(void);

#endif
