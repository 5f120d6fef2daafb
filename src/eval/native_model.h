/* A model of a shared library, as the files native*.c share it. */
#ifndef ENS_EVAL_NATIVE_MODEL_H
#define ENS_EVAL_NATIVE_MODEL_H

#include "data/tree.h"
#include "dist/prior.h"
#include "ensemble_model.h"
#include "eval/bare.h"

typedef struct ens_native_model {
  ens_model base;
  char *name;           /* "./libline.so", or "./libline.so: f" for a bare function */
  char *path, *symbol;  /* as the script gives them; symbol NULL: the library has a constant */
  ens_bare bare;        /* the bare function */
  ensemble_model model; /* or a copy of the constant; fields that the library does not know are zero */
  ens_prior *prior;     /* NULL: the script gives none */
  ens_tree *data;       /* NULL: the script gives none */
} ens_native_model;

#endif
