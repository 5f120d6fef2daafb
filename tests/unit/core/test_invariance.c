/* The exact invariance test (core/invariance.h) of each move. It must also find mistakes that are planted in moves and
 * in the order of updates.
 *
 *   test_invariance [FACTOR [SEED]]   FACTOR times the replicates (1: seconds)
 *   test_invariance REPLICATES SWEEPS NDIM [MOVE]...   prints the largest |z| of each move, or of these, on each target
 */
#include <stdlib.h>

#include "core/invariance.h"
#include "move/move_cases.h"
#include "unit.h"

enum { MOST_DIM = ENS_LAW_DIM, MOST_WALKERS = ENS_INVARIANCE_WALKERS };
typedef ens_law target;

static double factor = 1; /* multiplies the numbers of replicates */
/* Planted mistakes test this test. A sanitizer finds nothing new in them, and they take long under one. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool with_mistakes = false;
#else
static const bool with_mistakes = true;
#endif
static uint64_t seed = 20250101;

/* ---- a periodic target ---- */

/* x[0] is an angle with a von Mises distribution (kappa 1) and a mode close to the seam. x[1] is normal around a value
 * that depends on the angle. x[2] is periodic, too, and depends on the angle. */
static double round_low[MOST_DIM] = {1, -INFINITY, -0.5}, round_high[MOST_DIM] = {1, INFINITY, 0.5};
static bool round_periodic[MOST_DIM] = {true, false, true};
static ens_domain round_domain = {
    .low = round_low, .high = round_high, .periodic = round_periodic, .any_periodic = true};

static const double turn = 6.283185307179586, mode = 1.4;

static double round_log_prob(const target *self, const double *x) {
  double sum = cos(x[0] - mode), off = self->ndim > 1 ? x[1] - 2 * cos(x[0]) : 0;
  CHECK(ens_domain_holds(self->domain, x));
  if (self->ndim > 2) sum += log(1 + 0.8 * cos(turn * x[2] - x[0]));
  return sum - 0.5 * off * off;
}

static void round_draw(const target *self, ens_stream *stream, double *x) {
  do x[0] = 1 + turn * ens_stream_uniform(stream);
  while (ens_stream_uniform(stream) > exp(cos(x[0] - mode) - 1));
  if (self->ndim > 1) x[1] = 2 * cos(x[0]) + ens_stream_normal(stream);
  if (self->ndim < 3) return;
  do x[2] = ens_stream_uniform(stream) - 0.5;
  while (1.8 * ens_stream_uniform(stream) > 1 + 0.8 * cos(turn * x[2] - x[0]));
}

/* Adds the weighted moments at angle a, integrated over the other coordinates. */
static void add_round_moments(target *t, double a, double weight) {
  enum { N = 400 };
  double m[MOST_DIM] = {a, 2 * cos(a), 0}, square[MOST_DIM] = {a * a, 1 + 4 * cos(a) * cos(a), 0};
  for (int i = 0; i < N; i++) {
    double z = (i + 0.5) / N - 0.5, density = (1 + 0.8 * cos(turn * z - a)) / N;
    m[2] += z * density;
    square[2] += z * z * density;
  }
  for (size_t i = 0; i < t->ndim; i++) {
    t->mean[i] += weight * m[i];
    for (size_t j = 0; j < t->ndim; j++) t->covariance[i * t->ndim + j] += weight * (i == j ? square[i] : m[i] * m[j]);
  }
}

static target make_circle(size_t ndim) {
  enum { N = 2000 };
  target t = {"circle", round_log_prob, round_draw, ndim, &round_domain, {0}, {0}, {0}};
  double sum = 0;
  for (int i = 0; i < N; i++) sum += exp(cos(turn * (i + 0.5) / N));
  for (int i = 0; i < N; i++) {
    double a = 1 + turn * (i + 0.5) / N;
    add_round_moments(&t, a, exp(cos(a - mode)) / sum);
  }
  for (size_t i = 0; i < ndim; i++)
    for (size_t j = 0; j < ndim; j++) t.covariance[i * ndim + j] -= t.mean[i] * t.mean[j];
  return t;
}

/* The moments take a while: they are computed once for each number of dimensions. */
static target on_a_circle(size_t ndim) {
  static target known[MOST_DIM + 1];
  round_high[0] = 1 + turn;
  round_domain.ndim = ndim;
  if (!known[ndim].ndim) known[ndim] = make_circle(ndim);
  return known[ndim];
}

/* ---- moving an ensemble ---- */

typedef enum fault {
  NONE,
  SNAPSHOT, /* every walker reads the state before the step */
  OWN_SET   /* partners are of the walker's own set, in their states before the step */
} fault;

typedef struct experiment {
  const target *target;
  ens_move *move;
  size_t nwalkers, sweeps, replicates;
  bool planted; /* a mistake; more replicates would only show it again */
  fault fault;
} experiment;

