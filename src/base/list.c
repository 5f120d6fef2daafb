/* Adding grows the array by one; a failed copy frees what it has made. */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

void ens_list_free(char **list, size_t count) {
  for (size_t i = 0; list && i < count; i++) free(list[i]);
  free(list);
}

char **ens_list_copy(const char *const *list, size_t count) {
  char **copy = calloc(count + 1, sizeof *copy);
  for (size_t i = 0; copy && i < count; i++) {
    copy[i] = strdup(list[i]);
    if (copy[i]) continue;
    ens_list_free(copy, i);
    return NULL;
  }
  return copy;
}

bool ens_list_add(char ***list, size_t *count, char *text) {
  char **grown = text ? realloc(*list, (*count + 1) * sizeof *grown) : NULL;
  if (!grown) {
    free(text);
    return false;
  }
  grown[(*count)++] = text;
  *list = grown;
  return true;
}
