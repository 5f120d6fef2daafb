/* Frees the settings; everything else only reads them. */
#include "run/config.h"

#include <stdlib.h>

void ens_run_config_free_start(ens_run_config_start *start) {
  free(start->center);
  free(start->spread);
  free(start->positions);
  *start = (ens_run_config_start){0};
}

static void free_moves(ens_run_config_sampling *sampling) {
  for (size_t i = 0; i < sampling->nmoves; i++)
    if (sampling->move[i].made) sampling->move[i].made->ops->destroy(sampling->move[i].made);
  free(sampling->move);
}

void ens_run_config_free(ens_run_config *config) {
  free_moves(&config->sampling);
  ens_run_config_free_start(&config->start);
  free(config->output.path);
  free(config->output.journal);
  free(config->screen.progress);
  free(config->origin.folder);
  free(config->origin.output_name);
  free(config->origin.script_name);
  free(config->origin.script);
  free(config->origin.argv);
  *config = (ens_run_config){0};
}
