/* Blocks the signals around pthread_create, because a new thread inherits the mask. */
#include "sys/thread.h"

#include <signal.h>

/* A thread inherits the signal mask of its creator, so the mask is set here for the time of the call. */
int ens_thread_start(ens_thread *thread, const ens_thread_options *options, void *(*body)(void *context),
                     void *context) {
  pthread_attr_t attributes;
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (size_t i = 0; i < options->nreceives; i++) sigdelset(&blocked, options->receives[i]);
  int failed = pthread_attr_init(&attributes);
  if (failed) return failed;
  if (options->stack_bytes) pthread_attr_setstacksize(&attributes, options->stack_bytes);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  failed = pthread_create(&thread->id, &attributes, body, context);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (!failed && options->name) pthread_setname_np(thread->id, options->name);
  return failed;
}

void ens_thread_join(ens_thread *thread) {
  pthread_join(thread->id, NULL);
}
