/* Threads of libraries that a model brings (BLAS, OpenMP, MKL): they take all cores of each worker unless they are told
 * not to. */
#ifndef ENS_EVAL_FOREIGN_H
#define ENS_EVAL_FOREIGN_H

/* For libraries that are loaded later: they read these variables of the environment when they are. To be called before
 * any thread is started. */
void ens_foreign_set_environment(unsigned threads);
/* For libraries that are loaded already: `handle` of dlopen and what it depends on; NULL: what the program sees. As
 * many threads as the environment was last set to. */
void ens_foreign_set_loaded(void *handle);

#endif
