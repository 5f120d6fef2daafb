/* The normal quantile against the distribution function. */
#include "base/probit.h"
#include "unit.h"

static double distribution(double z) {
  return 0.5 * erfc(-z / sqrt(2.0));
}

TEST(known_quantiles) {
  CHECK_NEAR(ens_probit(0.975), 1.9599639845400542355, 4e-15);
  CHECK_NEAR(ens_probit(0.8413447460685429486), 1.0, 4e-15);
  CHECK_NEAR(ens_probit(1e-3), -3.0902323061678135415, 6e-15);
  CHECK_NEAR(ens_probit(1e-10), -6.3613409024040562047, 2e-14);
  CHECK(ens_probit(0.5) == 0.0);
}

TEST(it_inverts_the_distribution) {
  for (double z = -37.0; z < 0.0; z += 0.01) CHECK_NEAR(ens_probit(distribution(z)), z, 1e-13 * fabs(z) + 1e-14);
  for (double z = 0.0; z < 5.0; z += 0.01) CHECK_NEAR(ens_probit(distribution(z)), z, 1e-9);
}

TEST(it_increases_and_is_odd) {
  for (int i = 1; i < 2000; i++) {
    double p = i / 4001.0;
    CHECK(ens_probit(p) < ens_probit((i + 1) / 4001.0));
    CHECK_NEAR(ens_probit(1.0 - p), -ens_probit(p), 1e-12);
  }
}

TEST(ends_and_nonsense) {
  CHECK(ens_probit(0.0) < 0 && isinf(ens_probit(0.0)));
  CHECK(ens_probit(1.0) > 0 && isinf(ens_probit(1.0)));
  CHECK(isnan(ens_probit(-0.1)) && isnan(ens_probit(1.1)) && isnan(ens_probit(NAN)));
  CHECK(ens_probit(5e-324) < -38.0 && isfinite(ens_probit(5e-324)));
}

int main(void) {
  RUN(known_quantiles);
  RUN(it_inverts_the_distribution);
  RUN(it_increases_and_is_odd);
  RUN(ends_and_nonsense);
  return unit_report();
}
