/* A message for another process of the same program: numbers in the machine's own format, texts with their length.
 * Large read-only memory, such as the data of a run, goes as a part, which each host receives only once. */
#ifndef ENS_BASE_BUNDLE_H
#define ENS_BASE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_bundle_part {
  const void *memory; /* owned if there is a release, else borrowed */
  size_t size;
  int file; /* descriptor in this process that others on the host can map the memory from; -1: none */
  void (*release)(void *context); /* NULL: nothing to free */
  void *context;
} ens_bundle_part;

typedef struct ens_bundle {
  char *bytes;
  size_t size, capacity;
  size_t at;   /* bytes taken so far */
  bool failed; /* memory ran out, or a take went beyond the end; stays set until ens_bundle_clear */
  ens_bundle_part *part;
  size_t nparts, part_capacity;
} ens_bundle;

void ens_bundle_free(ens_bundle *bundle);  /* also the parts */
void ens_bundle_clear(ens_bundle *bundle); /* removes the bytes, keeps the memory and the parts */

void ens_bundle_put(ens_bundle *bundle, const void *bytes, size_t size);
void ens_bundle_put_count(ens_bundle *bundle, uint64_t count);
void ens_bundle_put_double(ens_bundle *bundle, double number);
void ens_bundle_put_text(ens_bundle *bundle, const char *text); /* NULL comes out as NULL */
/* Returns the part's number. The bundle takes the part, which it releases even if memory runs out. */
size_t ens_bundle_put_part(ens_bundle *bundle, const ens_bundle_part *part);

/* Takes come in the order of the puts. Beyond the end they return zeros or NULL and set `failed`. */
void ens_bundle_take(ens_bundle *bundle, void *bytes, size_t size);
const void *ens_bundle_take_bytes(ens_bundle *bundle, size_t size); /* borrowed from the bundle */
uint64_t ens_bundle_take_count(ens_bundle *bundle);
double ens_bundle_take_double(ens_bundle *bundle);
char *ens_bundle_take_text(ens_bundle *bundle); /* the caller frees it */

#endif
