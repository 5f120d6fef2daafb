/* The differences between a stored run and one that wants to resume it. */
#ifndef ENS_RUN_DIFFERENCE_H
#define ENS_RUN_DIFFERENCE_H

#include "core/model/model.h"
#include "store/store.h"

/* The records are borrowed. */
typedef struct ens_difference {
  const ens_store_record *stored, *wanted;
  const char *path;       /* of the store */
  const ens_model *model; /* of this run */
} ens_difference;

/* ENS_CONFIG lists every difference that makes another chain. With `forced`, differences that leave the shape of the
 * chain alone are accepted: *forced is freed and becomes their list, which the caller frees. ENS_IO: a text of the
 * stored record is damaged. */
ens_status ens_difference_check(const ens_difference *difference, char **forced, ens_error *error);

#endif
