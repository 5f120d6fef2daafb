/* Dot products of four sums, in the order of the index; products and triangular solutions are made of them. */
#include "base/dense.h"

#include <string.h>

void ens_dense_dot4(const double *row, const double *rows, size_t width, size_t n, double out[4]) {
  const double *r0 = rows, *r1 = r0 + width, *r2 = r1 + width, *r3 = r2 + width;
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (size_t k = 0; k < n; k++) {
    double x = row[k];
    s0 += x * r0[k];
    s1 += x * r1[k];
    s2 += x * r2[k];
    s3 += x * r3[k];
  }
  out[0] = s0, out[1] = s1, out[2] = s2, out[3] = s3;
}

/* to += factor * from */
static void add_line(double *to, double factor, const double *from, size_t n) {
  for (size_t j = 0; j < n; j++) to[j] += factor * from[j];
}

static void multiply_vector(size_t m, size_t k, const double *a, const double *b, double *c) {
  size_t i = 0;
  for (; i + 4 <= m; i += 4) ens_dense_dot4(b, a + i * k, k, k, c + i);
  for (; i < m; i++) c[i] = ens_dense_dot(a + i * k, b, k);
}

void ens_dense_multiply(size_t m, size_t k, size_t n, const double *a, const double *b, double *c) {
  if (n == 1) {
    multiply_vector(m, k, a, b, c);
    return;
  }
  memset(c, 0, m * n * sizeof *c);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < k; j++) add_line(c + i * n, a[i * k + j], b + j * n, n);
}

/* The last part of solving for row i of B: the division by the diagonal element. */
static void finish_row(const double *l, size_t n, double *b, size_t k, size_t i) {
  for (size_t j = 0; j < k; j++) b[i * k + j] /= l[i * n + i];
}

void ens_dense_solve(const double *l, size_t n, double *b, size_t k, bool transposed) {
  for (size_t i = 0; !transposed && i < n; i++) {
    if (k == 1) b[i] -= ens_dense_dot(l + i * n, b, i);
    for (size_t j = 0; k > 1 && j < i; j++) add_line(b + i * k, -l[i * n + j], b + j * k, k);
    finish_row(l, n, b, k, i);
  }
  for (size_t i = n; transposed && i-- > 0;) {
    finish_row(l, n, b, k, i);
    if (k == 1) add_line(b, -b[i], l + i * n, i);
    for (size_t j = 0; k > 1 && j < i; j++) add_line(b + j * k, -l[i * n + j], b + i * k, k);
  }
}
