/* Small arrays go inside the bundle, large ones as its parts; views are gathered into rows first. */
#include "data/pack.h"

#include <stdlib.h>
#include <string.h>

static const size_t large_bytes = (size_t)64 << 10; /* an array of so many bytes becomes a part */

/* ---- arrays ---- */

static void put_shape(const ens_array *array, ens_bundle *out) {
  ens_bundle_put_count(out, array->rank);
  for (size_t k = 0; k < array->rank; k++) ens_bundle_put_count(out, array->shape[k]);
}

/* The number of the part with this memory; makes a new part if there is none. */
static size_t part_of_shared(const ens_shared *shared, ens_bundle *out) {
  for (size_t i = 0; i < out->nparts; i++)
    if (out->part[i].memory == shared->memory) return i;
  ens_bundle_part part = {.memory = shared->memory, .size = shared->size, .file = shared->file};
  return ens_bundle_put_part(out, &part);
}

static bool is_row_major(const ens_array *array) {
  size_t step = 1;
  for (size_t k = array->rank; k-- > 0; step *= array->shape[k])
    if (array->stride[k] != (ptrdiff_t)step) return false;
  return true;
}

/* Makes a part of the elements in row-major order: in their own memory, or in a copy. */
static size_t part_of_rows(const ens_array *array, size_t bytes, ens_bundle *out) {
  ens_bundle_part part = {.memory = array->data, .size = bytes, .file = -1};
  if (!is_row_major(array)) {
    double *copy = malloc(bytes);
    out->failed = out->failed || !copy;
    if (!copy) return 0;
    ens_array_gather(array, copy);
    part.memory = part.context = copy;
    part.release = free;
  }
  return ens_bundle_put_part(out, &part);
}

enum { INLINE = 'i', ROWS = 'r', SHARED = 's' };

static void put_inline(const ens_array *array, size_t bytes, ens_bundle *out) {
  double *copy = malloc(bytes + 1);
  out->failed = out->failed || !copy;
  if (copy) ens_array_gather(array, copy);
  if (copy) ens_bundle_put(out, copy, bytes);
  free(copy);
}

void ens_pack_array(const ens_array *array, ens_bundle *out) {
  size_t bytes = ens_array_size(array) * sizeof(double);
  ens_shared shared;
  bool is_shared = ens_array_shared(array, &shared);
  ens_bundle_put_count(out, bytes < large_bytes ? INLINE : is_shared ? SHARED : ROWS);
  put_shape(array, out);
  if (bytes < large_bytes) {
    put_inline(array, bytes, out);
  } else if (is_shared) {
    ens_bundle_put_count(out, part_of_shared(&shared, out));
    ens_bundle_put_count(out, (uint64_t)(array->data - (const double *)shared.memory));
    ens_bundle_put(out, array->stride, sizeof array->stride);
  } else {
    ens_bundle_put_count(out, part_of_rows(array, bytes, out));
  }
}

static ens_array *take_inline(const ens_array *form, ens_bundle *bundle) {
  ens_array *array = ens_array_create(form->rank, form->shape);
  if (array) ens_bundle_take(bundle, array->data, ens_array_size(array) * sizeof(double));
  return array;
}

static void set_strides(ens_array *form) {
  size_t step = 1;
  for (size_t k = form->rank; k-- > 0; step *= form->shape[k]) form->stride[k] = (ptrdiff_t)step;
}

ens_array *ens_pack_take_array(ens_bundle *bundle) {
  ens_array form = {0};
  uint64_t kind = ens_bundle_take_count(bundle);
  form.rank = (size_t)ens_bundle_take_count(bundle);
  if (form.rank < 1 || form.rank > ENS_ARRAY_MAX_RANK) return NULL;
  for (size_t k = 0; k < form.rank; k++) form.shape[k] = (size_t)ens_bundle_take_count(bundle);
  if (kind == INLINE) return take_inline(&form, bundle);
  size_t part = (size_t)ens_bundle_take_count(bundle), at = 0;
  set_strides(&form);
  if (kind == SHARED) {
    at = (size_t)ens_bundle_take_count(bundle);
    ens_bundle_take(bundle, form.stride, sizeof form.stride);
  }
  if (bundle->failed || part >= bundle->nparts) return NULL;
  return ens_array_adopt((const double *)bundle->part[part].memory + at, form.rank, form.shape, form.stride, NULL,
                         NULL);
}

/* ---- trees ---- */

static void pack_content(const ens_tree *tree, ens_bundle *out) {
  ens_bundle_put_text(out, tree->name);
  ens_bundle_put_count(out, tree->kind);
  ens_bundle_put_double(out, tree->number);
  ens_bundle_put_count(out, tree->length);
  ens_bundle_put(out, tree->text, tree->length);
  if (tree->kind == ENS_TREE_ARRAY) ens_pack_array(tree->array, out);
  ens_bundle_put_count(out, tree->nchildren);
  for (size_t i = 0; i < tree->nchildren; i++) pack_content(&tree->child[i], out);
}

void ens_pack_tree(const ens_tree *tree, ens_bundle *out) {
  ens_bundle_put_count(out, tree != NULL);
  if (tree) pack_content(tree, out);
}

static bool unpack_value(ens_bundle *bundle, ens_tree *tree) {
  tree->kind = (ens_tree_kind)ens_bundle_take_count(bundle);
  tree->number = ens_bundle_take_double(bundle);
  size_t length = (size_t)ens_bundle_take_count(bundle);
  const void *text = length ? ens_bundle_take_bytes(bundle, length) : "";
  if (bundle->failed) return false;
  if (tree->kind == ENS_TREE_TEXT && !ens_tree_set_text(tree, text, length)) return false;
  if (tree->kind == ENS_TREE_ARRAY && !(tree->array = ens_pack_take_array(bundle))) return false;
  return true;
}

static bool unpack_content(ens_bundle *bundle, ens_tree *tree) {
  if (!unpack_value(bundle, tree)) return false;
  size_t n = (size_t)ens_bundle_take_count(bundle);
  for (size_t i = 0; !bundle->failed && i < n; i++) {
    char *name = ens_bundle_take_text(bundle);
    ens_tree *child = name ? ens_tree_add(tree, name) : NULL;
    free(name);
    if (!child || !unpack_content(bundle, child)) return false;
  }
  return !bundle->failed;
}

ens_tree *ens_pack_take_tree(ens_bundle *bundle) {
  if (!ens_bundle_take_count(bundle)) return NULL;
  ens_tree *tree = ens_tree_create();
  free(ens_bundle_take_text(bundle)); /* the outermost table has no name */
  if (tree && unpack_content(bundle, tree)) return tree;
  bundle->failed = true;
  ens_tree_destroy(tree);
  return NULL;
}
