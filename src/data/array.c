/* Any number of handles and views share one owner. The owner holds the elements, or borrows memory that it releases at
 * the end. Knows nothing of files, Lua or threads, and writes no element after creation. */
#include "data/array.h"

#include <assert.h>
#include <math.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct ens_array_owner {
  atomic_size_t handles;
  void (*release)(void *context); /* NULL: nothing to release */
  void *context;
  ens_shared shared; /* memory NULL: the elements are not in shared memory */
  alignas(16) double element[];
};

/* Row-major strides. An extent of 0 counts as 1, which keeps all products bounded. False: too large to address. */
static bool strides_of(size_t rank, const size_t *shape, ptrdiff_t *stride) {
  size_t limit = ((size_t)PTRDIFF_MAX - sizeof(struct ens_array_owner)) / sizeof(double), product = 1;
  for (size_t axis = rank; axis-- > 0;) {
    size_t extent = shape[axis] ? shape[axis] : 1;
    stride[axis] = (ptrdiff_t)product;
    if (extent > limit / product) return false;
    product *= extent;
  }
  return true;
}

/* Copying is faster than mapping for smaller arrays. */
static const size_t large_bytes = (size_t)1 << 20;
static bool share_large;

void ens_array_share_large(void) {
  share_large = true;
}

bool ens_array_shared(const ens_array *array, ens_shared *out) {
  *out = array->owner->shared;
  return out->memory != NULL;
}

static void release_shared(void *context) {
  ens_shared_close(context);
}

/* An owner with so many bytes of zeros; NULL: no memory. */
static struct ens_array_owner *make_owner(size_t bytes) {
  struct ens_array_owner *owner = NULL;
  ens_shared shared = {.file = -1};
  bool is_shared = share_large && bytes >= large_bytes && ens_shared_create(bytes, &shared);
  owner = calloc(1, sizeof *owner + (is_shared ? 0 : bytes));
  if (!owner) {
    ens_shared_close(&shared);
    return NULL;
  }
  atomic_init(&owner->handles, 1);
  owner->shared = shared;
  if (is_shared) {
    owner->release = release_shared;
    owner->context = &owner->shared;
  }
  return owner;
}

ens_array *ens_array_create(size_t rank, const size_t *shape) {
  assert(rank >= 1 && rank <= ENS_ARRAY_MAX_RANK);
  ens_array *array = calloc(1, sizeof *array);
  if (!array) return NULL;
  array->rank = rank;
  memcpy(array->shape, shape, rank * sizeof *shape);
  if (!strides_of(rank, shape, array->stride)) goto fail;
  array->owner = make_owner(ens_array_size(array) * sizeof(double));
  if (!array->owner) goto fail;
  array->data = array->owner->shared.memory ? array->owner->shared.memory : array->owner->element;
  return array;
fail:
  free(array);
  return NULL;
}

ens_array *ens_array_adopt(const double *data, size_t rank, const size_t *shape, const ptrdiff_t *stride,
                           void (*release)(void *context), void *context) {
  assert(rank >= 1 && rank <= ENS_ARRAY_MAX_RANK);
  ens_array *array = calloc(1, sizeof *array);
  struct ens_array_owner *owner = calloc(1, sizeof *owner);
  if (!array || !owner) {
    free(array);
    free(owner);
    return NULL;
  }
  atomic_init(&owner->handles, 1);
  owner->shared.file = -1;
  owner->release = release;
  owner->context = context;
  *array = (ens_array){.data = (double *)data, .rank = rank, .owner = owner};
  memcpy(array->shape, shape, rank * sizeof *shape);
  memcpy(array->stride, stride, rank * sizeof *stride);
  return array;
}

ens_array *ens_array_retain(const ens_array *array) {
  ens_array *handle = malloc(sizeof *handle);
  if (!handle) return NULL;
  *handle = *array;
  atomic_fetch_add_explicit(&handle->owner->handles, 1, memory_order_relaxed);
  return handle;
}

void ens_array_release(ens_array *array) {
  if (!array) return;
  struct ens_array_owner *owner = array->owner;
  free(array);
  /* acq_rel: the thread that frees must see that the other threads have finished their reads. */
  if (atomic_fetch_sub_explicit(&owner->handles, 1, memory_order_acq_rel) != 1) return;
  if (owner->release) owner->release(owner->context);
  free(owner);
}

bool ens_array_is_sole(const ens_array *array) {
  return atomic_load_explicit(&array->owner->handles, memory_order_relaxed) == 1;
}

size_t ens_array_size(const ens_array *array) {
  size_t size = 1;
  for (size_t axis = 0; axis < array->rank; axis++) size *= array->shape[axis];
  return size;
}

ens_array *ens_array_pick(const ens_array *array, size_t axis, size_t index) {
  assert(array->rank >= 2 && axis < array->rank && index < array->shape[axis]);
  ens_array *view = ens_array_retain(array);
  if (!view) return NULL;
  /* An empty array has no such element, and its memory may end before that place. */
  if (ens_array_size(array) > 0) view->data += (ptrdiff_t)index * array->stride[axis];
  view->rank--;
  for (size_t i = axis; i < view->rank; i++) {
    view->shape[i] = array->shape[i + 1];
    view->stride[i] = array->stride[i + 1];
  }
  return view;
}

