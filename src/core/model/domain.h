/* Where a model's parameters may be: within bounds, or on a circle. The value of a periodic parameter is kept in
 * [low, high), and its density is taken to go on from high at low.
 *
 * Why moves stay exact. With the partners given, a step that does not depend on x and is as likely as its opposite (de,
 * side, walk, gaussian) is so on a circle, too: the ways from x to y round the circle are the opposites of those from y
 * to x. Differences between partners may then be taken the short way, since they do not depend on x either.
 * A move that scales about a partner c or draws from a density on the line (stretch, snooker, kde) is not: from y, once
 * wrapped, c is seen elsewhere. It is made in the cell around c, half a period to each side, where every point of the
 * circle is just once, and what leaves the cell is refused: that is the ordinary move, whose target is 0 outside the
 * cell. */
#ifndef ENS_CORE_MODEL_DOMAIN_H
#define ENS_CORE_MODEL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ens_domain {
  size_t ndim;
  double *low, *high; /* [ndim] bounds, which are allowed themselves; -inf and inf: none */
  bool *periodic;     /* [ndim] */
  bool any_periodic;
} ens_domain;

ens_domain *ens_domain_create(size_t ndim);  /* without bounds; NULL: no memory */
void ens_domain_destroy(ens_domain *domain); /* NULL is fine */

/* Brings periodic parameters into [low, high); a value that is there stays as it is. */
void ens_domain_wrap(const ens_domain *domain, double *x);
/* Whether x, which is wrapped, is within the bounds. NaN is not. */
bool ens_domain_holds(const ens_domain *domain, const double *x);
/* x with its periodic parameters moved by whole periods to within half a period of those of c. */
void ens_domain_unwrap(const ens_domain *domain, const double *c, const double *x, double *out);
/* Whether they are. */
bool ens_domain_is_near(const ens_domain *domain, const double *c, const double *x);
/* The angle in radians of x, a value of the periodic parameter d, 0 at low; and the value at an angle, not wrapped. */
double ens_domain_angle(const ens_domain *domain, size_t d, double x);
double ens_domain_at_angle(const ens_domain *domain, size_t d, double angle);

#endif
