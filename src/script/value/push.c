#include "script/value/push.h"

#include <math.h>
#include <stdio.h>

void ens_push_names(lua_State *L, char *const *names, size_t n) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

void ens_push_numbers(lua_State *L, const double *numbers, size_t n) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, numbers[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void set_number(lua_State *L, const char *key, double number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, key);
}

static void set_text(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

static void set_count(lua_State *L, const char *key, uint64_t count) {
  lua_pushinteger(L, (lua_Integer)count);
  lua_setfield(L, -2, key);
}

static void push_parameter(lua_State *L, const ens_summary_parameter *p, const char *name) {
  lua_createtable(L, 0, 14);
  set_text(L, "name", name);
  const struct {
    const char *key;
    double value;
  } rows[] = {{"mean", p->mean},         {"sd", p->sd},
              {"q05", p->q05},           {"q16", p->q16},
              {"q50", p->q50},           {"q84", p->q84},
              {"q95", p->q95},           {"tau", p->tau},
              {"ess", p->ess},           {"ess_bulk", p->ess_bulk},
              {"ess_tail", p->ess_tail}, {"mcse_mean", p->mcse_mean},
              {"rhat", p->rhat}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) set_number(L, rows[i].key, rows[i].value);
}

void ens_results_push_summary(lua_State *L, const ens_summary *summary, char *const *parameters) {
  lua_createtable(L, 0, 8);
  set_count(L, "steps", summary->steps);
  set_count(L, "discard", summary->discard);
  set_count(L, "thin", summary->thin);
  lua_pushboolean(L, summary->converged);
  lua_setfield(L, -2, "converged");
  lua_createtable(L, 0, 3);
  set_number(L, "mean", summary->acceptance_mean);
  set_number(L, "min", summary->acceptance_min);
  set_number(L, "max", summary->acceptance_max);
  lua_setfield(L, -2, "acceptance_fraction");
  lua_createtable(L, 0, 2);
  set_number(L, "max", summary->log_prob_max);
  set_number(L, "mean", summary->log_prob_mean);
  lua_setfield(L, -2, "log_prob");
  lua_createtable(L, (int)summary->ndim, 0);
  for (size_t d = 0; d < summary->ndim; d++) {
    push_parameter(L, &summary->parameter[d], parameters[d]);
    lua_rawseti(L, -2, (int)d + 1);
  }
  lua_setfield(L, -2, "parameters");
  ens_push_names(L, summary->warning, summary->nwarnings);
  lua_setfield(L, -2, "warnings");
}

static void push_timing(lua_State *L, const ens_run_info *info) {
  lua_createtable(L, 0, 5);
  set_number(L, "wall_s", info->wall_s);
  set_number(L, "model_s", info->model_s);
  set_count(L, "workers", info->workers);
  set_count(L, "ranks", info->ranks);
  double capacity = (double)info->workers * info->wall_s;
  set_number(L, "efficiency", info->model_s / capacity); /* NaN, then null, before anything ran */
}

static void push_workers(lua_State *L, const ens_run_info *info) {
  lua_createtable(L, (int)info->nworkers, 0);
  for (size_t i = 0; i < info->nworkers; i++) {
    lua_createtable(L, 0, 5);
    set_count(L, "rank", info->worker[i].rank);
    set_count(L, "worker", info->worker[i].worker);
    if (*info->worker[i].host) set_text(L, "host", info->worker[i].host);
    set_count(L, "evaluations", info->worker[i].evaluations);
    set_number(L, "busy_s", info->worker[i].busy_s);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_moves(lua_State *L, const ens_run_info *info) {
  lua_createtable(L, (int)info->nmoves, 0);
  for (size_t i = 0; i < info->nmoves; i++) {
    const ens_run_move_stats *move = &info->move[i];
    lua_createtable(L, 0, 4);
    set_text(L, "move", move->name);
    set_number(L, "weight", move->weight);
    set_count(L, "proposed", move->proposed);
    set_number(L, "acceptance_fraction", move->proposed ? (double)move->accepted / (double)move->proposed : NAN);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* nil where nothing was sent: a process alone, or a run that is read from its store. */
static void push_traffic(lua_State *L, const ens_job_traffic *traffic) {
  if (!traffic->proposals && !traffic->data) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, 0, 3);
  set_count(L, "proposals", traffic->proposals);
  set_count(L, "results", traffic->results);
  set_count(L, "data", traffic->data);
}

void ens_results_push_info(lua_State *L, const ens_run_info *info) {
  lua_createtable(L, 0, 14);
  set_count(L, "steps", info->steps);
  set_count(L, "walkers", info->nwalkers);
  set_count(L, "ndim", info->ndim);
  ens_push_names(L, info->parameters, info->ndim);
  lua_setfield(L, -2, "parameters");
  set_text(L, "status", info->status);
  char seed[24]; /* digits: not every engine's numbers hold 64 bits */
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)info->seed);
  set_text(L, "seed", seed);
  set_text(L, "engine", info->engine);
  set_text(L, "version", info->version);
  set_number(L, "acceptance_fraction", info->acceptance_fraction);
  set_count(L, "evaluations", info->evaluations);
  set_count(L, "errors", info->errors);
  set_count(L, "nans", info->nans);
  push_timing(L, info);
  lua_setfield(L, -2, "timing");
  push_workers(L, info);
  lua_setfield(L, -2, "per_worker");
  push_traffic(L, &info->traffic);
  lua_setfield(L, -2, "traffic");
  ens_push_names(L, info->warning, info->nwarnings);
  lua_setfield(L, -2, "warnings");
  push_moves(L, info);
  lua_setfield(L, -2, "moves");
}
