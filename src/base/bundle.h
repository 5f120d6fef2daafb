/* Bytes for another process of the same program: numbers as they lie in memory, texts with their length. What is large
 * and read-only is not among the bytes: it is a part, which each host gets once. */
#ifndef ENS_BASE_BUNDLE_H
#define ENS_BASE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_bundle_part {
  const void *memory; /* lent, or owned where there is a release */
  size_t size;
  int file; /* a descriptor of this process from which others of the host can map the memory; -1: none */
  void (*release)(void *context); /* NULL: nothing to do */
  void *context;
} ens_bundle_part;

typedef struct ens_bundle {
  char *bytes;
  size_t size, capacity;
  size_t at;   /* what was taken so far */
  bool failed; /* without memory, or taken beyond the end: stays */
  ens_bundle_part *part;
  size_t nparts, part_capacity;
} ens_bundle;

void ens_bundle_free(ens_bundle *bundle);  /* the parts too */
void ens_bundle_clear(ens_bundle *bundle); /* of bytes; the memory stays for the next ones */

void ens_bundle_put(ens_bundle *bundle, const void *bytes, size_t size);
void ens_bundle_put_count(ens_bundle *bundle, uint64_t count);
void ens_bundle_put_double(ens_bundle *bundle, double number);
void ens_bundle_put_text(ens_bundle *bundle, const char *text); /* NULL stays NULL */
/* Answers the part's number; it is the bundle's from now on. */
size_t ens_bundle_put_part(ens_bundle *bundle, const ens_bundle_part *part);

/* In the order of putting. Behind the end: zeros, NULL, and `failed`. */
void ens_bundle_take(ens_bundle *bundle, void *bytes, size_t size);
const void *ens_bundle_take_bytes(ens_bundle *bundle, size_t size); /* valid as long as the bundle's bytes */
uint64_t ens_bundle_take_count(ens_bundle *bundle);
double ens_bundle_take_double(ens_bundle *bundle);
char *ens_bundle_take_text(ens_bundle *bundle); /* the caller frees it */

#endif
