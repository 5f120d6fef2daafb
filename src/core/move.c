#include "core/move.h"

#include <string.h>

const ens_move_kind *const ens_move_kinds[] = {&ens_move_stretch, NULL};

const ens_move_kind *ens_move_find(const char *name) {
  for (const ens_move_kind *const *kind = ens_move_kinds; *kind; kind++)
    if (strcmp((*kind)->name, name) == 0) return *kind;
  return NULL;
}

static bool in_range(const ens_move_parameter *parameter, double value) {
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
  *out = kind->create(value);
  return *out ? ENS_OK : ens_error_memory(error);
}
