/* print and io.write of a worker's state: whole lines at a time, marked with the worker. */
#ifndef ENS_SCRIPT_STATE_OUTPUT_H
#define ENS_SCRIPT_STATE_OUTPUT_H

#include "script/state/compat.h"

typedef struct ens_output {
  unsigned worker;                                               /* from 1 */
  void (*print)(unsigned worker, const char *text, size_t size); /* a whole line, without its end */
  char *line;                                                    /* begun, not yet ended */
  size_t size, capacity;
} ens_output;

/* Replaces the state's print and io.write. `output` must live as long as the state. */
void ens_output_open(lua_State *L, ens_output *output);
/* A last line without an end comes out; frees the buffer. */
void ens_output_close(ens_output *output);

#endif
