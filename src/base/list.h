/* Lists of texts, mostly names of parameters: an array of malloc'ed texts and its length, both kept by the owner. */
#ifndef ENS_BASE_LIST_H
#define ENS_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Frees the texts and the array. NULL is fine, as a list and as a text in it. */
void ens_list_free(char **list, size_t count);
/* A copy, which the caller frees with ens_list_free; never NULL for an empty list. NULL: no memory. */
char **ens_list_copy(const char *const *list, size_t count);
/* Appends `text`, which the list takes, to *list. False: no memory, or `text` is NULL; the text is freed and the list
 * stays as it was. */
bool ens_list_add(char ***list, size_t *count, char *text);

#endif
