#include "run/fields.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "name=fingerprint@file;", the file where it is known. */
typedef struct data_field {
  const char *name, *fingerprint, *file;
  size_t name_size, fingerprint_size, file_size;
} data_field;

/* The entry at *at, which goes on behind it; false: there is none. */
static bool next_field(const char **at, data_field *out) {
  const char *entry = *at;
  size_t size = strcspn(entry, ";\"");
  *out = (data_field){.name = entry, .name_size = strcspn(entry, "=;\"")};
  if (out->name_size >= size) return false;
  out->fingerprint = entry + out->name_size + 1;
  out->fingerprint_size = strcspn(out->fingerprint, "@;\"");
  out->file = out->fingerprint + out->fingerprint_size;
  if (*out->file == '@') out->file_size = strcspn(++out->file, ";\"");
  *at = entry + size + (entry[size] == ';');
  return true;
}

static const char *fields_of(const char *extra) {
  static const char key[] = "\"fields\":\"";
  const char *at = extra ? strstr(extra, key) : NULL;
  return at ? at + strlen(key) : NULL;
}

static bool is_same(const char *a, size_t a_size, const char *b, size_t b_size) {
  return a_size == b_size && memcmp(a, b, a_size) == 0;
}

static bool find(const char *fields, const data_field *wanted, data_field *out) {
  while (next_field(&fields, out))
    if (is_same(out->name, out->name_size, wanted->name, wanted->name_size)) return true;
  return false;
}

static void write_field(FILE *to, const data_field *field, const char *what) {
  fprintf(to, "%s data.%.*s%s", ftell(to) ? "," : ":", (int)field->name_size, field->name, what);
  if (field->file_size) fprintf(to, " (%.*s)", (int)field->file_size, field->file);
}

static void write_differences(FILE *to, const char *stored, const char *wanted) {
  data_field field, other;
  for (const char *at = wanted; next_field(&at, &field);) {
    bool there = find(stored, &field, &other);
    if (there && is_same(field.fingerprint, field.fingerprint_size, other.fingerprint, other.fingerprint_size))
      continue;
    write_field(to, &field, there ? "" : " is new");
  }
  for (const char *at = stored; next_field(&at, &field);)
    if (!find(wanted, &field, &other)) write_field(to, &field, " is gone");
}

char *ens_run_fields_differ(const char *stored, const char *wanted) {
  const char *before = fields_of(stored), *now = fields_of(wanted);
  char *out = NULL;
  size_t size;
  FILE *to = before && now ? open_memstream(&out, &size) : NULL;
  if (!to) return NULL;
  write_differences(to, before, now);
  fclose(to);
  return out;
}
