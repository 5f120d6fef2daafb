/* One function for each table; the keys here are the keys of the JSON. */
#include "script/control/results.h"

#include <math.h>
#include <stdio.h>

#include "script/value/push.h"

static void push_parameter(lua_State *L, const ens_summary_parameter *p, const char *name) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, 0, 14);
  ens_push_text_field(L, "name", name);
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
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) ens_push_number_field(L, rows[i].key, rows[i].value);
}

void ens_results_push_summary(lua_State *L, const ens_summary *summary, char *const *parameters) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, 0, 8);
  ens_push_count_field(L, "steps", summary->steps);
  ens_push_count_field(L, "discard", summary->discard);
  ens_push_count_field(L, "thin", summary->thin);
  ens_push_flag_field(L, "converged", summary->converged);
  lua_createtable(L, 0, 3);
  ens_push_number_field(L, "mean", summary->acceptance_mean);
  ens_push_number_field(L, "min", summary->acceptance_min);
  ens_push_number_field(L, "max", summary->acceptance_max);
  lua_setfield(L, -2, "acceptance_fraction");
  lua_createtable(L, 0, 2);
  ens_push_number_field(L, "max", summary->log_prob_max);
  ens_push_number_field(L, "mean", summary->log_prob_mean);
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
  ENS_STACK(L, -0, +1);
  lua_createtable(L, 0, 5);
  ens_push_number_field(L, "wall_s", info->wall_s);
  ens_push_number_field(L, "model_s", info->model_s);
  ens_push_count_field(L, "workers", info->workers);
  ens_push_count_field(L, "ranks", info->ranks);
  double capacity = (double)info->workers * info->wall_s;
  ens_push_number_field(L, "efficiency", info->model_s / capacity); /* NaN, which becomes null, before any evaluation */
}

static void push_workers(lua_State *L, const ens_run_info *info) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, (int)info->nworkers, 0);
  for (size_t i = 0; i < info->nworkers; i++) {
    lua_createtable(L, 0, 5);
    ens_push_count_field(L, "rank", info->worker[i].rank);
    ens_push_count_field(L, "worker", info->worker[i].worker);
    if (*info->worker[i].host) ens_push_text_field(L, "host", info->worker[i].host);
    ens_push_count_field(L, "evaluations", info->worker[i].evaluations);
    ens_push_number_field(L, "busy_s", info->worker[i].busy_s);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_moves(lua_State *L, const ens_run_info *info) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, (int)info->moves.n, 0);
  for (size_t i = 0; i < info->moves.n; i++) {
    const ens_move_stats *move = &info->moves.move[i];
    lua_createtable(L, 0, 4);
    ens_push_text_field(L, "move", move->name);
    ens_push_number_field(L, "weight", move->weight);
    ens_push_count_field(L, "proposed", move->proposed);
    ens_push_number_field(L, "acceptance_fraction",
                          move->proposed ? (double)move->accepted / (double)move->proposed : NAN);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* Pushes nil if nothing was sent: the run has one process, or is read from its store. */
static void push_traffic(lua_State *L, const ens_job_traffic *traffic) {
  ENS_STACK(L, -0, +1);
  if (!traffic->proposals && !traffic->data) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, 0, 3);
  ens_push_count_field(L, "proposals", traffic->proposals);
  ens_push_count_field(L, "results", traffic->results);
  ens_push_count_field(L, "data", traffic->data);
}

void ens_results_push_info(lua_State *L, const ens_run_info *info) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, 0, 14);
  ens_push_count_field(L, "steps", info->steps);
  ens_push_count_field(L, "walkers", info->nwalkers);
  ens_push_count_field(L, "ndim", info->ndim);
  ens_push_names(L, info->parameters, info->ndim);
  lua_setfield(L, -2, "parameters");
  ens_push_text_field(L, "status", info->status);
  char seed[24]; /* digits, because not every engine's numbers hold 64 bits */
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)info->seed);
  ens_push_text_field(L, "seed", seed);
  ens_push_text_field(L, "engine", info->engine);
  ens_push_text_field(L, "version", info->version);
  ens_push_number_field(L, "acceptance_fraction", info->acceptance_fraction);
  ens_push_count_field(L, "evaluations", info->evaluations);
  ens_push_count_field(L, "errors", info->errors);
  ens_push_count_field(L, "nans", info->nans);
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
