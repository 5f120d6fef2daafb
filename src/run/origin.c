/* Moves the texts out of the record that the store has read. */
#include "run/origin.h"

#include <stdlib.h>
#include <string.h>

#include "process/sources.h"
#include "store/store.h"

const char *ens_run_origin_status(const ens_store_info *info) {
  static const char *const names[] = {[ENS_RUN_RUNNING] = "running",
                                      [ENS_RUN_STOPPED] = "stopped",
                                      [ENS_RUN_FINISHED] = "finished",
                                      [ENS_RUN_FAILED] = "failed"};
  bool died = info->status == ENS_RUN_RUNNING && !info->live;
  return names[died ? ENS_RUN_STOPPED : info->status];
}

void ens_run_origin_free(ens_run_origin *origin) {
  char *texts[] = {origin->script_name, origin->script, origin->argv,  origin->folder,
                   origin->output,      origin->engine, origin->status};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
  *origin = (ens_run_origin){0};
}

static char *take(char **text) {
  char *taken = *text;
  *text = NULL;
  return taken;
}

ens_status ens_run_origin_read(const char *path, ens_run_origin *out, ens_error *error) {
  ens_store_info info;
  *out = (ens_run_origin){0};
  ens_status status = ens_store_info_read(path, &info, error);
  if (status) return status;
  if (info.status == ENS_RUN_FINISHED) ens_store_tidy(path);
  status = ens_sources_stand_in(&info.record, error);
  ens_store_record *record = &info.record;
  *out = (ens_run_origin){.script_name = take(&record->script_name),
                          .script = take(&record->script),
                          .argv = take(&record->argv),
                          .folder = take(&record->folder),
                          .output = take(&record->output),
                          .engine = take(&record->engine),
                          .status = strdup(ens_run_origin_status(&info)),
                          .steps = info.steps,
                          .base = info.base,
                          .target = info.target};
  if (!status && !out->status) status = ens_error_memory(error);
  ens_store_info_free(&info);
  if (status) ens_run_origin_free(out);
  return status;
}
