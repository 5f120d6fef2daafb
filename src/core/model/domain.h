/* The values that a model's parameters may take: intervals or circles. A periodic parameter is kept in [low, high), and
 * its density continues from high at low.
 *
 * Why moves stay exact. Given the partners, the step of de, side, walk and gaussian does not depend on x and is as
 * likely as its opposite. This is so on a circle, too: the ways from x to y round the circle are the opposites of those
 * from y to x. Differences between partners may be taken the short way round, since they do not depend on x either.
 *
 * A move that scales about a partner c or draws from a density on the line (stretch, snooker, kde) is different: seen
 * from y, once y is wrapped, c is elsewhere. Such a move is made in the cell around c, half a period to each side,
 * which holds every point of the circle just once. Proposals outside the cell are rejected: this is the ordinary move,
 * for a target that is 0 outside the cell. */
#ifndef ENS_CORE_MODEL_DOMAIN_H
#define ENS_CORE_MODEL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ens_domain {
  size_t ndim;
  double *low, *high; /* [ndim] bounds, themselves allowed; -inf and inf: none */
  bool *periodic;     /* [ndim] */
  bool any_periodic;
} ens_domain;

ens_domain *ens_domain_create(size_t ndim);  /* without bounds; NULL: no memory */
void ens_domain_destroy(ens_domain *domain); /* NULL is fine */

/* Brings periodic parameters into [low, high). A value that is already there does not change. */
void ens_domain_wrap(const ens_domain *domain, double *x);
/* Whether the wrapped position x is within the bounds. NaN is not. */
bool ens_domain_holds(const ens_domain *domain, const double *x);
/* Copies x and shifts its periodic parameters by whole periods to within half a period of those of c. */
void ens_domain_unwrap(const ens_domain *domain, const double *c, const double *x, double *out);
/* Whether the periodic parameters of x are within half a period of those of c. */
bool ens_domain_is_near(const ens_domain *domain, const double *c, const double *x);
/* The angle in radians of the value x of the periodic parameter d, 0 at low; and the value at an angle, not wrapped. */
double ens_domain_angle(const ens_domain *domain, size_t d, double x);
double ens_domain_at_angle(const ens_domain *domain, size_t d, double angle);

#endif
