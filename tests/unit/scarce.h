/* Memory under a test's control: the n-th allocation from now on fails, or a large one, and the most that was held at a
 * time is known.
 * Replaces the C library's functions for the whole program (glibc; include it in one file). Under a sanitizer, which
 * has its own, SCARCE is 0 and nothing is replaced. */
#ifndef ENS_TEST_SCARCE_H
#define ENS_TEST_SCARCE_H

#include <malloc.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SCARCE 0
#endif
#endif
#if !defined(SCARCE) && (defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__))
#define SCARCE 0
#endif
#ifndef SCARCE
#define SCARCE 1
#endif

#if SCARCE
static long scarce_left = -1;           /* allocations that still succeed; negative: all do */
static size_t scarce_most = (size_t)-1; /* bytes: a larger allocation fails */
static size_t scarce_held, scarce_peak;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *old);

static int scarce_refuses(size_t size) {
  if (size > scarce_most) return 1;
  if (scarce_left < 0) return 0;
  if (scarce_left == 0) return 1;
  scarce_left--;
  return 0;
}

static void *scarce_count(void *fresh) {
  if (fresh) scarce_held += malloc_usable_size(fresh);
  if (scarce_held > scarce_peak) scarce_peak = scarce_held;
  return fresh;
}

void *malloc(size_t size) {
  return scarce_refuses(size) ? NULL : scarce_count(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  return scarce_refuses(count * size) ? NULL : scarce_count(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size) {
  if (scarce_refuses(size)) return NULL;
  size_t before = old ? malloc_usable_size(old) : 0;
  void *fresh = __libc_realloc(old, size);
  if (fresh || size == 0) scarce_held -= before;
  return scarce_count(fresh);
}

void free(void *old) {
  if (old) scarce_held -= malloc_usable_size(old);
  __libc_free(old);
}
#endif

#endif
