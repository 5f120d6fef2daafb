/* Long chains of each move on known targets: means, covariances and quantiles are those of the target within LIMIT
 * standard errors, which come from the chain's own autocorrelation time. The sampler is the real one.
 *
 * Walkers begin at draws from the target. The test compares means over all walkers, because their time series includes
 * the correlations between walkers. test_invariance is more exact, in few dimensions and steps. This test adds ten
 * dimensions, targets with edges and with two modes, mixtures, and tuned scales.
 *
 *   test_stationarity [SEEDS [WORD]...]   with ten or more seeds also in ten dimensions. With words it runs only jobs
 * with all of them, as `test_stationarity 30 kde 10-D`, and prints each largest |z|
 */
#include <sys/wait.h>
#include <unistd.h>

#include <stdlib.h>

#include "core/sampler.h"
#include "eval/pool.h"
#include "move_cases.h"
#include "stats/autocorr.h"
#include "sys/clock.h"

/* There are about 20000 numbers: with normal and known errors, one of them is beyond 5.5 in one of a thousand runs. The
 * errors are known to about 15 %. */
static const double LIMIT = 5.5;

enum { MOST_DIM = 10, MOST_MOVES = 3, MISTAKES = 5, ROWS = 1024 };

/* ---- targets ---- */

typedef struct law {
  const char *name;
  double (*log_prob)(const double *x, size_t ndim);
  void (*draw)(ens_stream *stream, size_t ndim, double *x);
  double (*mean)(size_t ndim, size_t d);
  double (*covariance)(size_t ndim, size_t d, size_t e);
  double (*upto)(size_t ndim, size_t d, double x); /* the distribution function */
} law;

static double normal_upto(double x) {
  return 0.5 * erfc(-x * sqrt(0.5));
}

/* Each coordinate is 0.8 times the one before plus noise. */
static const double follow = 0.8;

static double gaussian_mean(size_t ndim, size_t d) {
  return (void)ndim, (double)d;
}
static double gaussian_covariance(size_t ndim, size_t d, size_t e) {
  return (void)ndim, pow(follow, (double)(d > e ? d - e : e - d));
}
static double gaussian_log_prob(const double *x, size_t ndim) {
  double before = x[0], sum = x[0] * x[0];
  for (size_t d = 1; d < ndim; d++) {
    double now = x[d] - (double)d, r = now - follow * before;
    sum += r * r / (1 - follow * follow);
    before = now;
  }
  return -0.5 * sum;
}
static void gaussian_draw(ens_stream *stream, size_t ndim, double *x) {
  double now = 0;
  for (size_t d = 0; d < ndim; d++) {
    double noise = ens_stream_normal(stream);
    now = d ? follow * now + sqrt(1 - follow * follow) * noise : noise;
    x[d] = now + (double)d;
  }
}
static double gaussian_upto(size_t ndim, size_t d, double x) {
  return normal_upto(x - gaussian_mean(ndim, d));
}

static double uncorrelated(size_t ndim, size_t d, size_t e) {
  return (void)ndim, d == e;
}

/* Uniform from 0 to the width with variance 1. */
static double box_width(void) {
  return sqrt(12);
}
static double box_mean(size_t ndim, size_t d) {
  return (void)ndim, (void)d, box_width() / 2;
}
static double box_log_prob(const double *x, size_t ndim) {
  for (size_t d = 0; d < ndim; d++)
    if (!(x[d] >= 0 && x[d] <= box_width())) return -INFINITY;
  return 0;
}
static void box_draw(ens_stream *stream, size_t ndim, double *x) {
  for (size_t d = 0; d < ndim; d++) x[d] = box_width() * ens_stream_uniform(stream);
}
static double box_upto(size_t ndim, size_t d, double x) {
  return (void)ndim, (void)d, fmin(fmax(x / box_width(), 0), 1);
}

