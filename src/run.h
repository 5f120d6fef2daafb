/* A run as a whole: model, sampler, evaluator, store, screen, put together. run.c is the one place that knows all parts;
 * this header knows only core, so that script/ can drive a run without knowing what it is made of. */
#ifndef ENS_RUN_H
#define ENS_RUN_H

#include "core/run_config.h"

#endif
