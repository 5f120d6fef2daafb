/* The rows of means, their lagged products, and the estimates from them. */
#include "stats/monitor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/angles.h"

enum {
  ROWS = 256,        /* at most; at least half as many after the first joining */
  LAGS = 64,         /* in rows: they include a window of 5 tau if the chain is longer than 20 tau */
  FIRST_STRIDE = 4,  /* steps per row at the start */
  FIRST_CHECK = 32,  /* rows at the first check; also the number of checks between two doublings */
  MOST_WALKERS = 64, /* with rows; more walkers would add little to the estimate of tau */
  FEW_WALKERS = 8
};

/* Bytes for rows. FEW_WALKERS may take more. */
#define MEMORY ((size_t)32 << 20)

static const double window = 5;  /* Sokal's c, as emcee's */
static const double burn_in = 5; /* in units of tau, left out at the start */

/* Sums over the rows from `first` on. Column rwalkers of a row, after the walkers, is the mean of all walkers. */
typedef struct sums {
  size_t first, nrows;
  double *total;   /* [dim][walker] */
  double *product; /* [LAGS + 1][dim] of the walkers, added up */
  double *mean;    /* [LAGS + 1][dim] of the mean of all walkers */
} sums;

/* The row that is not full yet. Its log_prob range is in the monitor's arrays already. */
typedef struct partial_row {
  uint64_t filled;    /* steps so far */
  double *base;       /* [rwalkers][ndim] its first step */
  double *sum, *sum2; /* [rwalkers][ndim] of x - base, and of its square */
  double *all;        /* [ndim] sums over all walkers */
} partial_row;

/* Results per parameter of the chain, of which a periodic one has one each, and a step with angles as cosine and sine.
 */
typedef struct per_parameter {
  double *tau, *ess, *change; /* [nparameters] */
  double *step;               /* [nwalkers][ndim] */
} per_parameter;

struct ens_monitor {
  size_t nwalkers, ndim;    /* ndim counts cosine and sine of a periodic parameter */
  size_t nparameters;       /* coordinates of the chain itself */
  const ens_domain *domain; /* borrowed; NULL: no parameter is periodic */
  size_t rwalkers, rwidth;  /* walkers with rows; doubles per row, with the mean of all walkers */
  uint64_t nsteps, stride;
  size_t nrows;
  double *row;    /* [ROWS][dim][rwalkers + 1] less the origin near their mean, so that products keep their digits */
  double *origin; /* [dim][rwalkers + 1] */
  double
      *within; /* [ROWS][dim] sums over the walkers of squares of a row's steps about the walker's mean in that row */
  double *lowest; /* [ROWS] range of the finite log_prob in a row, also in the next one */
  double *highest;
  partial_row next;
  uint64_t *moved; /* [nwalkers] the last step with an accepted proposal */
  sums sums;
  size_t next_anchor; /* number of rows at the next choice of the steps to leave out */
  ens_findings findings;
  double *tau, *ess; /* [ndim] */
  per_parameter out;
  double *memory;
};

/* ---- making ---- */

static size_t choose_walkers(size_t nwalkers, size_t ndim) {
  size_t fit = MEMORY / (ROWS * sizeof(double)) / (ndim ? ndim : 1);
  size_t most = fit < FEW_WALKERS ? FEW_WALKERS : fit < MOST_WALKERS ? fit : MOST_WALKERS;
  return nwalkers < most ? nwalkers : most;
}

/* Divides the memory; if it is NULL, only counts it. Returns the number of doubles. */
static size_t lay_out(ens_monitor *m) {
  size_t width = m->rwidth, plain = m->rwalkers * m->ndim, at = 0;
  const struct {
    double **part;
    size_t count;
  } parts[] = {{&m->row, ROWS * width},
               {&m->within, ROWS * m->ndim},
               {&m->lowest, ROWS},
               {&m->highest, ROWS},
               {&m->next.base, plain},
               {&m->next.sum, plain},
               {&m->next.sum2, plain},
               {&m->next.all, m->ndim},
               {&m->origin, width},
               {&m->sums.total, width},
               {&m->sums.product, (LAGS + 1) * m->ndim},
               {&m->sums.mean, (LAGS + 1) * m->ndim},
               {&m->tau, m->ndim},
               {&m->ess, m->ndim},
               {&m->out.tau, m->nparameters},
               {&m->out.ess, m->nparameters},
               {&m->out.change, m->nparameters},
               {&m->out.step, m->domain ? m->nwalkers * m->ndim : 0}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (m->memory) *parts[i].part = m->memory + at;
    at += parts[i].count;
  }
  return at;
}

