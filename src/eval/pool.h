/* An evaluator with worker threads in this process. Each worker owns an instance of the model, which it makes in its
 * own thread. */
#ifndef ENS_EVAL_POOL_H
#define ENS_EVAL_POOL_H

#include "core/model/evaluator.h"
#include "eval/watch.h"

/* Makes the workers' instances and waits for them. With one worker and no `building` function, no thread is started:
 * then the capacity is 0 and only `evaluate` works. Borrows the model until the evaluator is destroyed. `watch` NULL:
 * nobody watches the evaluations. Returns the error of the first worker, by number, whose instance fails. */
ens_status ens_pool_create(ens_model *model, size_t nworkers, const ens_watch *watch, ens_evaluator **out,
                           ens_error *error);

/* The first worker's instance, for queries in the language of the model. Only while nothing is in flight. */
void *ens_pool_instance(const ens_evaluator *pool);

/* The evaluation or setup that the calling thread is busy with, and its model; false: none. Safe in signal handlers. */
bool ens_pool_here(ens_slow *out, const ens_model **model);

#endif
