/* What a plugin for MPI is to the program: a table of functions that carry messages between the ranks of a job. The
 * plugin needs no symbol of the program, and the program none of MPI. All of it is called by one thread. */
#ifndef ENS_EVAL_RANKS_WIRE_H
#define ENS_EVAL_RANKS_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define ENS_WIRE_VERSION 2
#define ENS_WIRE_SYMBOL "ens_wire_v1"

typedef struct ens_wire {
  int version; /* ENS_WIRE_VERSION */
  /* Joins the job. NULL, or why it cannot. `node`: the lowest rank on this rank's host. Waits for the other ranks. */
  const char *(*open)(int *rank, int *size, int *node);
  /* Begins to send. False: it cannot. *pending is NULL when the bytes are free again at once; else they are lent until
   * `done` has answered true, which frees *pending too. tag: 0 .. 32767. */
  bool (*send)(int to, int tag, const void *bytes, size_t size, void **pending);
  /* The next message that has begun to arrive, in the order of its sender; false: none. Then `receive` begins to take
   * it, as `send`: whether the rest of it comes is up to the sender. */
  bool (*probe)(int *from, int *tag, size_t *size);
  bool (*receive)(void *bytes, size_t size, void **pending);
  bool (*done)(void *pending); /* whether what was begun is over */
  void (*close)(void);         /* leaves the job; waits until all do */
  void (*abort)(int status);   /* ends every process of the job */
} ens_wire;

#endif