ens_monitor *ens_monitor_create(size_t nwalkers, size_t ndim, const ens_domain *domain) {
  ens_monitor *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  m->domain = domain && domain->any_periodic ? domain : NULL;
  m->nwalkers = nwalkers;
  m->nparameters = ndim;
  m->ndim = ens_angles_width(m->domain, ndim);
  m->rwalkers = choose_walkers(nwalkers, m->ndim);
  m->rwidth = (m->rwalkers + 1) * m->ndim;
  m->memory = calloc(lay_out(m) + 1, sizeof *m->memory);
  m->moved = calloc(nwalkers + 1, sizeof *m->moved);
  if (!m->memory || !m->moved) {
    ens_monitor_destroy(m);
    return NULL;
  }
  lay_out(m);
  ens_monitor_reset(m);
  return m;
}

void ens_monitor_destroy(ens_monitor *monitor) {
  if (!monitor) return;
  free(monitor->memory);
  free(monitor->moved);
  free(monitor);
}

void ens_monitor_reset(ens_monitor *m) {
  memset(m->moved, 0, m->nwalkers * sizeof *m->moved);
  m->nsteps = m->next.filled = 0;
  m->stride = FIRST_STRIDE;
  m->nrows = 0;
  memset(m->origin, 0, m->rwidth * sizeof *m->origin);
  m->sums.first = m->sums.nrows = 0;
  m->next_anchor = FIRST_CHECK;
  m->findings = (ens_findings){
      .ndim = m->nparameters, .tau = m->out.tau, .ess = m->out.ess, .change = m->out.change, .stuck = SIZE_MAX};
  for (size_t d = 0; d < m->nparameters; d++) m->out.tau[d] = m->out.ess[d] = m->out.change[d] = NAN;
}

static double *row_of(const ens_monitor *m, size_t r, size_t d) {
  return m->row + r * m->rwidth + d * (m->rwalkers + 1);
}

static double *origin_of(const ens_monitor *m, size_t d) {
  return m->origin + d * (m->rwalkers + 1);
}

/* ---- the next row ---- */

/* Takes the first step as the origin, which may be far nearer to the mean than 0. */
static void set_origin(ens_monitor *m, const double *coords) {
  for (size_t d = 0; d < m->ndim; d++) {
    double *origin = origin_of(m, d);
    for (size_t w = 0; w < m->rwalkers; w++) origin[w] = coords[w * m->nwalkers / m->rwalkers * m->ndim + d];
    origin[m->rwalkers] = origin[0];
  }
}

static void begin_row(ens_monitor *m, const double *coords) {
  m->lowest[m->nrows] = INFINITY;
  m->highest[m->nrows] = -INFINITY;
  size_t width = m->rwalkers * m->ndim;
  for (size_t i = 0; i < m->rwalkers; i++)
    memcpy(m->next.base + i * m->ndim, coords + i * m->nwalkers / m->rwalkers * m->ndim, m->ndim * sizeof *coords);
  memset(m->next.sum, 0, width * sizeof *m->next.sum);
  memset(m->next.sum2, 0, width * sizeof *m->next.sum2);
  memset(m->next.all, 0, m->ndim * sizeof *m->next.all);
}

static void add_values(const double *x, const double *base, size_t n, double *sum, double *sum2) {
  for (size_t i = 0; i < n; i++) {
    double y = x[i] - base[i];
    sum[i] += y;
    sum2[i] += y * y;
  }
}

static void add_log_prob(ens_monitor *m, const double *log_prob) {
  double lowest = m->lowest[m->nrows], highest = m->highest[m->nrows];
  for (size_t w = 0; w < m->nwalkers; w++) {
    if (log_prob[w] < lowest && log_prob[w] > -INFINITY) lowest = log_prob[w];
    if (log_prob[w] > highest) highest = log_prob[w];
  }
  m->lowest[m->nrows] = lowest;
  m->highest[m->nrows] = highest;
}

static void add_step(ens_monitor *m, const double *coords) {
  size_t ndim = m->ndim;
  if (m->rwalkers == m->nwalkers)
    add_values(coords, m->next.base, m->rwalkers * ndim, m->next.sum, m->next.sum2);
  else
    for (size_t i = 0; i < m->rwalkers; i++)
      add_values(coords + i * m->nwalkers / m->rwalkers * ndim, m->next.base + i * ndim, ndim, m->next.sum + i * ndim,
                 m->next.sum2 + i * ndim);
  for (size_t w = 0; w < m->nwalkers; w++, coords += ndim)
    for (size_t d = 0; d < ndim; d++) m->next.all[d] += coords[d];
}

