/* ens_decimal_write gives the same bytes as printf's %.17g. */
#include "base/decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "unit.h"

static bool is_same(double x) {
  char ours[ENS_DECIMAL_SIZE], theirs[64];
  size_t size = ens_decimal_write(x, ours);
  snprintf(theirs, sizeof theirs, "%.17g", x);
  if (strcmp(ours, theirs) == 0 && size == strlen(ours)) return true;
  printf("  %s, not %s\n", ours, theirs);
  return false;
}

TEST(edges) {
  static const double edges[] = {0,
                                 1,
                                 -1,
                                 0.1,
                                 10,
                                 100,
                                 1e16,
                                 1e17,
                                 1e-4,
                                 1e-5,
                                 0.5,
                                 2.5,
                                 123456.7,
                                 1e22,
                                 1e23,
                                 DBL_MAX,
                                 DBL_MIN,
                                 5e-324,
                                 1e-310,
                                 INFINITY,
                                 1.0 / 3,
                                 0.99999999,
                                 DBL_EPSILON,
                                 9007199254740993.0,
                                 99999999999999999.0,
                                 0.1 + 0.2,
                                 4503599627370496.5,
                                 1e15 + 0.5};
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
    CHECK(is_same(edges[i]));
    CHECK(is_same(-edges[i]));
  }
}

/* Random bits, so that every exponent occurs. */
TEST(any_bits) {
  uint64_t state = 42;
  int same = 0;
  for (int i = 0; i < 20000; i++) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    uint64_t bits = state ^ (state >> 29);
    double x;
    memcpy(&x, &bits, sizeof x);
    if (isnan(x) || is_same(x)) same++;
  }
  CHECK(same == 20000);
}

TEST(counts) {
  char text[ENS_DECIMAL_SIZE];
  CHECK(ens_decimal_write_count(0, text) == 1 && strcmp(text, "0") == 0);
  CHECK(ens_decimal_write_count(UINT64_MAX, text) == 20 && strcmp(text, "18446744073709551615") == 0);
}

int main(void) {
  RUN(edges);
  RUN(any_bits);
  RUN(counts);
  return unit_report();
}