/* Uniform over x > 0 with a bounded sum; the bound gives variances of 1. */
static double edge(size_t ndim) {
  double n = (double)ndim;
  return (n + 1) * sqrt((n + 2) / n);
}
static double simplex_mean(size_t ndim, size_t d) {
  return (void)d, edge(ndim) / (double)(ndim + 1);
}
static double simplex_covariance(size_t ndim, size_t d, size_t e) {
  return d == e ? 1 : -1 / (double)ndim;
}
static double simplex_log_prob(const double *x, size_t ndim) {
  double sum = 0;
  for (size_t d = 0; d < ndim; d++) {
    if (!(x[d] >= 0)) return -INFINITY;
    sum += x[d];
  }
  return sum <= edge(ndim) ? 0 : -INFINITY;
}
static void simplex_draw(ens_stream *stream, size_t ndim, double *x) {
  double sum = -log(ens_stream_uniform(stream));
  for (size_t d = 0; d < ndim; d++) sum += x[d] = -log(ens_stream_uniform(stream));
  for (size_t d = 0; d < ndim; d++) x[d] *= edge(ndim) / sum;
}
static double simplex_upto(size_t ndim, size_t d, double x) {
  return (void)d, 1 - pow(1 - fmin(fmax(x / edge(ndim), 0), 1), (double)ndim);
}

/* Gamma variables of shape 2. */
static double skewed_mean(size_t ndim, size_t d) {
  return (void)ndim, (void)d, 2;
}
static double skewed_covariance(size_t ndim, size_t d, size_t e) {
  return (void)ndim, d == e ? 2 : 0;
}
static double skewed_log_prob(const double *x, size_t ndim) {
  double sum = 0;
  for (size_t d = 0; d < ndim; d++) {
    if (!(x[d] > 0)) return -INFINITY;
    sum += log(x[d]) - x[d];
  }
  return sum;
}
static void skewed_draw(ens_stream *stream, size_t ndim, double *x) {
  for (size_t d = 0; d < ndim; d++) x[d] = -log(ens_stream_uniform(stream)) - log(ens_stream_uniform(stream));
}
static double skewed_upto(size_t ndim, size_t d, double x) {
  return (void)ndim, (void)d, x > 0 ? 1 - (1 + x) * exp(-x) : 0;
}

/* The first coordinate is around -2 with probability 1/3, else around 2; the others are normal. */
static const double apart = 2, left = 1 / 3.0;

static double modes_mean(size_t ndim, size_t d) {
  return (void)ndim, d ? 0 : (1 - 2 * left) * apart;
}
static double modes_covariance(size_t ndim, size_t d, size_t e) {
  double mean = modes_mean(ndim, 0);
  return d != e ? 0 : d ? 1 : 1 + apart * apart - mean * mean;
}
static double modes_log_prob(const double *x, size_t ndim) {
  double sum = x[0] * x[0];
  for (size_t d = 1; d < ndim; d++) sum += x[d] * x[d];
  double high = x[0] > 0 ? 1 - left : left, low = 1 - high; /* far from both modes their ratio would overflow */
  return log(high + low * exp(-2 * apart * fabs(x[0]))) + apart * fabs(x[0]) - 0.5 * sum;
}
static void modes_draw(ens_stream *stream, size_t ndim, double *x) {
  for (size_t d = 0; d < ndim; d++) x[d] = ens_stream_normal(stream);
  x[0] += ens_stream_uniform(stream) < left ? -apart : apart;
}
static double modes_upto(size_t ndim, size_t d, double x) {
  return (void)ndim, d ? normal_upto(x) : left * normal_upto(x + apart) + (1 - left) * normal_upto(x - apart);
}

static const law laws[] = {
    {"gaussian", gaussian_log_prob, gaussian_draw, gaussian_mean, gaussian_covariance, gaussian_upto},
    {"box", box_log_prob, box_draw, box_mean, uncorrelated, box_upto},
    {"simplex", simplex_log_prob, simplex_draw, simplex_mean, simplex_covariance, simplex_upto},
    {"skewed", skewed_log_prob, skewed_draw, skewed_mean, skewed_covariance, skewed_upto},
    {"modes", modes_log_prob, modes_draw, modes_mean, modes_covariance, modes_upto},
};
enum { LAWS = sizeof laws / sizeof *laws };

static double quantile(const law *t, size_t ndim, size_t d, double p) {
  double low = -50, high = 50;
  while (high - low > 1e-12) {
    double middle = 0.5 * (low + high);
    *(t->upto(ndim, d, middle) < p ? &low : &high) = middle;
  }
  return 0.5 * (low + high);
}