static void end_row(ens_monitor *m) {
  double steps = (double)m->stride;
  for (size_t d = 0; d < m->ndim; d++) {
    double *row = row_of(m, m->nrows, d), *origin = origin_of(m, d), within = 0;
    for (size_t w = 0; w < m->rwalkers; w++) {
      size_t i = w * m->ndim + d;
      row[w] = (m->next.base[i] - origin[w]) + m->next.sum[i] / steps;
      within += m->next.sum2[i] - m->next.sum[i] * (m->next.sum[i] / steps);
    }
    row[m->rwalkers] = m->next.all[d] / (steps * (double)m->nwalkers) - origin[m->rwalkers];
    m->within[m->nrows * m->ndim + d] = fmax(within, 0);
  }
  m->nrows++;
  m->next.filled = 0;
}

/* Joins rows 2 r and 2 r + 1 to row r. */
static void join_rows(ens_monitor *m) {
  double half = 0.5 * (double)m->stride;
  for (size_t r = 0; r < m->nrows / 2; r++) {
    m->lowest[r] = fmin(m->lowest[2 * r], m->lowest[2 * r + 1]);
    m->highest[r] = fmax(m->highest[2 * r], m->highest[2 * r + 1]);
    for (size_t d = 0; d < m->ndim; d++) {
      const double *a = row_of(m, 2 * r, d), *b = row_of(m, 2 * r + 1, d);
      double *to = row_of(m, r, d), between = 0;
      double within = m->within[2 * r * m->ndim + d] + m->within[(2 * r + 1) * m->ndim + d];
      for (size_t w = 0; w <= m->rwalkers; w++) {
        double gap = b[w] - a[w];
        if (w < m->rwalkers) between += gap * gap;
        to[w] = a[w] + 0.5 * gap;
      }
      m->within[r * m->ndim + d] = within + half * between;
    }
  }
  m->nrows /= 2;
  m->stride *= 2;
}

/* ---- sums over rows ---- */

/* Four independent sums, which the processor computes in parallel; their order is fixed. */
static double dot(const double *a, const double *b, size_t n) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < n; i++) s0 += a[i] * b[i];
  return (s0 + s1) + (s2 + s3);
}

/* Adds row r, the next one, to the sums. */
static void sum_row(ens_monitor *m, size_t r) {
  sums *s = &m->sums;
  size_t n = m->rwalkers, lags = r - s->first < LAGS ? r - s->first : LAGS;
  for (size_t d = 0; d < m->ndim; d++) {
    const double *row = row_of(m, r, d);
    double *total = s->total + d * (n + 1);
    for (size_t w = 0; w <= n; w++) total[w] += row[w];
    for (size_t l = 0; l <= lags; l++) {
      const double *before = row_of(m, r - l, d);
      s->product[l * m->ndim + d] += dot(row, before, n);
      s->mean[l * m->ndim + d] += row[n] * before[n];
    }
  }
  s->nrows++;
}

/* Moves the origin to the mean of the rows from `first` on. */
static void centre_rows(ens_monitor *m, size_t first) {
  size_t width = m->rwidth;
  double *mean = m->sums.total, rows = (double)(m->nrows - first);
  memset(mean, 0, width * sizeof *mean);
  for (size_t r = first; r < m->nrows; r++)
    for (size_t i = 0; i < width; i++) mean[i] += m->row[r * width + i] / rows;
  for (size_t r = 0; r < m->nrows; r++)
    for (size_t i = 0; i < width; i++) m->row[r * width + i] -= mean[i];
  for (size_t i = 0; i < width; i++) m->origin[i] += mean[i];
}

/* Computes the sums anew over all rows from `first` on. */
static void sum_rows(ens_monitor *m, size_t first) {
  sums *s = &m->sums;
  centre_rows(m, first);
  s->first = first;
  s->nrows = 0;
  memset(s->total, 0, m->rwidth * sizeof *s->total);
  memset(s->product, 0, (LAGS + 1) * m->ndim * sizeof *s->product);
  memset(s->mean, 0, (LAGS + 1) * m->ndim * sizeof *s->mean);
  for (size_t r = first; r < m->nrows; r++) sum_row(m, r);
}

/* ---- estimates ---- */

