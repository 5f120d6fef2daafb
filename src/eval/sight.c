#include "eval/sight.h"

/* Without a timeout a user wants to know of what is stuck, not of what is slow. */
static const double long_seconds = 60, long_factor = 20;
/* An interrupted evaluation gets this long to end, by code that Lua cannot interrupt. */
static const double grace_seconds = 1, grace_factor = 1;

static ens_alarm judge(const ens_sight *sight, double seconds, double usual, double timeout, bool interruptible) {
  if (timeout <= 0) {
    bool is_long = seconds > long_seconds && seconds > long_factor * usual;
    return is_long ? ENS_ALARM_LONG : ENS_ALARM_NONE;
  }
  if (seconds <= timeout) return ENS_ALARM_NONE;
  if (interruptible && sight->raised < ENS_ALARM_INTERRUPT) return ENS_ALARM_INTERRUPT;
  double limit = timeout * (1 + grace_factor) + grace_seconds;
  return !interruptible || seconds > limit ? ENS_ALARM_STUCK : sight->raised;
}

ens_alarm ens_sight_see(ens_sight *sight, uint64_t serial, size_t at, double now, double usual, double timeout,
                        bool interruptible) {
  if (sight->serial != serial || sight->at != at) {
    *sight = (ens_sight){.serial = serial, .at = at, .since = now};
    return ENS_ALARM_NONE;
  }
  ens_alarm alarm = serial ? judge(sight, now - sight->since, usual, timeout, interruptible) : ENS_ALARM_NONE;
  if (alarm == ENS_ALARM_NONE || alarm == sight->raised) return ENS_ALARM_NONE;
  sight->raised = alarm;
  return alarm;
}

double ens_sight_period(double timeout) {
  if (timeout <= 0 || timeout > 4) return 1;
  return timeout < 0.04 ? 0.01 : timeout / 4;
}
