/* The run's data for the functions of a library's model: ensemble_data of ensemble_model.h, over a tree. */
#ifndef ENS_EVAL_NATIVE_DATA_H
#define ENS_EVAL_NATIVE_DATA_H

#include "ensemble_model.h"

extern const ensemble_data ens_native_data;

#endif
