/* Philox against its authors' published known answers, and the stream layout that every stored chain depends on. */
#include "base/stream.h"

#include <stdlib.h>

#include "unit.h"

/* From the file kat_vectors of Random123, the authors' own library: philox4x64 10. */
TEST(philox_known_answers) {
  static const struct {
    ens_philox before;
    uint64_t after[4];
  } rows[] = {
      {{{0, 0, 0, 0}, {0, 0}}, {0x16554d9eca36314cu, 0xdb20fe9d672d0fdcu, 0xd7e772cee186176bu, 0x7e68b68aec7ba23bu}},
      {{{0x243f6a8885a308d3u, 0x13198a2e03707344u, 0xa4093822299f31d0u, 0x082efa98ec4e6c89u},
        {0x452821e638d01377u, 0xbe5466cf34e90c6cu}},
       {0xa528f45403e61d95u, 0x38c72dbd566e9788u, 0xa5a1610e72fd18b5u, 0x57bd43b5e52b7fe6u}},
      {{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}},
       {0x87b092c3013fe90bu, 0x438c3c67be8d0224u, 0x9cc7d7c69cd777b6u, 0xa09caebf594f0ba0u}},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ens_philox block = rows[i].before;
    ens_philox_encrypt(&block);
    for (int k = 0; k < 4; k++) CHECK(block.word[k] == rows[i].after[k]);
  }
}

/* A compiler without 128-bit integers multiplies by halves. */
TEST(products_by_halves_are_the_same) {
  static const uint64_t edges[] = {0, 1, UINT32_MAX, 1ull << 32, (1ull << 32) + 1, 1ull << 63, UINT64_MAX};
  enum { EDGES = sizeof edges / sizeof *edges };
  ens_stream s = ens_stream_at(5, 0, 0, ENS_RNG_UPDATE);
  for (size_t i = 0; i < 1000 + EDGES * EDGES; i++) {
    uint64_t a = i < EDGES * EDGES ? edges[i / EDGES] : ens_stream_word(&s), high, halves_high;
    uint64_t b = i < EDGES * EDGES ? edges[i % EDGES] : ens_stream_word(&s);
    uint64_t low = ens_philox_multiply(a, b, &high);
    CHECK(ens_philox_multiply_halves(a, b, &halves_high) == low && halves_high == high);
  }
}

TEST(stream_is_keyed_by_seed_step_walker_purpose) {
  ens_stream s = ens_stream_at(42, 7, 3, ENS_RNG_UPDATE);
  for (uint64_t block = 0; block < 3; block++) {
    ens_philox expected = {{block, 7, 3, ENS_RNG_UPDATE}, {42, 0}};
    ens_philox_encrypt(&expected);
    for (int i = 0; i < 4; i++) CHECK(ens_stream_word(&s) == expected.word[i]);
  }
}

/* The values of these names are part of every stored chain: a new value would change all chains. */
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
  RUN(products_by_halves_are_the_same);
  RUN(stream_is_keyed_by_seed_step_walker_purpose);
  RUN(purposes_are_frozen);
  RUN(uniform_is_open_and_uniform);
  RUN(below_is_unbiased_and_in_range);
  RUN(normal_moments);
  return unit_report();
}
