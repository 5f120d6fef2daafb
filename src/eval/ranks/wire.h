/* The interface of a plugin for MPI: a table of functions that carry messages between the ranks of a job. The plugin
 * uses no symbol of the program, and the program none of MPI. One thread calls all of them. */
#ifndef ENS_EVAL_RANKS_WIRE_H
#define ENS_EVAL_RANKS_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define ENS_WIRE_VERSION 2
#define ENS_WIRE_SYMBOL "ens_wire_v1"

typedef struct ens_wire {
  int version; /* ENS_WIRE_VERSION */
  /* Joins the job; waits for the other ranks. `node`: the lowest rank on this host. Returns NULL, or the error. */
  const char *(*open)(int *rank, int *size, int *node);
  /* Begins to send; false: an error. If *pending is NULL, the bytes are sent. Else they are borrowed until `done`
   * returns true, which also frees *pending. tag: 0 .. 32767. */
  bool (*send)(int to, int tag, const void *bytes, size_t size, void **pending);
  /* Finds the next message that has begun to arrive; messages of one sender come in their order. False: there is none.
   * Then `receive` begins to receive it, with *pending as for `send`. */
  bool (*probe)(int *from, int *tag, size_t *size);
  bool (*receive)(void *bytes, size_t size, void **pending);
  bool (*done)(void *pending); /* whether the send or receive has finished */
  void (*close)(void);         /* leaves the job; waits until all ranks do */
  void (*abort)(int status);   /* ends every process of the job */
} ens_wire;

#endif