/* Reads the sums of one parameter, corrected to the walkers' means over the rows, lag after lag. */
typedef struct reading {
  const ens_monitor *m;
  size_t d, lag;
  double n, squares, mean; /* number of rows; sum over the walkers of their squared means; mean of all walkers */
  double ends, mean_ends;  /* sums of mean times the rows that the lag leaves out at both ends */
} reading;

static reading begin_reading(const ens_monitor *m, size_t d) {
  const sums *s = &m->sums;
  const double *total = s->total + d * (m->rwalkers + 1);
  reading read = {.m = m, .d = d, .n = (double)s->nrows};
  for (size_t w = 0; w < m->rwalkers; w++) read.squares += total[w] / read.n * (total[w] / read.n);
  read.mean = total[m->rwalkers] / read.n;
  return read;
}

/* The next lag l: sum_r (y_r - mean)(y_{r-l} - mean) = P_l - (n + l) mean^2 + mean (sum of the first l and last l y).
 * *mean is that of the mean of all walkers. */
static double next_lag(reading *read, double *mean) {
  const ens_monitor *m = read->m;
  const sums *s = &m->sums;
  size_t l = read->lag++, n = m->rwalkers, last = s->first + s->nrows;
  if (l > 0) {
    const double *head = row_of(m, s->first + l - 1, read->d), *tail = row_of(m, last - l, read->d);
    const double *total = s->total + read->d * (n + 1);
    read->ends += (dot(total, head, n) + dot(total, tail, n)) / read->n;
    read->mean_ends += read->mean * (head[n] + tail[n]);
  }
  double count = read->n + (double)l;
  *mean = s->mean[l * m->ndim + read->d] - count * read->mean * read->mean + read->mean_ends;
  return s->product[l * m->ndim + read->d] - count * read->squares + read->ends;
}

/* The sum of squares of all steps about each walker's mean. */
static double squares_of(const ens_monitor *m, size_t d, double between) {
  double squares = (double)m->stride * between;
  for (size_t r = m->sums.first; r < m->nrows; r++) squares += m->within[r * m->ndim + d];
  return squares;
}

/* Sums over the lags up to one: tau, and n^2 times the variance of the mean of all walkers. */
typedef struct partial {
  double tau, variance, spare; /* spare: the distance of the lag beyond the window */
} partial;

static partial add_lag(reading *read, double squares, double *sum, double *variance) {
  double stride = (double)read->m->stride, lag = (double)read->lag, mean;
  *sum += 2 * next_lag(read, &mean);
  *variance += 2 * mean;
  double tau = stride * stride * *sum / squares;
  return (partial){tau, *variance, stride * (lag + 0.5) - 0.5 - window * tau};
}

/* Interpolates between the lags on either side of the window's end, so that the window can end within a row. Otherwise
 * tau would jump while the chain grows. */
static partial meet(partial before, partial after) {
  double share = before.spare / (before.spare - after.spare);
  return (partial){before.tau + share * (after.tau - before.tau),
                   before.variance + share * (after.variance - before.variance), 0};
}

/* False: the window is longer than the lags. */
static bool find_window(const ens_monitor *m, size_t d, partial *out, double *squares) {
  reading read = begin_reading(m, d);
  double variance, sum = next_lag(&read, &variance);
  *squares = squares_of(m, d, sum);
  size_t most = m->sums.nrows - 1 < LAGS ? m->sums.nrows - 1 : LAGS;
  for (size_t lag = 1; lag <= most; lag++) {
    partial before = *out;
    *out = add_lag(&read, *squares, &sum, &variance);
    if (out->spare < 0) continue;
    if (lag > 1) *out = meet(before, *out);
    return true;
  }
  return false;
}

/* The variance of a draw: within walkers and between their means. */
static double variance_of(const ens_monitor *m, size_t d, double squares) {
  const sums *s = &m->sums;
  const double *total = s->total + d * (m->rwalkers + 1), *origin = origin_of(m, d);
  double n = (double)m->rwalkers, rows = (double)s->nrows, steps = rows * (double)m->stride, offset = 0, between = 0;
  for (size_t w = 0; w < m->rwalkers; w++) offset += ((origin[w] - origin[0]) + total[w] / rows) / n;
  for (size_t w = 0; w < m->rwalkers; w++) {
    double gap = (origin[w] - origin[0]) + total[w] / rows - offset;
    between += gap * gap;
  }
  return (squares + steps * between) / (n * steps - 1);
}

