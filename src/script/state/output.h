/* print and io.write of a worker's state: they print complete lines, each marked with its worker. */
#ifndef ENS_SCRIPT_STATE_OUTPUT_H
#define ENS_SCRIPT_STATE_OUTPUT_H

#include "script/state/compat.h"

typedef struct ens_output {
  unsigned worker;                                               /* from 1 */
  void (*print)(unsigned worker, const char *text, size_t size); /* gets a complete line without its end */
  char *line;                                                    /* an incomplete line, kept until its end comes */
  size_t size, capacity;
} ens_output;

/* Replaces the state's print, io.write and io.stdout. `output` must live as long as the state. */
void ens_output_open(lua_State *L, ens_output *output);
/* Prints an incomplete last line and frees the buffer. */
void ens_output_close(ens_output *output);

#endif