/* ---- the statistics ---- */

static const double probability[] = {0.05, 0.25, 0.5, 0.75, 0.95};
enum { QUANTILES = sizeof probability / sizeof *probability };
enum { MOST_NUMBERS = MOST_DIM + MOST_DIM * (MOST_DIM + 1) / 2 + QUANTILES * MOST_DIM };

static size_t count_numbers(size_t ndim) {
  return ndim + ndim * (ndim + 1) / 2 + QUANTILES * ndim;
}

/* At every `thin`-th step: means over the walkers of x, of products of two coordinates, and of the indicators of x
 * below each quantile, all less their expectations. */
typedef struct record {
  ens_sink sink;
  const law *law;
  size_t ndim, nwalkers, thin, nseeds;
  size_t seed, row; /* the next row */
  double mean[MOST_DIM], at[QUANTILES][MOST_DIM];
  double *value; /* [number][row][seed] */
} record;

static void compare(const record *r, const double *coords, double *number) {
  size_t i = 0;
  for (size_t d = 0; d < r->ndim; d++) {
    double sum = 0;
    for (size_t k = 0; k < r->nwalkers; k++) sum += coords[k * r->ndim + d] - r->mean[d];
    number[i++] = sum / (double)r->nwalkers;
    for (size_t e = 0; e <= d; e++) {
      sum = 0;
      for (const double *x = coords; x < coords + r->nwalkers * r->ndim; x += r->ndim)
        sum += (x[d] - r->mean[d]) * (x[e] - r->mean[e]);
      number[i++] = sum / (double)r->nwalkers - r->law->covariance(r->ndim, d, e);
    }
    for (size_t q = 0; q < QUANTILES; q++) {
      size_t below = 0;
      for (size_t k = 0; k < r->nwalkers; k++) below += coords[k * r->ndim + d] <= r->at[q][d];
      number[i++] = (double)below / (double)r->nwalkers - probability[q];
    }
  }
}

static ens_status take_step(ens_sink *self, const ens_step *step, ens_error *error) {
  (void)error;
  record *r = (record *)self;
  double number[MOST_NUMBERS];
  if (step->index % r->thin || r->row == ROWS) return ENS_OK;
  compare(r, step->coords, number);
  for (size_t i = 0; i < count_numbers(r->ndim); i++) r->value[(i * ROWS + r->row) * r->nseeds + r->seed] = number[i];
  r->row++;
  return ENS_OK;
}

static const ens_sink_ops record_ops = {take_step};

static void open_record(record *r) {
  r->sink.ops = &record_ops;
  r->value = malloc(count_numbers(r->ndim) * ROWS * r->nseeds * sizeof *r->value);
  for (size_t d = 0; d < r->ndim; d++) {
    r->mean[d] = r->law->mean(r->ndim, d);
    for (size_t q = 0; q < QUANTILES; q++) r->at[q][d] = quantile(r->law, r->ndim, d, probability[q]);
  }
}

/* The mean of a number's rows, in standard errors. tau is that of all seeds, each about its own mean. */
static double z_of_number(const record *r, const double *value) {
  double mean = 0, square = 0, tau, n = (double)(ROWS * r->nseeds);
  CHECK(ens_autocorr_time(&(ens_autocorr_series){value, ROWS, r->nseeds, 1, 1}, 5, &tau, NULL) == ENS_OK);
  for (size_t s = 0; s < r->nseeds; s++) {
    double sum = 0, sum2 = 0;
    for (size_t t = 0; t < ROWS; t++) {
      double off = value[t * r->nseeds + s];
      sum += off / ROWS;
      sum2 += off * off / ROWS;
    }
    mean += sum / (double)r->nseeds;
    square += (sum2 - sum * sum) / (double)r->nseeds;
  }
  return mean / sqrt(square * tau / n);
}

/* The largest |z|; NaN if one is NaN. */
static double largest_z(const record *r) {
  double largest = 0;
  for (size_t i = 0; i < count_numbers(r->ndim); i++) {
    double z = fabs(z_of_number(r, r->value + i * ROWS * r->nseeds));
    if (!(z <= largest)) largest = z;
  }
  return largest;
}

