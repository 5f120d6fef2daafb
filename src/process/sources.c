/* A list of texts by path. Other ranks ask rank 0 for a file, and a resumed store answers for files that are gone. */
#include "process/sources.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

/* One text under one name. It never changes and lives as long as the process, so that lists are read without a lock. */
typedef struct source {
  struct source *next;
  const char *role; /* one of `roles` */
  char *name, *text;
  size_t size;
  atomic_bool reported; /* the user knows that it stands in for the file */
} source;

/* Newest first. `stored` is filled before there are workers. */
static struct {
  _Atomic(source *) noted;
  source *stored;
  ens_sources_asker *asker; /* NULL: files are read here */
} lists;

static const char *const roles[] = {"script", "model", "module", "model module"};

static const char *known_role(const char *role) {
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (strcmp(roles[i], role) == 0) return roles[i];
  return "module";
}

static void free_source(source *s) {
  if (!s) return;
  free(s->name);
  free(s->text);
  free(s);
}

static void free_list(source *list) {
  for (source *next; list; list = next) {
    next = list->next;
    free_source(list);
  }
}

static source *make_source(const char *role, const char *name, const char *text, size_t size) {
  source *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->role = known_role(role);
  s->name = strdup(name);
  s->text = malloc(size + 1);
  s->size = size;
  if (!s->name || !s->text) {
    free_source(s);
    return NULL;
  }
  memcpy(s->text, text, size);
  s->text[size] = '\0';
  return s;
}

static source *find(source *list, const char *role, const char *name) {
  for (; list; list = list->next)
    if (strcmp(list->name, name) == 0 && (!role || list->role == known_role(role))) return list;
  return NULL;
}

/* A file that is read again unchanged makes no second entry, except if two threads read it at the same time. */
static ens_status note(const char *role, const char *name, const char *text, size_t size, ens_error *error) {
  const source *old = find(atomic_load(&lists.noted), role, name);
  if (old && old->size == size && memcmp(old->text, text, size) == 0) return ENS_OK;
  source *s = make_source(role, name, text, size);
  if (!s) return ens_error_memory(error);
  s->next = atomic_load(&lists.noted);
  while (!atomic_compare_exchange_weak(&lists.noted, &s->next, s)) continue;
  return ENS_OK;
}

/* ---- reading ---- */

/* NULL with *number = errno, which is 0 if memory ran out. */
static char *read_file(const char *path, size_t *size, int *number) {
  struct stat about;
  FILE *file = fopen(path, "rb");
  *number = file ? 0 : errno;
  if (!file) return NULL;
  if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) *number = EISDIR;
  size_t room = 1 << 16, length = 0;
  char *text = *number ? NULL : malloc(room + 1);
  while (text && (length += fread(text + length, 1, room - length, file)) == room) {
    char *grown = realloc(text, (room *= 2) + 1);
    if (!grown) free(text);
    text = grown;
  }
  if (text && ferror(file)) *number = errno ? errno : EIO;
  fclose(file);
  if (*number) free(text);
  if (*number || !text) return NULL;
  text[ *size = length] = '\0';
  return text;
}

static void report(source *s, bool is_there) {
  if (atomic_exchange(&s->reported, true)) return;
  ens_process_note(is_there ? "%s has changed since the run was made: its stored text is used"
                            : "%s no longer exists: its stored text is used",
                   s->name);
}

/* ---- texts of another process ---- */

void ens_sources_ask(ens_sources_asker *ask) {
  lists.asker = ask;
}

void ens_sources_forget(void) {
  free_list(atomic_exchange(&lists.noted, NULL));
}

static ens_status ask_for(const char *role, const char *path, char **text, size_t *size, int *number,
                          ens_error *error) {
  const source *known = find(atomic_load(&lists.noted), NULL, path);
  if (!known) {
    ens_status status = lists.asker(path, text, size, number, error);
    return status || !*text ? status : note(role, path, *text, *size, error);
  }
  *number = 0;
  *size = known->size;
  *text = malloc(known->size + 1);
  if (!*text) return ens_error_memory(error);
  memcpy(*text, known->text, known->size + 1);
  return ENS_OK;
}

