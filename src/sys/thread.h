/* Starting and joining threads. A new thread blocks all signals, which are the main thread's business, except those
 * that the thread itself must receive. */
#ifndef ENS_SYS_THREAD_H
#define ENS_SYS_THREAD_H

#include <pthread.h>
#include <stddef.h>

typedef struct ens_thread {
  pthread_t id;
} ens_thread;

typedef struct ens_thread_options {
  const char *name;    /* at most 15 bytes, for debuggers and top; NULL: the process's */
  size_t stack_bytes;  /* 0: the system's default */
  const int *receives; /* [nreceives] signals that the thread does not block */
  size_t nreceives;
} ens_thread_options;

/* Runs body(context) in a new thread. 0, or an errno value; then there is nothing to join. */
int ens_thread_start(ens_thread *thread, const ens_thread_options *options, void *(*body)(void *context),
                     void *context);
void ens_thread_join(ens_thread *thread); /* waits until body returns */

#endif
