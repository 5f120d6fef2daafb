/* Two halves: put functions append bytes and remember the parts, take functions read them back and check every
 * length. A failure is noted in the bundle and makes the later calls do nothing. */
#include "base/bundle.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t no_text = UINT64_MAX;

void ens_bundle_free(ens_bundle *bundle) {
  for (size_t i = 0; i < bundle->nparts; i++)
    if (bundle->part[i].release) bundle->part[i].release(bundle->part[i].context);
  free(bundle->part);
  free(bundle->bytes);
  *bundle = (ens_bundle){0};
}

void ens_bundle_clear(ens_bundle *bundle) {
  bundle->size = bundle->at = 0;
  bundle->failed = false;
}

void ens_bundle_put(ens_bundle *bundle, const void *bytes, size_t size) {
  if (bundle->failed || size == 0) return;
  if (size > bundle->capacity - bundle->size) {
    size_t capacity = 2 * bundle->capacity + size + 256;
    char *grown = realloc(bundle->bytes, capacity);
    bundle->failed = !grown;
    if (!grown) return;
    bundle->bytes = grown;
    bundle->capacity = capacity;
  }
  memcpy(bundle->bytes + bundle->size, bytes, size);
  bundle->size += size;
}

void ens_bundle_put_count(ens_bundle *bundle, uint64_t count) {
  ens_bundle_put(bundle, &count, sizeof count);
}

void ens_bundle_put_double(ens_bundle *bundle, double number) {
  ens_bundle_put(bundle, &number, sizeof number);
}

void ens_bundle_put_text(ens_bundle *bundle, const char *text) {
  size_t size = text ? strlen(text) : 0;
  ens_bundle_put_count(bundle, text ? size : no_text);
  ens_bundle_put(bundle, text, size);
}

size_t ens_bundle_put_part(ens_bundle *bundle, const ens_bundle_part *part) {
  if (bundle->nparts == bundle->part_capacity) {
    size_t capacity = 2 * bundle->part_capacity + 4;
    ens_bundle_part *grown = realloc(bundle->part, capacity * sizeof *grown);
    if (!grown) {
      bundle->failed = true;
      if (part->release) part->release(part->context);
      return 0;
    }
    bundle->part = grown;
    bundle->part_capacity = capacity;
  }
  bundle->part[bundle->nparts] = *part;
  return bundle->nparts++;
}

const void *ens_bundle_take_bytes(ens_bundle *bundle, size_t size) {
  if (bundle->failed || size > bundle->size - bundle->at) {
    bundle->failed = true;
    return NULL;
  }
  const void *bytes = bundle->bytes + bundle->at;
  bundle->at += size;
  return bytes;
}

void ens_bundle_take(ens_bundle *bundle, void *bytes, size_t size) {
  const void *from = size ? ens_bundle_take_bytes(bundle, size) : NULL;
  if (from)
    memcpy(bytes, from, size);
  else if (size)
    memset(bytes, 0, size);
}

uint64_t ens_bundle_take_count(ens_bundle *bundle) {
  uint64_t count;
  ens_bundle_take(bundle, &count, sizeof count);
  return count;
}

double ens_bundle_take_double(ens_bundle *bundle) {
  double number;
  ens_bundle_take(bundle, &number, sizeof number);
  return number;
}

char *ens_bundle_take_text(ens_bundle *bundle) {
  uint64_t size = ens_bundle_take_count(bundle);
  if (bundle->failed || size == no_text) return NULL;
  const void *bytes = ens_bundle_take_bytes(bundle, (size_t)size);
  char *text = bytes || size == 0 ? malloc((size_t)size + 1) : NULL;
  if (!text) {
    bundle->failed = true;
    return NULL;
  }
  if (size) memcpy(text, bytes, (size_t)size);
  text[size] = '\0';
  return text;
}
