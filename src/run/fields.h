/* Which entries of a run's data have changed since a store was made. */
#ifndef ENS_RUN_FIELDS_H
#define ENS_RUN_FIELDS_H

/* ": data.line (line.csv), data.z is new" of two records' extra, whose "fields" are as ens_model's data_fields; NULL
 * where they do not tell, as in a store of an older program. The caller frees it. */
char *ens_run_fields_differ(const char *stored, const char *wanted);

#endif
