/* A block of proposals: the unit that the sampler hands to an evaluator. The sampler owns it (ens_block_create) and
 * lends it to the evaluator from submit until wait returns it. Arrays are indexed by item; theta and blobs are
 * row-major. */
#ifndef ENS_CORE_MODEL_BLOCK_H
#define ENS_CORE_MODEL_BLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef enum ens_outcome {
  ENS_EVAL_VALUE = 0, /* log_prob is a number or -inf */
  ENS_EVAL_NAN,       /* the model returned NaN */
  ENS_EVAL_ERROR      /* the model raised an error; message[i] describes it */
} ens_outcome;

typedef struct ens_block {
  size_t count, capacity, ndim, ncells;
  uint64_t *step;         /* [count] in: the step of each evaluation; 0 is the start */
  uint32_t *walker;       /* [count] in: from 0 */
  double *theta;          /* [count][ndim] in */
  double *threshold;      /* [count] the sampler's own; evaluators leave it alone */
  double *log_prob;       /* [count] out */
  double *blobs;          /* [count][ncells] out: rows in the layout of core/model/blob.h */
  uint8_t *outcome;       /* [count] out: ens_outcome; 0 at submit */
  char **message;         /* [count] out: malloc'ed text of an error, owned by the block. The first line says what
                             happened at which place of the model; a traceback follows. NULL for a value, and for an
                             error if memory ran out */
  double seconds;         /* out: time in the model for the whole block */
  unsigned worker;        /* out: the worker that evaluated it, from 0 */
  unsigned rank;          /* out: that worker's rank in a job of several processes */
  const char *host;       /* out: that rank's host, valid until the process ends; NULL in a run of one process */
  _Atomic size_t at;      /* the item under evaluation: models set it, watchdogs read it from another thread */
  struct ens_block *next; /* link for the block's current holder */
} ens_block;

ens_block *ens_block_create(size_t capacity, size_t ndim, size_t ncells); /* NULL: no memory */
void ens_block_destroy(ens_block *block);                                 /* NULL is fine */
void ens_block_clear(ens_block *block);                                   /* sets count to 0 and frees the messages */
void ens_block_drop_last(ens_block *block);                               /* the block must not be empty */

#endif
