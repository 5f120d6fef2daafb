/* Frees a frame; the reader of text tables fills it. */
#include "data/text/frame.h"

#include <stdlib.h>

void ens_frame_free(ens_frame *frame) {
  for (size_t i = 0; i < frame->ncolumns; i++) {
    free(frame->name[i]);
    ens_array_release(frame->column[i]);
  }
  free(frame->name);
  free(frame->column);
  *frame = (ens_frame){0};
}
