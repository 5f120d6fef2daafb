/* Checks the header against the length of the file first. Data in the machine's own format are shared with the mapped
 * file, others are converted. */
#include "data/numpy/npy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/numpy/npy_header.h"

typedef struct source {
  const char *name; /* of the file, in messages */
  ens_content *content;
  const unsigned char *element; /* the first one */
  const ens_npy_header *header;
} source;

/* The extents of the array with those of the field after them, and their strides: elements of the array are `outer`
 * apart, and the numbers of a field are next to each other. Returns the rank. */
static size_t lay_out(const ens_npy_header *header, const ens_npy_header_field *field, size_t outer, size_t *shape,
                      ptrdiff_t *stride) {
  size_t rank = header->rank, step = outer, inner = 1;
  memcpy(shape, header->shape, rank * sizeof *shape);
  memcpy(shape + rank, field->shape, field->rank * sizeof *shape);
  for (size_t i = 0; i < rank; i++) {
    size_t axis = header->fortran ? i : rank - 1 - i;
    stride[axis] = (ptrdiff_t)step;
    step *= shape[axis] ? shape[axis] : 1;
  }
  for (size_t axis = rank + field->rank; axis-- > rank;) {
    stride[axis] = (ptrdiff_t)inner;
    inner *= shape[axis] ? shape[axis] : 1;
  }
  return rank + field->rank;
}

static size_t count_of(const size_t *shape, size_t rank) {
  size_t count = 1;
  for (size_t d = 0; d < rank; d++) count *= shape[d];
  return count;
}

static bool lies_well(const source *from, const ens_npy_header_field *field) {
  bool even = ((uintptr_t)(from->element + field->offset)) % sizeof(double) == 0;
  return even && from->header->itemsize % sizeof(double) == 0 && ens_dtype_is_double(field->dtype);
}

/* Converts all numbers of the field, in the order of the file. */
static void convert(const source *from, const ens_npy_header_field *field, double *out) {
  const ens_npy_header *header = from->header;
  size_t count = count_of(header->shape, header->rank), each = count_of(field->shape, field->rank);
  const unsigned char *bytes = from->element + field->offset;
  if (each == 1) {
    ens_dtype_read(field->dtype, bytes, header->itemsize, count, out);
    return;
  }
  for (size_t i = 0; i < count && each > 0; i++, bytes += header->itemsize, out += each)
    ens_dtype_read(field->dtype, bytes, field->dtype.size, each, out);
}

static ens_array *share(const source *from, const size_t *shape, const ptrdiff_t *stride, size_t rank,
                        const ens_npy_header_field *field) {
  const double *data = (const double *)(const void *)(from->element + field->offset);
  ens_array *array = ens_array_adopt(data, rank, shape, stride, ens_content_release, from->content);
  if (array) ens_content_retain(from->content);
  return array;
}

static ens_status make_array(const source *from, const ens_npy_header_field *field, ens_node *out, ens_error *error) {
  size_t shape[2 * ENS_ARRAY_MAX_RANK];
  ptrdiff_t stride[2 * ENS_ARRAY_MAX_RANK];
  bool good = lies_well(from, field);
  size_t each = count_of(field->shape, field->rank);
  size_t outer = good ? from->header->itemsize / sizeof(double) : each ? each : 1;
  size_t rank = lay_out(from->header, field, outer, shape, stride);
  if (rank > ENS_ARRAY_MAX_RANK)
    return ens_node_leave_out(out, error, "has %zu axes: an array has at most %d", rank, ENS_ARRAY_MAX_RANK);
  if (good && count_of(shape, rank) > 0) return ens_node_set_array(out, share(from, shape, stride, rank, field), error);
  ens_status status = ens_node_make_array(out, from->name, rank, shape, error);
  if (status) return status;
  convert(from, field, out->array->data);
  memcpy(out->array->stride, stride, rank * sizeof *stride);
  return ENS_OK;
}

static ens_status make_field(const source *from, const ens_npy_header_field *field, ens_node *out, ens_error *error) {
  if (*field->reason) return ens_node_leave_out(out, error, "%s", field->reason);
  if (from->header->rank + field->rank > 0) return make_array(from, field, out, error);
  out->kind = ENS_NODE_NUMBER;
  convert(from, field, &out->number);
  return ENS_OK;
}

static ens_status make_columns(const source *from, ens_node *out, ens_error *error) {
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && i < from->header->nfields; i++) {
    const ens_npy_header_field *field = &from->header->field[i];
    ens_node *column;
    if (!*field->name) continue; /* padding */
    status = ens_node_add(out, field->name, strlen(field->name), &column, error);
    if (!status) status = make_field(from, field, column, error);
  }
  return status;
}

/* The reason why nothing of the array can be read; NULL: some can. */
static const char *hopeless(const ens_npy_header *header) {
  if (header->objects) return "holds Python objects: save numbers, a.astype('f8')";
  return header->structured && header->itemsize == 0 ? "has no bytes in its elements" : NULL;
}

static ens_status check_names(const char *name, const ens_npy_header *header, const ens_node *table, ens_error *error) {
  const char *twice;
  ens_status status = ens_node_find_twin(table, &twice, error);
  if (status || !twice) return status;
  return ens_error_set(error, ENS_CONFIG, "%s: byte %zu: two fields have the name '%s'", name, header->type_at, twice);
}

static ens_status read_part(const ens_npy_part *part, ens_npy_header *header, ens_node *out, ens_error *error) {
  const unsigned char *bytes = part->content->bytes + part->begin;
  ens_status status = ens_npy_header_read(part->name, bytes, part->size, header, error);
  if (status) return status;
  source from = {part->name, part->content, bytes + header->begin, header};
  const char *reason = hopeless(header);
  if (reason) return ens_node_leave_out(out, error, "%s", reason);
  if (!header->structured) return make_field(&from, &header->field[0], out, error);
  status = make_columns(&from, out, error);
  return status ? status : check_names(part->name, header, out, error);
}

static void clear_except_name(ens_node *node) {
  char *name = node->name;
  node->name = NULL;
  ens_node_clear(node);
  node->name = name;
}

ens_status ens_npy_read_part(const ens_npy_part *part, ens_node *out, ens_error *error) {
  ens_npy_header header = {0};
  ens_status status = read_part(part, &header, out, error);
  ens_npy_header_free(&header);
  if (status) clear_except_name(out);
  return status;
}

/* The first reason why there are no numbers. */
static const char *reason_of(const ens_node *node) {
  if (node->kind == ENS_NODE_LEFT_OUT) return node->reason;
  return node->nchildren ? node->child[0].reason : "has no fields";
}

ens_status ens_npy_read(const char *path, ens_node *out, ens_error *error) {
  ens_content *content;
  ens_npy_header header = {0};
  *out = (ens_node){0};
  ens_status status = ens_content_open(path, &content, error);
  if (!status) status = read_part(&(ens_npy_part){path, content, 0, content->size}, &header, out, error);
  if (!status && !ens_node_has_numbers(out))
    status = ens_error_set(error, ENS_CONFIG, "%s: byte %zu: the array %s", path, header.type_at, reason_of(out));
  ens_npy_header_free(&header);
  ens_content_release(content);
  if (status) ens_node_clear(out);
  return status;
}

bool ens_npy_begins(const unsigned char *bytes, size_t size) {
  return size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
}
