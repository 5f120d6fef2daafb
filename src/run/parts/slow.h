/* The line on the screen about a slow evaluation or setup. */
#ifndef ENS_RUN_PARTS_SLOW_H
#define ENS_RUN_PARTS_SLOW_H

#include "eval/pool.h"

/* Names the worker, the time, step, walker and parameters, and ends with `follows`: "", or "; " and a clause. Any
 * thread. */
void ens_slow_note(const ens_slow *slow, const ens_model *model, const char *follows);

#endif
