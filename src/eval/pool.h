/* Evaluator with worker threads in this process. Each worker owns an instance of the model, made in its own thread. */
#ifndef ENS_EVAL_POOL_H
#define ENS_EVAL_POOL_H

#include "core/evaluator.h"

/* One instance a worker. With one worker no thread is started: capacity is 0 and only `evaluate` works. The model is
 * borrowed until the evaluator is destroyed. Returns the error of the first worker (by number) whose instance fails. */
ens_status ens_pool_create(ens_model *model, size_t nworkers, ens_evaluator **out, ens_error *error);

#endif
