/* Memory that other processes of this host can map. They find it by the id of the process that made it and the number
 * of a descriptor there. It has no name in any directory, so that nothing remains when its users end, even by a crash.
 */
#ifndef ENS_DATA_SHARED_H
#define ENS_DATA_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_shared {
  void *memory; /* NULL: none */
  size_t size;
  int file;       /* -1: another process made it */
  uint64_t token; /* distinguishes it from memory with the same two numbers in another namespace */
} ens_shared;

/* Makes memory of zeros, which the caller may write. False: no memory. */
bool ens_shared_create(size_t size, ens_shared *out);
/* Maps it read-only. False: this process may not map it, or there is no such process on this host. */
bool ens_shared_open(int64_t process, int file, uint64_t token, size_t size, ens_shared *out);
void ens_shared_close(ens_shared *shared);
/* The token of a descriptor that ens_shared_create made; 0 for any other descriptor. */
uint64_t ens_shared_token(int file);

#endif