/* ---- runs ---- */

static void evaluate(void *instance, ens_block *block) {
  const law *t = instance;
  for (size_t i = 0; i < block->count; i++)
    block->log_prob[i] = t->log_prob(block->theta + i * block->ndim, block->ndim);
}
typedef struct target {
  ens_model model;
  const law *law;
} target;
static ens_status instance(ens_model *model, unsigned worker, void **out, ens_error *error) {
  (void)worker, (void)error;
  *out = (void *)(uintptr_t)((const target *)model)->law;
  return ENS_OK;
}
static void release(void *i) {
  (void)i;
}
static const ens_model_ops model_ops = {.instance = instance, .evaluate = evaluate, .release = release};
static char *names[MOST_DIM] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

static void start(ens_sampler *sampler, const law *t, size_t ndim, const ens_sampler_config *config) {
  double x[128 * MOST_DIM], log_prob[128];
  ens_stream stream = ens_stream_at(config->seed, 0, 0, ENS_RNG_START);
  for (size_t k = 0; k < config->nwalkers; k++) {
    t->draw(&stream, ndim, x + k * ndim);
    log_prob[k] = t->log_prob(x + k * ndim, ndim);
  }
  ens_sampler_restore(sampler, 0, x, log_prob, NULL);
}

/* Only the chain after tuning is recorded. */
static void sample(const ens_sampler_config *config, record *r, size_t steps) {
  target t = {{.ops = &model_ops, .name = r->law->name, .ndim = r->ndim, .parameters = names}, r->law};
  ens_evaluator *evaluator = NULL;
  ens_sampler *sampler = NULL;
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_pool_create(&t.model, 1, NULL, &evaluator, &error) == ENS_OK);
  CHECK(ens_sampler_create(config, &t.model, evaluator, &sampler, &error) == ENS_OK);
  CHECK_STRING(ens_error_text(&error), "");
  start(sampler, r->law, r->ndim, config);
  if (config->tune) CHECK(ens_sampler_advance(sampler, config->tune, config->tune, NULL) == ENS_OK);
  ens_sampler_add_sink(sampler, &r->sink);
  CHECK(ens_sampler_advance(sampler, config->tune + steps, config->tune + steps, NULL) == ENS_OK);
  ens_sampler_destroy(sampler);
  evaluator->ops->destroy(evaluator);
}

/* Moves by their names in `cases`, with weights. */
typedef struct mixture {
  const char *name[MOST_MOVES];
  double weight[MOST_MOVES];
  uint64_t tune;
} mixture;

static const mixture mixtures[] = {{{"de", "snooker"}, {0.8, 0.2}, 0},
                                   {{"de", "snooker"}, {0.8, 0.2}, 400},
                                   {{"stretch", "gaussian, random", "slice"}, {0.5, 1, 0.25}, 0},
                                   {{"walk", "side, delayed"}, {1, 1}, 400}};
enum { CASES = sizeof cases / sizeof *cases, MIXTURES = sizeof mixtures / sizeof *mixtures };

static bool is_kde(const char *name) {
  return strncmp(name, "kde", 3) == 0;
}

/* kde alone has no central limit theorem if the target has heavier tails than its kernels. If k(x) / pi(x) falls to 0,
 * a walker stays for a time with an infinite mean, and no number of steps gives an error estimate. This holds for all
 * targets here except those with edges; and in ten dimensions twelve kernels leave the corners of a box almost empty.
 * Some steps of stretch move such walkers. */
static mixture of_case(size_t i, const law *t, size_t ndim) {
  bool edges = t->log_prob == box_log_prob || t->log_prob == simplex_log_prob;
  if (!is_kde(cases[i].name) || (edges && ndim < MOST_DIM)) return (mixture){{cases[i].name}, {1}, 0};
  return (mixture){{cases[i].name, "stretch"}, {0.5, 0.5}, 0};
}

static size_t size_of(const mixture *m) {
  size_t n = 0;
  while (n < MOST_MOVES && m->name[n]) n++;
  return n;
}

