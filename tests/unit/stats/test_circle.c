/* A chain on circles, read on lines: its summary is that of the numbers before wrapping. */
#include "stats/circle.h"

#include <math.h>
#include <stdlib.h>

#include "scarce.h"
#include "stats/summary_fixture.h"

enum { STEPS = 900, WALKERS = 6, DIMS = 3 };

static const double low = 10, high = 12;

static ens_domain *circle_in(size_t d) {
  ens_domain *domain = ens_domain_create(DIMS);
  domain->low[d] = low;
  domain->high[d] = high;
  domain->periodic[d] = domain->any_periodic = true;
  return domain;
}

/* Numbers within 0.8 of `at`; parameter 1 is wrapped into the circle. */
static record make_wrapped(double at, const ens_domain *domain) {
  record m = make(STEPS, WALKERS, DIMS, 0.3);
  for (size_t i = 0; i < STEPS * WALKERS; i++) {
    m.x[i * DIMS + 1] += at;
    if (domain) ens_domain_wrap(domain, m.x + i * DIMS);
  }
  return m;
}

static ens_summary summarise_open(const record *m, const ens_domain *domain) {
  ens_memory_chain *memory = store(m);
  ens_chain *open;
  ens_summary summary;
  CHECK(ens_circle_open(ens_memory_chain_chain(memory), domain, &open, NULL) == ENS_OK);
  CHECK(ens_summary_compute(open, &(ens_summary_request){names, 100, 1, NULL}, &summary, NULL) == ENS_OK);
  open->ops->destroy(open);
  ens_memory_chain_destroy(memory);
  return summary;
}

static void check_same(double a, double b) {
  CHECK(fabs(a - b) <= 1e-9 * (1 + fabs(b)));
}

/* The two differ by `turns` periods. */
static void check_parameter(const ens_summary_parameter *a, const ens_summary_parameter *b, double turns) {
  double shift = turns * (high - low);
  check_same(a->mean + shift, b->mean);
  check_same(a->sd, b->sd);
  check_same(a->q05 + shift, b->q05);
  check_same(a->q50 + shift, b->q50);
  check_same(a->q95 + shift, b->q95);
  check_same(a->tau, b->tau);
  check_same(a->ess, b->ess);
}

/* For draws at any place of the circle the mean direction is in [low, high). */
TEST(a_circle_is_summarised_as_its_line) {
  for (double at = low - 2; at < high + 2.05; at += 0.1) {
    ens_domain *domain = circle_in(1);
    record line = make_wrapped(at, NULL), wrapped = make_wrapped(at, domain);
    ens_summary a = summarise(&line, 100, 1), b = summarise_open(&wrapped, domain);
    double turns = round((b.parameter[1].mean - a.parameter[1].mean) / (high - low));
    check_parameter(&a.parameter[1], &b.parameter[1], turns);
    CHECK(b.parameter[1].mean >= low - 0.2 && b.parameter[1].mean <= high + 0.2);
    check_parameter(&a.parameter[0], &b.parameter[0], 0);
    check_parameter(&a.parameter[2], &b.parameter[2], 0);
    ens_summary_free(&a);
    ens_summary_free(&b);
    unmake(&line);
    unmake(&wrapped);
    ens_domain_destroy(domain);
  }
}

TEST(without_a_circle_the_chain_is_read_as_it_is) {
  ens_domain *bounds = ens_domain_create(DIMS);
  record m = make_wrapped(11.9, NULL);
  for (int k = 0; k < 2; k++) {
    ens_summary a = summarise(&m, 100, 1), b = summarise_open(&m, k ? bounds : NULL);
    for (size_t d = 0; d < DIMS; d++) CHECK(a.parameter[d].mean == b.parameter[d].mean);
    ens_summary_free(&a);
    ens_summary_free(&b);
  }
  unmake(&m);
  ens_domain_destroy(bounds);
}

#if SCARCE
TEST(scarce_memory_is_an_error) {
  ens_domain *domain = circle_in(1);
  record m = make_wrapped(low, domain);
  ens_memory_chain *memory = store(&m);
  ens_status status = ENS_MEMORY;
  long left = 0;
  for (; status && left < 20; left++) {
    ens_chain *open;
    scarce_left = left;
    status = ens_circle_open(ens_memory_chain_chain(memory), domain, &open, NULL);
    scarce_left = -1;
    CHECK(status == ENS_OK || status == ENS_MEMORY);
    if (!status) open->ops->destroy(open);
  }
  CHECK(status == ENS_OK && left > 3);
  ens_memory_chain_destroy(memory);
  unmake(&m);
  ens_domain_destroy(domain);
}
#endif

int main(void) {
  RUN(a_circle_is_summarised_as_its_line);
  RUN(without_a_circle_the_chain_is_read_as_it_is);
#if SCARCE
  RUN(scarce_memory_is_an_error);
#endif
  return unit_report();
}
