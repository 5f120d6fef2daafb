#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

static char out_of_memory[] = "out of memory";

void ens_error_clear(ens_error *error) {
  if (!error) return;
  if (error->text != out_of_memory) free(error->text);
  *error = ENS_ERROR_NONE;
}

ens_status ens_error_memory(ens_error *error) {
  if (!error) return ENS_MEMORY;
  ens_error_clear(error);
  *error = (ens_error){ENS_MEMORY, out_of_memory};
  return ENS_MEMORY;
}

ens_status ens_error_set(ens_error *error, ens_status status, const char *format, ...) {
  if (!error) return status;
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  /* The old text may be among the arguments: it is freed only after the new one is made. */
  char *text = length < 0 ? NULL : malloc((size_t)length + 1);
  if (text) {
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
  }
  ens_error_clear(error);
  *error = (ens_error){status, text ? text : out_of_memory};
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