static void take_old(const ens_invariance *test, ens_ensemble *ensemble, uint64_t step, uint32_t walker) {
  ens_schedule *schedule = &ensemble->schedule;
  (void)test, (void)step;
  for (size_t i = 0; i < schedule->npartners[walker]; i++) schedule->fresh[walker * schedule->max_partners + i] = 0;
}

static void take_own(const ens_invariance *test, ens_ensemble *ensemble, uint64_t step, uint32_t walker) {
  ens_schedule *schedule = &ensemble->schedule;
  const ens_split *split = &ens_ensemble_plan(ensemble, step)->split;
  size_t row = walker * schedule->max_partners, first = split->first[split->set[walker]];
  size_t size = ens_split_size(split, split->set[walker]), at = first;
  take_old(test, ensemble, step, walker);
  while (split->walker[at] != walker) at++;
  for (size_t i = 0; i < schedule->npartners[walker]; i++)
    schedule->partner[row + i] = split->walker[first + (at - first + 1 + i) % size];
}

/* The largest |z| of all statistics. */
static double largest_z(const experiment *e) {
  double weight = 1;
  ens_sampler_config config = {.nwalkers = e->nwalkers,
                               .seed = seed,
                               .nsplits = 2,
                               .randomize_split = true,
                               .nmoves = 1,
                               .move = &e->move,
                               .weight = &weight};
  ens_invariance test = {.law = e->target,
                         .sweeps = e->sweeps,
                         .replicates = (size_t)((double)e->replicates * (e->planted ? fmin(factor, 2) : factor)),
                         .plant = e->fault == SNAPSHOT  ? take_old
                                  : e->fault == OWN_SET ? take_own
                                                        : NULL};
  ens_invariance_result off;
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_invariance_test(&config, &test, &off, &error) == ENS_OK);
  ens_error_clear(&error);
  return ens_invariance_largest(&off);
}

/* ---- moves ---- */

static bool tells; /* every z */

static void check_stays(const move_case *c, ens_move *move, const target *t, size_t sweeps, size_t replicates) {
  size_t nwalkers = c->nwalkers + (c->kind == &ens_move_kde && t->ndim == 3 ? 2 : 0);
  if (nwalkers > MOST_WALKERS) nwalkers = MOST_WALKERS;
  double z = largest_z(&(experiment){t, move, nwalkers, sweeps, replicates, false, NONE});
  if (tells) printf("%-24s %-10s %zu-D, T = %2zu: z = %.2f\n", c->name, t->name, t->ndim, sweeps, z), fflush(stdout);
  if (!(z < 4)) fprintf(stderr, "%s, %s in %zu-D, T = %zu: z = %.2f\n", c->name, t->name, t->ndim, sweeps, z);
  CHECK(z < 4);
}

static target (*const targets[])(size_t ndim) = {ens_law_gaussian, ens_law_skewed, on_a_circle};
enum { TARGETS = sizeof targets / sizeof *targets };

static void check_case(const move_case *c, size_t ndim) {
  ens_move *move = make(c->kind, c->value);
  for (size_t i = 0; i < TARGETS; i++) {
    target t = targets[i](ndim);
    check_stays(c, move, &t, 1, 6000);
    check_stays(c, move, &t, 40, 300);
  }
  move->ops->destroy(move);
}

TEST(every_move_keeps_its_target) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t ndim = 1; ndim <= MOST_DIM; ndim++) check_case(&cases[i], ndim);
}

TEST(a_full_covariance_keeps_its_target) {
  static const move_case full = {"gaussian, full", &ens_move_gaussian, {3, WORD(0), 2, 2, 2, 1, 1, 1, 3}, 4};
  check_case(&full, 2);
}

TEST(a_variance_for_each_dimension_keeps_its_target) {
  static const move_case diagonal = {"gaussian, diagonal", &ens_move_gaussian, {3, WORD(1), 1, 1, 3, 1, 2, 4}, 4};
  check_case(&diagonal, 3);
}

/* ---- mistakes in a move ---- */

/* The same vector of normal numbers for all walkers. */
static double one_noise_propose(const ens_move *self, const ens_move_context *context, ens_stream *stream,
                                const double *x, const double *const *partner, double *q) {
  const ens_move *inner = ((const wrong *)self)->inner;
  ens_stream common = ens_move_step_stream(context);
  (void)stream;
  return inner->ops->propose(inner, context, &common, x, partner, q);
}

static double z_of_wrong(const move_case *c, propose_function *propose, size_t ndim, size_t sweeps, size_t replicates) {
  ens_move *inner = make(c->kind, c->value);
  ens_move_ops ops = *inner->ops;
  plant(&ops, propose);
  wrong move = {{.ops = &ops}, inner};
  target t = ens_law_gaussian(ndim);
  double z = largest_z(&(experiment){&t, &move.base, c->nwalkers, sweeps, replicates, true, NONE});
  inner->ops->destroy(inner);
  return z;
}

static void check_found(const char *what, double z) {
  if (getenv("UNIT_VERBOSE")) printf("%s: z = %.1f\n", what, z);
  if (!(z > 6)) fprintf(stderr, "%s: z = %.2f\n", what, z);
  CHECK(z > 6);
}

