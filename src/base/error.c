/* An error owns its text; without memory for one it points to a constant text. */
#include "base/error.h"

#include <stdlib.h>

#include "base/text.h"

static const char out_of_memory[] = "out of memory";

void ens_error_clear(ens_error *error) {
  if (!error) return;
  if (error->text != out_of_memory) free(error->text);
  *error = ENS_ERROR_NONE;
}

ens_status ens_error_memory(ens_error *error) {
  if (!error) return ENS_MEMORY;
  ens_error_clear(error);
  *error = (ens_error){ENS_MEMORY, (char *)out_of_memory};
  return ENS_MEMORY;
}

ens_status ens_error_set(ens_error *error, ens_status status, const char *format, ...) {
  if (!error) return status;
  ens_text made = {0};
  va_list args;
  va_start(args, format);
  ens_text_add_arguments(&made, format, args);
  va_end(args);
  char *text = ens_text_take(&made);
  ens_error_clear(error); /* not before: the old text may be among the arguments */
  *error = (ens_error){status, text ? text : (char *)out_of_memory};
  return status;
}

const char *ens_error_text(const ens_error *error) {
  return error && error->text ? error->text : "";
}

void ens_error_move(ens_error *to, ens_error *from) {
  if (to == from) return;
  if (!to) {
    ens_error_clear(from);
    return;
  }
  ens_error_clear(to);
  if (!from) return;
  *to = *from;
  *from = ENS_ERROR_NONE;
}
