/* Memory that other processes of this host can map, by the number of the process that made it and of a descriptor that
 * it holds. It has no name in any folder, so that nothing is left behind, however its users end. */
#ifndef ENS_DATA_SHARED_H
#define ENS_DATA_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_shared {
  void *memory; /* NULL: none */
  size_t size;
  int file;       /* -1: it is another process's */
  uint64_t token; /* tells it from what another process has by the same numbers in another namespace */
} ens_shared;

/* Zeros, to be written by whoever makes it. */
bool ens_shared_create(size_t size, ens_shared *out);
/* Read-only. False: this process may not, or there is no such process here. */
bool ens_shared_open(int64_t process, int file, uint64_t token, size_t size, ens_shared *out);
void ens_shared_close(ens_shared *shared);
/* The token of a descriptor that ens_shared_create made; 0: it is none. */
uint64_t ens_shared_token(int file);

#endif