static void find(ens_monitor *m, size_t d, bool stuck) {
  partial found = {0};
  double squares, rows = (double)m->sums.nrows;
  bool known = find_window(m, d, &found, &squares) && found.tau > 0 && isfinite(found.tau) && !stuck;
  m->tau[d] = known ? found.tau : (double)NAN;
  double walkers = (double)m->nwalkers * rows * (double)m->stride / m->tau[d];
  double draw = variance_of(m, d, squares);
  double ensemble = found.variance > 0 ? draw * rows * rows / found.variance : (double)INFINITY;
  m->ess[d] = isnan(walkers) || walkers < ensemble ? walkers : ensemble;
}

static size_t find_stuck(const ens_monitor *m, uint64_t discard) {
  for (size_t w = 0; w < m->nwalkers; w++)
    if (m->moved[w] <= discard) return w;
  return SIZE_MAX;
}

/* Reduces the results to one per parameter of the chain. */
static void report(ens_monitor *m) {
  memcpy(m->out.change, m->out.tau, m->nparameters * sizeof *m->out.change);
  ens_angles_largest(m->domain, m->nparameters, m->tau, m->out.tau);
  ens_angles_smallest(m->domain, m->nparameters, m->ess, m->out.ess);
  for (size_t d = 0; d < m->nparameters; d++) m->out.change[d] = fabs(m->out.tau[d] - m->out.change[d]) / m->out.tau[d];
}

static void check(ens_monitor *m) {
  ens_findings *f = &m->findings;
  f->step = m->nsteps;
  f->discard = m->sums.first * m->stride;
  f->stuck = find_stuck(m, f->discard);
  for (size_t d = 0; d < m->ndim; d++) find(m, d, f->stuck != SIZE_MAX);
  report(m);
}

/* ---- the steps to leave out ---- */

/* The number of rows of the first half before log_prob of all walkers has reached the range of the second half. */
static size_t find_arrival(const ens_monitor *m, size_t half) {
  double lowest = INFINITY, highest = -INFINITY;
  for (size_t r = half; r < m->nrows; r++) {
    lowest = fmin(lowest, m->lowest[r]);
    highest = fmax(highest, m->highest[r]);
  }
  size_t r = half;
  while (r > 0 && !(m->lowest[r - 1] < highest - 2 * (highest - lowest))) r--;
  return r;
}

/* The number of rows to leave out. Parameters that do not change are ignored. */
static size_t choose_start(ens_monitor *m) {
  size_t half = m->nrows / 2;
  double longest = 0, squares;
  partial found = {0};
  sum_rows(m, half);
  for (size_t d = 0; d < m->ndim; d++) {
    bool known = find_window(m, d, &found, &squares);
    if (!(squares > 0)) continue;
    if (!known) return half;
    longest = fmax(longest, found.tau);
  }
  double wanted = (double)find_arrival(m, half) + ceil(burn_in * longest / (double)m->stride);
  return wanted < (double)half ? (size_t)wanted : half;
}

static void take_row(ens_monitor *m) {
  if (m->nrows == ROWS) {
    join_rows(m);
    m->next_anchor = m->nrows;
  }
  if (m->nrows == m->next_anchor) {
    sum_rows(m, choose_start(m));
    m->next_anchor = 2 * m->nrows;
  } else if (m->nrows > FIRST_CHECK) {
    sum_row(m, m->nrows - 1);
  }
}

/* FIRST_CHECK checks between a power of two and the next. */
static bool is_check(const ens_monitor *m) {
  size_t apart = 1;
  while (2 * FIRST_CHECK * apart <= m->nrows) apart *= 2;
  return m->nrows >= FIRST_CHECK && m->nrows % apart == 0;
}

bool ens_monitor_push(ens_monitor *m, const double *coords, const double *log_prob, const uint8_t *accepted) {
  m->nsteps++;
  if (m->domain) {
    ens_angles_spread(m->domain, m->nparameters, coords, m->nwalkers, m->out.step);
    coords = m->out.step;
  }
  for (size_t w = 0; w < m->nwalkers; w++)
    if (accepted[w]) m->moved[w] = m->nsteps;
  if (m->nsteps == 1) set_origin(m, coords);
  if (m->next.filled == 0) begin_row(m, coords);
  add_step(m, coords);
  add_log_prob(m, log_prob);
  if (++m->next.filled < m->stride) return false;
  end_row(m);
  bool due = is_check(m);
  take_row(m);
  if (due) check(m);
  return due;
}

uint64_t ens_monitor_steps(const ens_monitor *monitor) {
  return monitor->nsteps;
}

const ens_findings *ens_monitor_findings(const ens_monitor *monitor) {
  return &monitor->findings;
}
