/* Sets the variables of the environment before a library is loaded, and calls the setters of one that is loaded
 * already. */
#include "eval/foreign.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ens_foreign_set_environment(unsigned threads) {
  static const char *const variables[] = {"OMP_NUM_THREADS",       "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
                                          "MKL_NUM_THREADS",       "BLIS_NUM_THREADS",     "ATLAS_NUM_THREADS",
                                          "VECLIB_MAXIMUM_THREADS"};
  char text[16];
  snprintf(text, sizeof text, "%u", threads);
  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) setenv(variables[i], text, 1);
}

void ens_foreign_set_loaded(void *handle) {
  static const char *const setters[] = {"openblas_set_num_threads", "omp_set_num_threads", "MKL_Set_Num_Threads"};
  const char *text = getenv("OMP_NUM_THREADS");
  int threads = text ? atoi(text) : 1;
  for (size_t i = 0; i < sizeof setters / sizeof setters[0]; i++) {
    void *address = dlsym(handle ? handle : RTLD_DEFAULT, setters[i]);
    void (*set)(int);
    memcpy(&set, &address, sizeof set);
    if (address) set(threads);
  }
}
