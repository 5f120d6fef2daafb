/* The inside of models of shared libraries, shared by native*.c alone. */
#ifndef ENS_EVAL_NATIVE_MODEL_H
#define ENS_EVAL_NATIVE_MODEL_H

#include "ensemble_model.h"
#include "eval/bare.h"
#include "eval/native.h"

typedef struct ens_native {
  ens_model base;
  char *name;           /* "./libline.so", or "./libline.so: f" */
  char *path, *symbol;  /* as given; symbol NULL: of a constant */
  ens_bare bare;        /* of a bare function */
  ensemble_model model; /* else: what the library's own constant has of it, the rest zero */
  ens_prior *prior;
  ens_tree *data;
} ens_native;

/* What one worker has of a library's model. */
typedef struct ens_native_worker {
  ensemble_worker lent; /* the first: the model's functions get this and call back with it */
  const ens_native *native;
  ens_block *block; /* being evaluated; NULL: setup */
  size_t at;        /* item of it */
  ens_stream random;
  bool seeded; /* random is of this item */
  char message[512];
} ens_native_worker;

extern const ensemble_data ens_native_data;

/* As in ens_model_ops. */
ens_status ens_native_worker_create(ens_model *model, unsigned number, void **instance, ens_error *error);
void ens_native_worker_evaluate(void *instance, ens_block *block);
void ens_native_worker_release(void *instance);

ens_status ens_native_pack(const ens_model *model, ens_bundle *out, ens_error *error);

/* Fills *out by the library's constant, and checks all of it but which functions it has. */
ens_status ens_native_read(const char *path, ensemble_model *out, ens_error *error);
/* Whether the functions are there that the model needs, with the script's priors or without. */
ens_status ens_native_check(const char *path, const ensemble_model *model, bool with_priors, ens_error *error);

#endif