/* A good step for one dimension is too long for ten. */
static ens_move *make_move(const char *name, size_t ndim) {
  move_case c = *find_case(name);
  if (strcmp(name, "gaussian") == 0 || strcmp(name, "gaussian, factor") == 0) c.value[5] = 2 / (double)ndim;
  return make(c.kind, c.value);
}

/* A planted mistake, which the test must find. */
typedef struct mistake {
  const move_case *move;
  propose_function *propose; /* the argument of plant() */
} mistake;

/* A job: moves on a target in ndim dimensions. */
typedef struct job {
  const law *law;
  size_t ndim;
  mixture mixture;
  const mistake *mistake; /* planted in the first move; NULL: none */
} job;

/* Moves along one axis at a time, or along the line to a walker, need more steps in more dimensions. */
static bool is_slow(const char *name) {
  static const char *const slow[] = {"gaussian, random", "gaussian, sequential", "snooker", "stretch",
                                     "stretch, delayed"};
  for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
    if (strcmp(name, slow[i]) == 0) return true;
  return false;
}

/* Steps per row, so that a seed has at least about 50 autocorrelation times: otherwise the estimate of tau is too
 * short. Few seeds take more steps instead. */
static size_t thin_of(const job *j, size_t nseeds) {
  size_t slower = is_slow(j->mixture.name[0]) ? (j->ndim + 1) / 2 : 1;
  return (j->ndim == MOST_DIM ? 6 : nseeds < 10 ? 4 : 3) * slower;
}

static double z_of(const job *j, ens_move *const *move, size_t nseeds) {
  static const size_t walkers[MOST_DIM + 1] = {[1] = 8, [3] = 12, [10] = 24};
  record r = {
      .law = j->law, .ndim = j->ndim, .nwalkers = walkers[j->ndim], .thin = thin_of(j, nseeds), .nseeds = nseeds};
  open_record(&r);
  for (r.seed = 0; r.seed < nseeds; r.seed++) {
    ens_sampler_config config = {.nwalkers = r.nwalkers,
                                 .seed = r.seed + 1,
                                 .nsplits = 2,
                                 .randomize_split = true,
                                 .nmoves = size_of(&j->mixture),
                                 .move = move,
                                 .weight = j->mixture.weight,
                                 .tune = j->mixture.tune,
                                 .now = ens_clock_now};
    r.row = 0;
    sample(&config, &r, ROWS * r.thin);
  }
  double z = largest_z(&r);
  free(r.value);
  return z;
}

static double z_of_mixture(const job *j, size_t nseeds) {
  ens_move *move[MOST_MOVES];
  size_t n = size_of(&j->mixture);
  for (size_t i = 0; i < n; i++) move[i] = make_move(j->mixture.name[i], j->ndim);
  double z = z_of(j, move, nseeds);
  for (size_t i = 0; i < n; i++) move[i]->ops->destroy(move[i]);
  return z;
}

static double z_of_mistake(const job *j, size_t nseeds) {
  const move_case *c = j->mistake->move;
  ens_move *inner = make(c->kind, c->value);
  ens_move_ops ops = *inner->ops;
  plant(&ops, j->mistake->propose);
  wrong planted = {{.ops = &ops}, inner};
  double z = z_of(j, (ens_move *[]){&planted.base}, nseeds);
  inner->ops->destroy(inner);
  return z;
}

/* ---- all jobs, on all processors ---- */

/* Under a sanitizer everything takes ten times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool with_all = false;
#else
static const bool with_all = true;
#endif
static size_t nseeds = 2; /* ten or more: also ten dimensions */
static int nwords;
static char **words; /* only jobs whose label has all these words */

static const char *label_of(const job *j, char *label, size_t size) {
  int at = snprintf(label, size, "%s", j->mixture.name[0]);
  for (size_t i = 1; i < size_of(&j->mixture); i++)
    at += snprintf(label + at, size - (size_t)at, " + %s", j->mixture.name[i]);
  snprintf(label + at, size - (size_t)at, "%s%s; %s in %zu-D", j->mixture.tune ? ", tuned" : "",
           j->mistake ? ", wrong" : "", j->law->name, j->ndim);
  return label;
}

