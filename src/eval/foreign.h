/* Limits the threads of libraries that a model uses (BLAS, OpenMP, MKL). By default such a library would start one
 * thread per core for each worker. */
#ifndef ENS_EVAL_FOREIGN_H
#define ENS_EVAL_FOREIGN_H

/* For libraries that are loaded later, which then read the environment. Call it before any thread is started. */
void ens_foreign_set_environment(unsigned threads);
/* For libraries that are loaded already: the library `handle` of dlopen with its dependencies, or with NULL all that
 * the program can see. The number of threads is that of the environment. */
void ens_foreign_set_loaded(void *handle);

#endif
