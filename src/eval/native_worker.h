/* A worker of a library's model: its setup, its evaluations, its teardown, and its services to the model's functions.
 * The functions implement ens_model_ops. */
#ifndef ENS_EVAL_NATIVE_WORKER_H
#define ENS_EVAL_NATIVE_WORKER_H

#include "eval/native_model.h"

typedef struct ens_native_worker {
  ensemble_worker lent; /* first, because the model's functions get a pointer to this and call back with it */
  const ens_native_model *native;
  ens_block *block; /* the block that is being evaluated; NULL during setup */
  size_t at;        /* the item of the block */
  ens_stream random;
  bool seeded; /* `random` is seeded for this item */
  char message[512];
} ens_native_worker;

ens_status ens_native_worker_create(ens_model *model, unsigned number, void **instance, ens_error *error);
void ens_native_worker_evaluate(void *instance, ens_block *block);
void ens_native_worker_release(void *instance);

#endif
