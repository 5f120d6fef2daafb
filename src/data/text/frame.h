/* A table of named columns of equal length. */
#ifndef ENS_DATA_TEXT_FRAME_H
#define ENS_DATA_TEXT_FRAME_H

#include <stddef.h>

#include "data/array.h"

typedef struct ens_frame {
  size_t ncolumns, nrows;
  char **name;        /* [ncolumns] unique, never empty */
  ens_array **column; /* [ncolumns] rank 1 */
} ens_frame;

void ens_frame_free(ens_frame *frame); /* leaves an empty frame */

#endif