static bool is_asked_for(const char *label) {
  for (int i = 0; i < nwords; i++)
    if (!strstr(label, words[i])) return false;
  return true;
}

static bool does(const job *j) {
  char label[256];
  if (!is_asked_for(label_of(j, label, sizeof label))) return true;
  double z = j->mistake ? z_of_mistake(j, 20) : z_of_mixture(j, nseeds);
  bool right =
      j->mistake ? !(z <= LIMIT) : z < LIMIT; /* NaN: the chain is so far off that an indicator never changed */
  if (nwords || getenv("UNIT_VERBOSE")) printf("%s: z = %.2f\n", label, z), fflush(stdout);
  if (!right) fprintf(stderr, "%s: z = %.2f\n", label, z);
  return right && !unit_bad;
}

/* Variants add little in ten dimensions, where jobs take long. */
static bool is_variant(const char *name) {
  static const char *const variants[] = {"slice, few steps", "de, jumps and jitter", "walk, s = 2", "kde, bw = 0.7",
                                         "gaussian, factor"};
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    if (strcmp(name, variants[i]) == 0) return true;
  return false;
}

static size_t list_of_law(const law *t, size_t ndim, job *jobs) {
  size_t n = 0;
  for (size_t c = 0; c < CASES; c++)
    if (ndim < MOST_DIM || !is_variant(cases[c].name)) jobs[n++] = (job){t, ndim, of_case(c, t, ndim), NULL};
  for (size_t m = 0; m < MIXTURES; m++) jobs[n++] = (job){t, ndim, mixtures[m], NULL};
  return n;
}

static size_t list_jobs(job *jobs) {
  size_t n = 0;
  for (size_t i = 0; i < LAWS; i++) {
    if (with_all) n += list_of_law(&laws[i], 1, jobs + n);
    n += list_of_law(&laws[i], 3, jobs + n);
    if (with_all && nseeds >= 10) n += list_of_law(&laws[i], MOST_DIM, jobs + n);
  }
  return n;
}

static size_t list_mistakes(job *jobs) {
  static mistake mistakes[MISTAKES];
  mistakes[0] = (mistake){find_case("stretch"), power_propose};
  mistakes[1] = (mistake){find_case("snooker"), power_propose};
  mistakes[2] = (mistake){find_case("kde"), no_factor_propose};
  for (size_t i = 3; i < MISTAKES; i++) mistakes[i] = (mistake){&delayed_cases[i - 3], NULL};
  for (size_t i = 0; i < MISTAKES; i++) jobs[i] = (job){&laws[0], 3, {{mistakes[i].move->name}, {1}, 0}, &mistakes[i]};
  return MISTAKES;
}

/* Runs every n-th job in a process of its own. */
static pid_t begin_share(const job *jobs, size_t njobs, size_t share, size_t nshares) {
  fflush(NULL);
  pid_t child = fork();
  if (child) return child;
  bool right = true;
  for (size_t i = share; i < njobs; i += nshares) right &= does(&jobs[i]);
  fflush(NULL);
  _exit(!right);
}

static void do_jobs(const job *jobs, size_t njobs) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  size_t nshares = online < 1 ? 1 : online > 16 ? 16 : (size_t)online;
  pid_t child[16];
  for (size_t i = 0; i < nshares; i++) child[i] = begin_share(jobs, njobs, i, nshares);
  for (size_t i = 0; i < nshares; i++) {
    int status = -1;
    CHECK(child[i] > 0 && waitpid(child[i], &status, 0) == child[i] && status == 0);
  }
}

TEST(every_move_is_stationary) {
  static job jobs[LAWS * 3 * (CASES + MIXTURES)];
  do_jobs(jobs, list_jobs(jobs));
}

TEST(mistakes_are_found) {
  job jobs[MISTAKES];
  do_jobs(jobs, list_mistakes(jobs));
}

int main(int argc, char **argv) {
  if (argc > 1) nseeds = strtoul(argv[1], NULL, 10);
  nwords = argc > 2 ? argc - 2 : 0;
  words = argv + 2;
  RUN(every_move_is_stationary);
  RUN(mistakes_are_found);
  return unit_report();
}
