/* A model: the parameters' names, and functions that make instances and evaluate log_prob. Interface only: Lua models
 * and native ones implement it. Each worker has its own instance (a Lua state, a native context). */
#ifndef ENS_CORE_MODEL_MODEL_H
#define ENS_CORE_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bundle.h"
#include "base/error.h"
#include "base/stream.h"
#include "core/model/blob.h"
#include "core/model/block.h"
#include "core/model/domain.h"

/* Owned by its creator; instances borrow it. */
typedef struct ens_model ens_model;
typedef struct ens_model_ops {
  /* Makes a worker's instance. Called in that worker's thread. The error describes the mistake in the model. */
  ens_status (*instance)(ens_model *model, unsigned worker, void **instance, ens_error *error);
  /* Fills log_prob, blobs, outcome and message of every item. Never fails as a whole. */
  void (*evaluate)(void *instance, ens_block *block);
  void (*release)(void *instance); /* NULL is fine */
  /* Asks the running evaluation to end soon, as an error. Called by a signal handler in the evaluating thread, so only
   * async-signal-safe calls are allowed. NULL: the model cannot be interrupted. */
  void (*interrupt)(void *instance);
  /* Packs the model for another process; the bundle may borrow memory of the model. NULL: it cannot be sent. */
  ens_status (*pack)(const ens_model *model, ens_bundle *out, ens_error *error);
  /* Whether the model's data have this fingerprint in another engine's program. NULL: they have one only. */
  bool (*recognize_data)(const ens_model *model, const char *fingerprint);
  void (*destroy)(ens_model *model);
} ens_model_ops;

struct ens_model {
  const ens_model_ops *ops;
  const char *name; /* for messages: a file, or "inline model" */
  size_t ndim;
  char **parameters; /* [ndim] unique names */
  ens_blobs blobs;
  ens_domain *domain;                         /* NULL: every real number is allowed */
  char fingerprint[64], data_fingerprint[64]; /* change with the model and with its data; kept in stores */
  char *data_fields; /* fingerprints of the fields of `data`, to name the changed ones (data.lua); NULL: not known */
  uint64_t seed;     /* of the model's own random numbers; set before the first instance is made */
  /* Draws theta[ndim] from the model's priors, in the order of the parameters. NULL: the model has no priors. */
  void (*draw)(const ens_model *model, ens_stream *stream, double *theta);
};

#endif
