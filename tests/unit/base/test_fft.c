/* The transform against its definition, a sum in long double. */
#include <stdint.h>
#include <stdlib.h>

#include "base/fft.h"
#include "scarce.h"
#include "unit.h"

static double noise(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

static double *make_noise(size_t length, uint64_t seed) {
  double *z = malloc(2 * length * sizeof *z);
  for (size_t i = 0; i < 2 * length; i++) z[i] = noise(&seed);
  return z;
}

static void direct_sum(const double *z, size_t length, size_t k, double *re, double *im) {
  long double sum_re = 0, sum_im = 0, two_pi = 6.283185307179586476925286766559005768L;
  for (size_t t = 0; t < length; t++) {
    long double angle = -two_pi * (long double)(k * t % length) / (long double)length;
    sum_re += z[2 * t] * cosl(angle) - z[2 * t + 1] * sinl(angle);
    sum_im += z[2 * t] * sinl(angle) + z[2 * t + 1] * cosl(angle);
  }
  *re = (double)sum_re;
  *im = (double)sum_im;
}

static double worst_error(size_t length) {
  ens_fft *fft = ens_fft_create(length);
  double *z = make_noise(length, length), *before = make_noise(length, length), worst = 0;
  ens_fft_forward(fft, z);
  for (size_t k = 0; k < length; k++) {
    double re, im;
    direct_sum(before, length, k, &re, &im);
    const double *found = z + 2 * ens_fft_place(fft, k);
    worst = fmax(worst, hypot(found[0] - re, found[1] - im));
  }
  free(z);
  free(before);
  ens_fft_destroy(fft);
  return worst / sqrt((double)length);
}

TEST(forward_is_the_defining_sum) {
  for (size_t length = 1; length <= 1024; length *= 2) CHECK(worst_error(length) < 1e-15);
}

TEST(inverse_undoes_forward) {
  for (size_t length = 1; length <= 1 << 16; length *= 2) {
    ens_fft *fft = ens_fft_create(length);
    double *z = make_noise(length, 7), *before = make_noise(length, 7), worst = 0;
    ens_fft_forward(fft, z);
    ens_fft_inverse(fft, z);
    for (size_t i = 0; i < 2 * length; i++) worst = fmax(worst, fabs(z[i] / (double)length - before[i]));
    CHECK(worst < 2e-15);
    free(z);
    free(before);
    ens_fft_destroy(fft);
  }
}

TEST(every_frequency_has_its_own_place) {
  for (size_t length = 1; length <= 512; length *= 2) {
    ens_fft *fft = ens_fft_create(length);
    unsigned char *taken = calloc(length, 1);
    for (size_t k = 0; k < length; k++) {
      size_t place = ens_fft_place(fft, k);
      CHECK(place < length && !taken[place]);
      if (place < length) taken[place] = 1;
    }
    free(taken);
    ens_fft_destroy(fft);
  }
}

TEST(turns_are_exact_to_the_last_bit) {
  const long double two_pi = 6.283185307179586476925286766559005768L;
  for (size_t length = 1; length <= 4096; length *= 2)
    for (size_t index = 0; index < 2 * length; index++) {
      double cosine, sine;
      ens_fft_turn(index, length, &cosine, &sine);
      long double angle = two_pi * (long double)(index % length) / (long double)length;
      CHECK_NEAR(cosine, (double)cosl(angle), 1.2e-16);
      CHECK_NEAR(sine, (double)sinl(angle), 1.2e-16);
    }
  double cosine, sine;
  ens_fft_turn(3, 4, &cosine, &sine);
  CHECK(cosine == 0.0 && sine == -1.0);
}

TEST(other_lengths_are_refused) {
  size_t bad[] = {0, 3, 6, 1000, SIZE_MAX, (size_t)1 << 62};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(ens_fft_create(bad[i]) == NULL);
  ens_fft_destroy(NULL);
}

TEST(no_memory_is_null) {
#if SCARCE
  for (long left = 0; left < 2; left++) {
    scarce_left = left;
    ens_fft *fft = ens_fft_create(8);
    scarce_left = -1;
    CHECK(fft == NULL);
  }
#endif
}

int main(void) {
  RUN(forward_is_the_defining_sum);
  RUN(inverse_undoes_forward);
  RUN(every_frequency_has_its_own_place);
  RUN(turns_are_exact_to_the_last_bit);
  RUN(other_lengths_are_refused);
  RUN(no_memory_is_null);
  return unit_report();
}
