/* Philox against Random123's published known answers, and the stream layout that every stored chain depends on. */
#include "base/stream.h"

#include <Random123/philox.h>
#include <stdlib.h>

#include "unit.h"

/* From Random123's kat_vectors: philox4x64 10. */
TEST(philox_known_answers) {
  philox4x64_ctr_t zero = {{0, 0, 0, 0}};
  philox4x64_key_t zero_key = {{0, 0}};
  philox4x64_ctr_t r = philox4x64(zero, zero_key);
  CHECK(r.v[0] == 0x16554d9eca36314cULL && r.v[1] == 0xdb20fe9d672d0fdcULL);
  CHECK(r.v[2] == 0xd7e772cee186176bULL && r.v[3] == 0x7e68b68aec7ba23bULL);
  philox4x64_ctr_t pi = {{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL, 0xa4093822299f31d0ULL, 0x082efa98ec4e6c89ULL}};
  philox4x64_key_t pi_key = {{0x452821e638d01377ULL, 0xbe5466cf34e90c6cULL}};
  r = philox4x64(pi, pi_key);
  CHECK(r.v[0] == 0xa528f45403e61d95ULL && r.v[1] == 0x38c72dbd566e9788ULL);
  CHECK(r.v[2] == 0xa5a1610e72fd18b5ULL && r.v[3] == 0x57bd43b5e52b7fe6ULL);
}

TEST(stream_is_keyed_by_seed_step_walker_purpose) {
  ens_stream s = ens_stream_at(42, 7, 3, ENS_RNG_UPDATE);
  philox4x64_key_t key = {{42, 0}};
  for (uint64_t block = 0; block < 3; block++) {
    philox4x64_ctr_t counter = {{block, 7, 3, ENS_RNG_UPDATE}};
    philox4x64_ctr_t r = philox4x64(counter, key);
    for (int i = 0; i < 4; i++) CHECK(ens_stream_word(&s) == r.v[i]);
  }
}

/* The numbers behind the names are part of every stored chain: changing one changes all chains. */
TEST(purposes_are_frozen) {
  CHECK(ENS_RNG_SPLIT == 1 && ENS_RNG_MOVE == 2 && ENS_RNG_UPDATE == 3);
  CHECK(ENS_RNG_START == 4 && ENS_RNG_MODEL == 5 && ENS_RNG_SETUP == 6);
}

TEST(uniform_is_open_and_uniform) {
  ens_stream s = ens_stream_at(1, 0, 0, ENS_RNG_UPDATE);
  enum { N = 200000 };
  double sum = 0, square = 0;
  for (int i = 0; i < N; i++) {
    double u = ens_stream_uniform(&s);
    CHECK(u > 0 && u < 1);
    sum += u;
    square += u * u;
  }
  CHECK_NEAR(sum / N, 0.5, 4 * sqrt(1.0 / 12 / N));
  CHECK_NEAR(square / N, 1.0 / 3, 4 * sqrt(4.0 / 45 / N));
}

TEST(below_is_unbiased_and_in_range) {
  ens_stream s = ens_stream_at(2, 0, 0, ENS_RNG_UPDATE);
  enum { N = 210000, K = 7 };
  int count[K] = {0};
  for (int i = 0; i < N; i++) {
    uint64_t k = ens_stream_below(&s, K);
    CHECK(k < K);
    if (k < K) count[k]++;
  }
  double chi2 = 0, expected = (double)N / K;
  for (int k = 0; k < K; k++) chi2 += (count[k] - expected) * (count[k] - expected) / expected;
  CHECK(chi2 < 22.5); /* 99.9 % of chi2 with 6 degrees of freedom */
  for (int i = 0; i < 100; i++) CHECK(ens_stream_below(&s, 1) == 0);
  /* A bound just above 2^63 rejects nearly half of the words. */
  for (int i = 0; i < 100; i++) CHECK(ens_stream_below(&s, (1ULL << 63) + 1) <= (1ULL << 63));
}

TEST(normal_moments) {
  ens_stream s = ens_stream_at(3, 0, 0, ENS_RNG_START);
  enum { N = 200000 };
  double m[5] = {0};
  for (int i = 0; i < N; i++) {
    double x = ens_stream_normal(&s), p = 1;
    for (int k = 0; k < 5; k++, p *= x) m[k] += p / N;
  }
  CHECK_NEAR(m[1], 0, 4 * sqrt(1.0 / N));
  CHECK_NEAR(m[2], 1, 4 * sqrt(2.0 / N));
  CHECK_NEAR(m[3], 0, 4 * sqrt(15.0 / N));
  CHECK_NEAR(m[4], 3, 4 * sqrt(96.0 / N));
}

int main(void) {
  RUN(philox_known_answers);
  RUN(stream_is_keyed_by_seed_step_walker_purpose);
  RUN(purposes_are_frozen);
  RUN(uniform_is_open_and_uniform);
  RUN(below_is_unbiased_and_in_range);
  RUN(normal_moments);
  return unit_report();
}