ens_array *ens_array_slice(const ens_array *array, size_t first, size_t count) {
  assert(first <= array->shape[0] && count <= array->shape[0] - first);
  ens_array *view = ens_array_retain(array);
  if (!view) return NULL;
  view->shape[0] = count;
  if (ens_array_size(view) > 0) view->data += (ptrdiff_t)first * array->stride[0];
  return view;
}

ens_array *ens_array_diagonal(const ens_array *array) {
  assert(array->rank == 2);
  ens_array *view = ens_array_retain(array);
  if (!view) return NULL;
  view->rank = 1;
  view->shape[0] = array->shape[0] < array->shape[1] ? array->shape[0] : array->shape[1];
  view->stride[0] = array->stride[0] + array->stride[1];
  return view;
}

bool ens_array_is_dense(const ens_array *array) {
  ptrdiff_t gapless = 1;
  for (size_t axis = array->rank; axis-- > 0; gapless *= (ptrdiff_t)array->shape[axis])
    if (array->stride[axis] != gapless) return false;
  return true;
}

/* ---- row-major order, for any strides ---- */

typedef struct cursor {
  const ens_array *array;
  size_t index[ENS_ARRAY_MAX_RANK];
  ptrdiff_t offset;
} cursor;

/* Moves `run` elements along the last axis, and on to the next line at its end. */
static void cursor_advance(cursor *at, size_t run) {
  const ens_array *array = at->array;
  size_t axis = array->rank - 1;
  at->index[axis] += run;
  at->offset += (ptrdiff_t)run * array->stride[axis];
  while (axis > 0 && at->index[axis] == array->shape[axis]) {
    at->offset += array->stride[axis - 1] - (ptrdiff_t)array->shape[axis] * array->stride[axis];
    at->index[axis] = 0;
    at->index[--axis]++;
  }
}

/* Copies the next `count` elements, which must exist. */
static void cursor_read(cursor *at, size_t count, double *out) {
  size_t last = at->array->rank - 1;
  ptrdiff_t stride = at->array->stride[last];
  while (count > 0) {
    size_t run = at->array->shape[last] - at->index[last];
    if (run > count) run = count;
    const double *from = at->array->data + at->offset;
    for (size_t i = 0; i < run; i++) out[i] = from[(ptrdiff_t)i * stride];
    cursor_advance(at, run);
    out += run;
    count -= run;
  }
}

void ens_array_gather(const ens_array *array, double *out) {
  cursor at = {.array = array};
  cursor_read(&at, ens_array_size(array), out);
}

ens_array *ens_array_copy(const ens_array *array) {
  ens_array *copy = ens_array_create(array->rank, array->shape);
  if (copy) ens_array_gather(array, copy->data);
  return copy;
}

unsigned long ens_array_crc32(const ens_array *array, unsigned long crc) {
  cursor at = {.array = array};
  double block[512];
  for (size_t left = ens_array_size(array), count; left > 0; left -= count) {
    count = left < 512 ? left : 512;
    cursor_read(&at, count, block);
    crc = crc32_z(crc, (const Bytef *)block, count * sizeof *block);
  }
  return crc;
}

/* ---- pairwise sums ---- */

/* partial[k] is a sum of 2^k blocks, like a digit of a binary counter: adding a block carries as adding one does. The
 * rounding depends only on the number of elements, so that a view and its copy have the same sum. */
typedef struct pairwise {
  double partial[64];
  size_t nblocks;
} pairwise;

static void pairwise_add(pairwise *sum, double block) {
  size_t level = 0;
  for (size_t n = sum->nblocks++; n & 1; n >>= 1) block = sum->partial[level++] + block;
  sum->partial[level] = block;
}

static double pairwise_total(const pairwise *sum) {
  double total = 0;
  for (size_t level = 0, n = sum->nblocks; n; level++, n >>= 1) {
    if (n & 1) total = sum->partial[level] + total;
  }
  return total;
}

enum { BLOCK = 64 };

/* The sum of a's elements, or of their products with b's if b is not NULL. */
static double reduce(const ens_array *a, const ens_array *b) {
  cursor at_a = {.array = a}, at_b = {.array = b};
  pairwise sum = {.nblocks = 0};
  double x[BLOCK], y[BLOCK];
  for (size_t left = ens_array_size(a), count; left > 0; left -= count) {
    count = left < BLOCK ? left : BLOCK;
    cursor_read(&at_a, count, x);
    if (b) cursor_read(&at_b, count, y);
    double block = 0;
    for (size_t i = 0; i < count; i++) block += b ? x[i] * y[i] : x[i];
    pairwise_add(&sum, block);
  }
  return pairwise_total(&sum);
}

double ens_array_sum(const ens_array *array) {
  return reduce(array, NULL);
}

double ens_array_mean(const ens_array *array) {
  size_t size = ens_array_size(array);
  return size ? ens_array_sum(array) / (double)size : NAN;
}

double ens_array_dot(const ens_array *a, const ens_array *b) {
  assert(ens_array_size(a) == ens_array_size(b));
  return reduce(a, b);
}
