/* Sums of one block relative to its first row, then the formula of Chan et al. joins them; the order of the rows is
 * fixed. */
#include "stats/moments.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct ens_moments {
  ens_visitor visitor;
  size_t nseries, step;
  double count;
  double *base, *offset;       /* [series] the first value; the mean of all rows minus it */
  double *squares;             /* [series] */
  double *shift, *sum, *sum_2; /* [series] a block's first row; sums over the block of x - shift and of its square */
};

ens_moments *ens_moments_create(size_t nseries, size_t step) {
  ens_moments *moments = calloc(1, sizeof *moments);
  if (!moments) return NULL;
  moments->nseries = nseries;
  moments->step = step;
  moments->base = nseries < SIZE_MAX / 64 ? calloc(6 * nseries + 1, sizeof(double)) : NULL;
  if (!moments->base) goto fail;
  moments->offset = moments->base + nseries;
  moments->squares = moments->offset + nseries;
  moments->shift = moments->squares + nseries;
  moments->sum = moments->shift + nseries;
  moments->sum_2 = moments->sum + nseries;
  return moments;
fail:
  ens_moments_destroy(moments);
  return NULL;
}

void ens_moments_destroy(ens_moments *moments) {
  if (!moments) return;
  free(moments->base);
  free(moments);
}

static void add_row(ens_moments *moments, const double *row) {
  for (size_t i = 0; i < moments->nseries; i++) {
    double d = row[i * moments->step] - moments->shift[i];
    moments->sum[i] += d;
    moments->sum_2[i] += d * d;
  }
}

static void start_block(ens_moments *moments, const double *row) {
  for (size_t i = 0; i < moments->nseries; i++) moments->shift[i] = row[i * moments->step];
  memset(moments->sum, 0, 2 * moments->nseries * sizeof(double));
}

static void join_block(ens_moments *moments, double count) {
  double total = moments->count + count;
  for (size_t i = 0; i < moments->nseries; i++) {
    double offset = moments->sum[i] / count;
    double squares = moments->sum_2[i] - moments->sum[i] * offset;
    double gap = (moments->shift[i] - moments->base[i]) + offset - moments->offset[i];
    moments->offset[i] += gap * (count / total);
    moments->squares[i] += (squares > 0 ? squares : 0) + gap * gap * (moments->count * (count / total));
  }
  moments->count = total;
}

void ens_moments_push(ens_moments *moments, const double *rows, size_t count, size_t stride) {
  if (count == 0) return;
  start_block(moments, rows);
  if (moments->count == 0)
    for (size_t i = 0; i < moments->nseries; i++) moments->base[i] = moments->shift[i];
  for (size_t t = 1; t < count; t++) add_row(moments, rows + t * stride);
  join_block(moments, (double)count);
}

double ens_moments_mean(const ens_moments *moments, size_t series) {
  return moments->base[series] + moments->offset[series];
}

double ens_moments_base(const ens_moments *moments, size_t series) {
  return moments->base[series];
}

double ens_moments_offset(const ens_moments *moments, size_t series) {
  return moments->offset[series];
}

double ens_moments_squares(const ens_moments *moments, size_t series) {
  return moments->squares[series];
}

static ens_status visit_begin(ens_visitor *self, ens_error *error) {
  (void)self;
  (void)error;
  return ENS_OK;
}

static void visit_draws(ens_visitor *self, const double *coords, size_t count) {
  ens_moments *moments = (ens_moments *)self;
  ens_moments_push(moments, coords, count, moments->nseries);
}

static void visit_end(ens_visitor *self) {
  self->done = true;
}

static const ens_visitor_ops moments_ops = {visit_begin, visit_draws, visit_end};

ens_visitor *ens_moments_visitor(ens_moments *moments) {
  moments->visitor = (ens_visitor){&moments_ops, false};
  return &moments->visitor;
}
