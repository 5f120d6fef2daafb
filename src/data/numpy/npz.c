/* Each member of the archive that is a .npy file becomes a node by its stem; others are skipped. */
#include "data/numpy/npz.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "data/excerpt.h"
#include "data/numpy/npy.h"
#include "data/numpy/zip.h"

static size_t stem(const char *name) {
  size_t length = strlen(name);
  return length > 4 && strcmp(name + length - 4, ".npy") == 0 ? length - 4 : length;
}

static ens_status read_bytes(const ens_zip *zip, const ens_zip_member *member, ens_content *content, size_t begin,
                             ens_node *out, ens_error *error) {
  char shown[ENS_EXCERPT_SIZE], name[PATH_MAX + ENS_EXCERPT_SIZE + 4];
  if (!ens_npy_begins(content->bytes + begin, member->size))
    return ens_node_leave_out(out, error, "is not a .npy file");
  snprintf(name, sizeof name, "%s: %s", zip->path, ens_excerpt(shown, member->name, strlen(member->name)));
  return ens_npy_read_part(&(ens_npy_part){name, content, begin, member->size}, out, error);
}

static ens_status read_member(const ens_zip *zip, const ens_zip_member *member, ens_node *table, ens_error *error) {
  ens_content *content;
  ens_node *node;
  size_t begin;
  ens_status status = ens_zip_unpack(zip, member, &content, &begin, error);
  if (status) return status;
  status = ens_node_add(table, member->name, stem(member->name), &node, error);
  if (!status) status = read_bytes(zip, member, content, begin, node, error);
  ens_content_release(content);
  return status;
}

/* The error for an archive without arrays, or without arrays that can be read. */
static ens_status complain_empty(const char *path, const ens_node *table, ens_error *error) {
  if (table->nchildren == 0) return ens_error_set(error, ENS_CONFIG, "%s: there is no array in it", path);
  const ens_node *first = &table->child[0];
  char shown[ENS_EXCERPT_SIZE];
  return ens_error_set(error, ENS_CONFIG, "%s: there is no array of numbers in it: '%s' %s", path,
                       ens_excerpt(shown, first->name, strlen(first->name)),
                       first->reason ? first->reason : "has no numbers");
}

static ens_status check_table(const char *path, const ens_node *table, ens_error *error) {
  const char *twice;
  char shown[ENS_EXCERPT_SIZE];
  ens_status status = ens_node_find_twin(table, &twice, error);
  if (status) return status;
  if (twice)
    return ens_error_set(error, ENS_CONFIG, "%s: two members have the name '%s'", path,
                         ens_excerpt(shown, twice, strlen(twice)));
  return ens_node_has_numbers(table) ? ENS_OK : complain_empty(path, table, error);
}

ens_status ens_npz_read(const char *path, ens_node *out, ens_error *error) {
  ens_zip zip;
  *out = (ens_node){.entries = "array"};
  ens_status status = ens_zip_open(path, &zip, error);
  for (size_t i = 0; !status && i < zip.nmembers; i++) status = read_member(&zip, &zip.member[i], out, error);
  if (!status) status = check_table(path, out, error);
  ens_zip_close(&zip);
  if (status) ens_node_clear(out);
  return status;
}
