/* The list of moves, the checks of their parameters, and the arithmetic that delayed rejection and slices share. */
#include "move/move.h"

#include <math.h>
#include <string.h>

const ens_move_kind *const ens_move_kinds[] = {&ens_move_stretch,  &ens_move_walk,  &ens_move_de,
                                               &ens_move_snooker,  &ens_move_side,  &ens_move_kde,
                                               &ens_move_gaussian, &ens_move_slice, NULL};

const ens_move_kind *ens_move_find(const char *name) {
  for (const ens_move_kind *const *kind = ens_move_kinds; *kind; kind++)
    if (strcmp((*kind)->name, name) == 0) return *kind;
  return NULL;
}

const char *ens_move_word(const ens_move_parameter *parameter, double value) {
  for (size_t i = 0; parameter->word && parameter->word[i]; i++)
    if (value == ENS_MOVE_WORD(i)) return parameter->word[i];
  return NULL;
}

ens_move_matrix ens_move_matrix_at(const double *value, size_t p) {
  const double *at = value + (size_t)value[p];
  return (ens_move_matrix){(size_t)at[0], (size_t)at[1], at + 2};
}

static bool in_range(const ens_move_parameter *parameter, double value) {
  if (parameter->covariance || ens_move_word(parameter, value)) return true;
  if (parameter->only_words || (parameter->whole && floor(value) != value)) return false;
  if (!(value <= parameter->max)) return false; /* NaN too */
  return parameter->exclusive ? value > parameter->min : value >= parameter->min;
}

ens_status ens_move_create(const ens_move_kind *kind, const double *value, ens_move **out, ens_error *error) {
  for (size_t i = 0; i < kind->nparameters; i++) {
    const ens_move_parameter *parameter = &kind->parameter[i];
    if (!in_range(parameter, value[i]))
      return ens_error_set(error, ENS_CONFIG, "move '%s': %s is %g: it must be %s %g and at most %g (%s)", kind->name,
                           parameter->name, value[i], parameter->exclusive ? "above" : "at least", parameter->min,
                           parameter->max, parameter->text);
  }
  ens_status status = kind->create(value, out, error);
  if (!status) (*out)->kind = kind;
  return status;
}

static size_t smallest_complement(size_t nwalkers, size_t nsplits) {
  return nwalkers - (nwalkers + nsplits - 1) / nsplits;
}

ens_status ens_move_check(const ens_move *move, size_t nwalkers, size_t nsplits, size_t ndim, ens_error *error) {
  const ens_move_kind *kind = move->kind;
  if (!kind) return ENS_OK;
  size_t least = kind->min_complement ? kind->min_complement(move, ndim) : move->ops->npartners(move, SIZE_MAX);
  size_t have = smallest_complement(nwalkers, nsplits), wanted = nwalkers;
  while (smallest_complement(wanted, nsplits) < least) wanted++;
  if (have < least)
    return ens_error_set(
        error, ENS_CONFIG,
        "move '%s' needs %zu walkers to propose from, and a walker has only %zu of the %zu outside its "
        "own set: give at least %zu walkers",
        kind->name, least, have, nwalkers, wanted);
  return kind->check ? kind->check(move, ndim, error) : ENS_OK;
}

/* The least acceptance fraction that tuning shortens steps for.
 *
 * On Gaussians the best fraction is 0.234 in many dimensions and 0.44 in one (Roberts, Gelman and Gilks 1997, Ann.
 * Appl. Probab. 7, 110). Our measurements of moves along a line agree with 0.44 in any number of dimensions, with a
 * flat optimum; the other moves are best near 0.25, also flat.
 *
 * If the step that is best on Gaussians is accepted less often, the target is bent or has edges. Around a bend, shorter
 * steps are accepted more often but do not get farther: tuned to 0.25, de and snooker took 2.4 times the evaluations of
 * their standard steps on a ring and on Rosenbrock's ridge, where 0.036 of de's proposals are accepted. With edges an
 * acceptance of 0.13 is best (Neal, Roberts and Yuen 2012, Ann. Appl. Probab. 22, 1880), and by their efficiency
 * l^2 exp(-l), with exp(-l) accepted, a fraction of 0.03 takes 1.5 times the evaluations. So tuning makes a step
 * shorter than the best step on Gaussians only if the acceptance fraction is below 0.03. */
static const double least = 0.03;

double ens_move_acceptance_lesson(double best, double length, bool accepted) {
  return (double)accepted - (length < 1 ? least : best);
}

double ens_move_log_rejection(double r) {
  return isnan(r) ? 0 : r >= 0 ? -INFINITY : log1p(-exp(r));
}

static size_t find(const size_t *index, size_t count, size_t wanted) {
  size_t i = 0;
  while (i < count && index[i] != wanted) i++;
  return i;
}

/* Algorithm P of Bentley and Floyd 1987 (Comm. ACM 30, 754): exactly `count` draws, and no table of all n. */
void ens_move_choose(ens_stream *stream, size_t n, size_t count, size_t *index) {
  for (size_t i = 0; i < count; i++) {
    size_t last = n - count + i, drawn = (size_t)ens_stream_below(stream, last + 1);
    size_t at = find(index, i, drawn);
    bool taken = at < i;
    size_t place = taken ? at + 1 : 0; /* after the taken one, or first */
    memmove(index + place + 1, index + place, (i - place) * sizeof *index);
    index[place] = taken ? last : drawn;
  }
}
