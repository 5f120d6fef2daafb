/* Two looks that see the same evaluation give a lower limit of its age. */
#include "eval/sight.h"

/* Without a timeout, users want to hear of an evaluation that is stuck, not of one that is slow. */
static const double long_seconds = 60, long_factor = 20;
/* After an interrupt, code that cannot be interrupted itself gets this long to end. */
static const double grace_seconds = 1, grace_factor = 1;

static ens_sight_alarm judge(const ens_sight *sight, double seconds, double usual, const ens_sight_limits *limits) {
  double timeout = limits->timeout;
  bool interruptible = limits->interruptible;
  if (timeout <= 0) {
    bool is_long = seconds > long_seconds && seconds > long_factor * usual;
    return is_long ? ENS_SIGHT_LONG : ENS_SIGHT_NONE;
  }
  if (seconds <= timeout) return ENS_SIGHT_NONE;
  if (interruptible && sight->raised < ENS_SIGHT_INTERRUPT) return ENS_SIGHT_INTERRUPT;
  double limit = timeout * (1 + grace_factor) + grace_seconds;
  return !interruptible || seconds > limit ? ENS_SIGHT_STUCK : sight->raised;
}

ens_sight_alarm ens_sight_see(ens_sight *sight, const ens_sight_look *look, const ens_sight_limits *limits) {
  if (sight->serial != look->serial || sight->at != look->at) {
    *sight = (ens_sight){.serial = look->serial, .at = look->at, .since = look->now};
    return ENS_SIGHT_NONE;
  }
  ens_sight_alarm alarm = look->serial ? judge(sight, look->now - sight->since, look->usual, limits) : ENS_SIGHT_NONE;
  if (alarm == ENS_SIGHT_NONE || alarm == sight->raised) return ENS_SIGHT_NONE;
  sight->raised = alarm;
  return alarm;
}

double ens_sight_period(double timeout) {
  if (timeout <= 0 || timeout > 4) return 1;
  return timeout < 0.04 ? 0.01 : timeout / 4;
}
