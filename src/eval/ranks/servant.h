/* The life of a rank other than rank 0: it makes the models that rank 0 sends, evaluates proposals for rank 0 with a
 * pool of its own, and ends when rank 0 says so. */
#ifndef ENS_EVAL_RANKS_SERVANT_H
#define ENS_EVAL_RANKS_SERVANT_H

#include "core/model/evaluator.h"
#include "eval/ranks/link.h"

/* Makes a model from the bundle that its `pack` op filled; the model borrows the bundle's parts. */
typedef ens_status ens_servant_unpack(ens_bundle *bundle, ens_model **out, ens_error *error);

typedef struct ens_servant_config {
  unsigned cpus;       /* CPUs that this process may use */
  const char *program; /* version and engine */
  ens_servant_unpack *unpack;
  int (*signalled)(void); /* the last signal since the previous call; 0: none */
  void (*forget)(void);   /* forgets the texts of files; called before a new job if no other is left */
} ens_servant_config;

/* Serves until the job is over, closes the link and returns the job's exit status. */
int ens_servant_run(ens_link *link, const ens_servant_config *config);

/* Asks rank 0 for the text of a Lua file and waits for the answer; for the threads of workers. As ens_sources_read. */
ens_status ens_servant_ask(const char *path, char **text, size_t *size, int *number, ens_error *error);

#endif