TEST(wrong_factors_are_found) {
  for (size_t ndim = 2; ndim <= MOST_DIM; ndim++) {
    check_found("stretch", z_of_wrong(find_case("stretch"), power_propose, ndim, 1, 50000));
    check_found("snooker", z_of_wrong(find_case("snooker"), power_propose, ndim, 1, 50000));
    check_found("kde", z_of_wrong(find_case("kde"), no_factor_propose, ndim, 1, 20000));
  }
}

TEST(a_second_try_without_its_ratio_is_found) {
  for (size_t i = 0; i < 2; i++)
    for (size_t ndim = 1; ndim <= MOST_DIM; ndim++)
      check_found(delayed_cases[i].name, z_of_wrong(&delayed_cases[i], NULL, ndim, 8, 60000));
}

/* Wrapping alone does not make a move exact on a circle. */
TEST(moves_about_a_walker_that_leave_its_cell_are_found) {
  static const struct {
    const char *name;
    size_t ndim;
  } rows[] = {{"stretch", 2}, {"snooker", 2}, {"kde", 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const move_case *c = find_case(rows[i].name);
    ens_move *inner = make(c->kind, c->value);
    ens_move_ops ops = *inner->ops;
    plant(&ops, right_propose);
    ops.anchored = false;
    wrong move = {{.ops = &ops}, inner};
    target t = on_a_circle(rows[i].ndim);
    check_found(rows[i].name, largest_z(&(experiment){&t, &move.base, c->nwalkers, 1, 50000, true, NONE}));
    inner->ops->destroy(inner);
  }
}

TEST(one_noise_for_all_walkers_is_found) {
  for (size_t ndim = 1; ndim <= MOST_DIM; ndim++)
    check_found("gaussian", z_of_wrong(find_case("gaussian"), one_noise_propose, ndim, 1, 20000));
}

/* ---- mistakes in the order of updates ---- */

static double z_of_fault(const char *name, fault kind, size_t ndim, size_t nwalkers, size_t replicates) {
  const move_case *c = find_case(name);
  ens_move *move = make(c->kind, c->value);
  target t = ens_law_gaussian(ndim);
  double z = largest_z(&(experiment){&t, move, nwalkers, 40, replicates, true, kind});
  move->ops->destroy(move);
  return z;
}

/* stretch moves each walker along its own line and hides the mistake best: it needs the replicates of the long test. */
static bool is_long(void) {
  return factor >= 3;
}

TEST(one_snapshot_for_all_walkers_is_found) {
  check_found("side", z_of_fault("side", SNAPSHOT, 3, 4, 4000));
  check_found("de", z_of_fault("de", SNAPSHOT, 3, 4, 4000));
  check_found("walk", z_of_fault("walk", SNAPSHOT, 3, 4, 4000));
  if (is_long()) check_found("stretch", z_of_fault("stretch", SNAPSHOT, 2, 4, 300000));
}

TEST(a_set_that_reads_itself_is_found) {
  check_found("de", z_of_fault("de", OWN_SET, 3, 6, 4000));
  check_found("snooker", z_of_fault("snooker", OWN_SET, 2, 8, 4000));
  if (is_long()) check_found("stretch", z_of_fault("stretch", OWN_SET, 3, 4, 300000));
}

static bool is_asked_for(const char *name, int argc, char **argv) {
  int i = 4;
  while (i < argc && strcmp(argv[i], name) != 0) i++;
  return argc <= 4 || i < argc;
}

static void tell_case(const move_case *c, const target *t, size_t sweeps, size_t replicates) {
  ens_move *move = make(c->kind, c->value);
  check_stays(c, move, t, sweeps, replicates);
  move->ops->destroy(move);
}

static int tell(int argc, char **argv) {
  size_t replicates = (size_t)strtod(argv[1], NULL), sweeps = strtoul(argv[2], NULL, 10);
  tells = true;
  unit_bad = 0;
  for (size_t i = 0; i < TARGETS; i++) {
    target t = targets[i](strtoul(argv[3], NULL, 10));
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
      if (is_asked_for(cases[k].name, argc, argv)) tell_case(&cases[k], &t, sweeps, replicates);
  }
  return unit_bad;
}

int main(int argc, char **argv) {
  if (argc > 3) return tell(argc, argv);
  if (argc > 1) factor = strtod(argv[1], NULL);
  if (argc > 2) seed = strtoull(argv[2], NULL, 10);
  RUN(every_move_keeps_its_target);
  RUN(a_full_covariance_keeps_its_target);
  RUN(a_variance_for_each_dimension_keeps_its_target);
  if (!with_mistakes) return unit_report();
  RUN(wrong_factors_are_found);
  RUN(a_second_try_without_its_ratio_is_found);
  RUN(moves_about_a_walker_that_leave_its_cell_are_found);
  RUN(one_noise_for_all_walkers_is_found);
  RUN(one_snapshot_for_all_walkers_is_found);
  RUN(a_set_that_reads_itself_is_found);
  return unit_report();
}