/* ---- reading, with stored texts ---- */

/* Replaces the text of a file by the stored text of that name, if they differ. */
static ens_status take_stored(source *s, char **text, size_t *size, int *number, ens_error *error) {
  bool same = *text && *size == s->size && memcmp(*text, s->text, s->size) == 0;
  if (same) return ENS_OK;
  report(s, *text != NULL);
  free(*text);
  *number = 0;
  *text = malloc(s->size + 1);
  if (!*text) return ens_error_memory(error);
  memcpy(*text, s->text, s->size + 1);
  *size = s->size;
  return ENS_OK;
}

ens_status ens_sources_read(const char *role, const char *path, char **text, size_t *size, int *number,
                            ens_error *error) {
  source *stored = find(lists.stored, NULL, path);
  *size = 0;
  *text = NULL;
  if (lists.asker) return ask_for(role, path, text, size, number, error);
  *text = read_file(path, size, number);
  ens_status status = *text || *number || stored ? ENS_OK : ens_error_memory(error);
  if (stored) status = take_stored(stored, text, size, number, error);
  if (!status && *text) status = note(role, path, *text, *size, error);
  if (status) {
    free(*text);
    *text = NULL;
  }
  return status;
}

static bool is_with_asker(const char *path) {
  char *text = NULL;
  size_t size;
  int number;
  ens_status status = ask_for("model module", path, &text, &size, &number, NULL);
  bool there = !status && text;
  free(text);
  return there;
}

bool ens_sources_has(const char *path) {
  if (lists.asker) return is_with_asker(path);
  return find(lists.stored, NULL, path) || access(path, R_OK) == 0;
}

/* ---- texts of a store ---- */

/* Whether `s` is the last text that was read under its name. */
static bool is_newest(source *list, const source *s) {
  return strcmp(s->role, "script") != 0 && find(list, s->role, s->name) == s;
}

static bool copy_source(ens_store_record_source *out, const source *s) {
  *out = (ens_store_record_source){strdup(s->role), strdup(s->name), strdup(s->text)};
  return out->role && out->name && out->text;
}

ens_status ens_sources_collect(ens_store_record *record, ens_error *error) {
  source *list = atomic_load(&lists.noted);
  size_t n = 0;
  for (const source *s = list; s; s = s->next) n += is_newest(list, s);
  record->source = calloc(n + 1, sizeof *record->source);
  if (!record->source) return ens_error_memory(error);
  record->nsources = n;
  bool fine = true;
  /* The list is newest first, and the store has the order of reading. */
  for (const source *s = list; s && fine; s = s->next)
    if (is_newest(list, s)) fine = copy_source(&record->source[--n], s);
  return fine ? ENS_OK : ens_error_memory(error);
}

void ens_sources_clear(ens_store_record *record) {
  for (size_t i = 0; i < record->nsources; i++) {
    free(record->source[i].role);
    free(record->source[i].name);
    free(record->source[i].text);
  }
  free(record->source);
  record->source = NULL;
  record->nsources = 0;
}

static bool stand_in(const char *role, const char *name, const char *text) {
  source *s = make_source(role, name, text, strlen(text));
  if (!s) return false;
  s->next = lists.stored;
  lists.stored = s;
  return true;
}

ens_status ens_sources_stand_in(const ens_store_record *record, ens_error *error) {
  bool fine = !record->script_name || !record->script || stand_in("script", record->script_name, record->script);
  for (size_t i = 0; fine && i < record->nsources; i++)
    fine = stand_in(record->source[i].role, record->source[i].name, record->source[i].text);
  return fine ? ENS_OK : ens_error_memory(error);
}

void ens_sources_free(void) {
  free_list(atomic_exchange(&lists.noted, NULL));
  free_list(lists.stored);
  lists.stored = NULL;
}
