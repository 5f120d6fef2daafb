/* Radix-4 decimation in frequency forward and in time backward (Cooley and Tukey 1965, Math. Comp. 19, 297; Gentleman
 * and Sande 1966, AFIPS 29, 563). Recursion keeps a sub-transform that fits into a cache in that cache. */
#include "base/fft.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { MAX_LEVELS = 32 };

struct ens_fft {
  size_t length;
  const double *twiddle[MAX_LEVELS]; /* [level]: for each j < n/4 the pairs w^j, w^2j, w^3j, w = exp(-2 pi i / n) */
  double *table;
};

/* cos and sin of 2 pi index / length for index <= length / 8. */
static void octant_turn(size_t index, size_t length, double *cosine, double *sine) {
  const double two_pi = 6.283185307179586476925;
  double angle = two_pi * ((double)index / (double)length);
  *cosine = cos(angle);
  *sine = sin(angle);
}

void ens_fft_turn(size_t index, size_t length, double *cosine, double *sine) {
  index %= length;
  if (8 * index <= length) {
    octant_turn(index, length, cosine, sine);
  } else if (4 * index <= length) { /* a quarter minus a small angle */
    octant_turn(length - 4 * index, 4 * length, sine, cosine);
  } else if (2 * index <= length) { /* a quarter further */
    ens_fft_turn(4 * index - length, 4 * length, sine, cosine);
    *cosine = -*cosine;
  } else {
    ens_fft_turn(2 * index - length, 2 * length, cosine, sine);
    *cosine = -*cosine;
    *sine = -*sine;
  }
}

static double *fill_level(double *table, size_t n) {
  for (size_t j = 0; j < n / 4; j++) {
    for (size_t power = 1; power <= 3; power++) {
      ens_fft_turn(power * j, n, &table[0], &table[1]);
      table[1] = -table[1];
      table += 2;
    }
  }
  return table;
}

static void fill_tables(ens_fft *fft) {
  double *table = fft->table;
  size_t level = 0;
  for (size_t n = fft->length; n >= 4; n /= 4) {
    fft->twiddle[level++] = table;
    table = fill_level(table, n);
  }
}

ens_fft *ens_fft_create(size_t length) {
  if (length == 0 || (length & (length - 1)) != 0 || length > SIZE_MAX / 64) return NULL;
  ens_fft *fft = calloc(1, sizeof *fft);
  if (!fft) return NULL;
  fft->length = length;
  fft->table = malloc((2 * length + 2) * sizeof *fft->table); /* levels: 3/2 n (1 + 1/4 + ...) < 2 n */
  if (!fft->table) goto fail;
  fill_tables(fft);
  return fft;
fail:
  ens_fft_destroy(fft);
  return NULL;
}

void ens_fft_destroy(ens_fft *fft) {
  if (!fft) return;
  free(fft->table);
  free(fft);
}

static inline void store_product(double *z, double re, double im, const double *w) {
  z[0] = re * w[0] - im * w[1];
  z[1] = re * w[1] + im * w[0];
}

static inline void load_conjugate_product(const double *z, const double *w, double *re, double *im) {
  *re = z[0] * w[0] + z[1] * w[1];
  *im = z[1] * w[0] - z[0] * w[1];
}

static void pair(double *z) {
  double re = z[2], im = z[3];
  z[2] = z[0] - re;
  z[3] = z[1] - im;
  z[0] += re;
  z[1] += im;
}

/* One stage: quarters of z (n/4 pairs each) become the frequencies 0, 1, 2, 3 modulo 4. */
static void split_quarters(double *z, size_t n, const double *w) {
  double *z0 = z, *z1 = z + n / 2, *z2 = z + n, *z3 = z + n + n / 2;
  for (size_t j = 0; j < n / 2; j += 2, w += 6) {
    double sum_re = z0[j] + z2[j], sum_im = z0[j + 1] + z2[j + 1];
    double gap_re = z0[j] - z2[j], gap_im = z0[j + 1] - z2[j + 1];
    double odd_re = z1[j] + z3[j], odd_im = z1[j + 1] + z3[j + 1];
    double turn_re = z1[j + 1] - z3[j + 1], turn_im = z3[j] - z1[j]; /* -i (z1 - z3) */
    z0[j] = sum_re + odd_re;
    z0[j + 1] = sum_im + odd_im;
    store_product(z1 + j, gap_re + turn_re, gap_im + turn_im, w);
    store_product(z2 + j, sum_re - odd_re, sum_im - odd_im, w + 2);
    store_product(z3 + j, gap_re - turn_re, gap_im - turn_im, w + 4);
  }
}

/* The stage undone, up to a factor of 4. */
static void join_quarters(double *z, size_t n, const double *w) {
  double *z0 = z, *z1 = z + n / 2, *z2 = z + n, *z3 = z + n + n / 2;
  for (size_t j = 0; j < n / 2; j += 2, w += 6) {
    double re1, im1, re2, im2, re3, im3;
    load_conjugate_product(z1 + j, w, &re1, &im1);
    load_conjugate_product(z2 + j, w + 2, &re2, &im2);
    load_conjugate_product(z3 + j, w + 4, &re3, &im3);
    double even_re = z0[j] + re2, even_im = z0[j + 1] + im2, gap_re = z0[j] - re2, gap_im = z0[j + 1] - im2;
    double odd_re = re1 + re3, odd_im = im1 + im3, turn_re = im3 - im1, turn_im = re1 - re3; /* i (z1 - z3) */
    z0[j] = even_re + odd_re;
    z0[j + 1] = even_im + odd_im;
    z1[j] = gap_re + turn_re;
    z1[j + 1] = gap_im + turn_im;
    z2[j] = even_re - odd_re;
    z2[j + 1] = even_im - odd_im;
    z3[j] = gap_re - turn_re;
    z3[j + 1] = gap_im - turn_im;
  }
}

static void forward(const ens_fft *fft, double *z, size_t n, size_t level) {
  if (n == 2) pair(z);
  if (n < 4) return;
  split_quarters(z, n, fft->twiddle[level]);
  if (n == 4) return;
  for (size_t quarter = 0; quarter < 4; quarter++) forward(fft, z + quarter * (n / 2), n / 4, level + 1);
}

static void inverse(const ens_fft *fft, double *z, size_t n, size_t level) {
  if (n == 2) pair(z);
  if (n < 4) return;
  for (size_t quarter = 0; n > 4 && quarter < 4; quarter++) inverse(fft, z + quarter * (n / 2), n / 4, level + 1);
  join_quarters(z, n, fft->twiddle[level]);
}

void ens_fft_forward(const ens_fft *fft, double *z) {
  forward(fft, z, fft->length, 0);
}

void ens_fft_inverse(const ens_fft *fft, double *z) {
  inverse(fft, z, fft->length, 0);
}

size_t ens_fft_place(const ens_fft *fft, size_t frequency) {
  size_t place = 0, n = fft->length;
  for (; n >= 4; n /= 4, frequency /= 4) place += (frequency % 4) * (n / 4);
  return place + frequency;
}
