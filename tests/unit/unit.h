/* The smallest test harness that names what failed. A test program is one test_<noun>.c with `int main`:
 *   TEST(name) { ... CHECK(...); ... }
 *   int main(void) { RUN(name); ...; return unit_report(); }
 * A failed CHECK prints its place and goes on. unit_report prints "N passed, M failed" (tests, not checks). */
#ifndef ENS_TEST_UNIT_H
#define ENS_TEST_UNIT_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int unit_passed, unit_failed, unit_bad;

#define TEST(name) static void test_##name(void)
#define RUN(name)                                          \
  do {                                                     \
    unit_bad = 0;                                          \
    test_##name();                                         \
    if (unit_bad) {                                        \
      unit_failed++;                                       \
      fprintf(stderr, "%s: FAILED %s\n", __FILE__, #name); \
    } else {                                               \
      unit_passed++;                                       \
    }                                                      \
  } while (0)

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      unit_bad = 1;                                                             \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
    }                                                                           \
  } while (0)

/* |a - b| <= tolerance; NaN is near NaN */
#define CHECK_NEAR(a, b, tolerance)                                                                                 \
  do {                                                                                                              \
    double unit_a = (a), unit_b = (b), unit_t = (tolerance);                                                        \
    if (!(fabs(unit_a - unit_b) <= unit_t || unit_a == unit_b || (isnan(unit_a) && isnan(unit_b)))) {               \
      unit_bad = 1;                                                                                                 \
      fprintf(stderr, "%s:%d: %s is %.17g, not %s = %.17g within %g\n", __FILE__, __LINE__, #a, unit_a, #b, unit_b, \
              unit_t);                                                                                              \
    }                                                                                                               \
  } while (0)

#define CHECK_STRING(a, b)                                                                                \
  do {                                                                                                    \
    const char *unit_a = (a), *unit_b = (b);                                                              \
    if (strcmp(unit_a, unit_b) != 0) {                                                                    \
      unit_bad = 1;                                                                                       \
      fprintf(stderr, "%s:%d: %s is\n  \"%s\"\nnot\n  \"%s\"\n", __FILE__, __LINE__, #a, unit_a, unit_b); \
    }                                                                                                     \
  } while (0)

static inline int unit_report(void) {
  printf("%d passed, %d failed\n", unit_passed, unit_failed);
  return unit_failed != 0;
}

#endif
