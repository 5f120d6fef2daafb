/* Calls the HDF5 library, loaded at the first use, under the loader's lock: from the type and shape of a dataset to
 * an array, and through the members of a group. */
#include "data/hdf5.h"

#ifndef ENS_HDF5_LIBRARY

ens_status ens_hdf5_read(const char *path, const char *name, bool *found, ens_node *out, ens_error *error) {
  (void)name;
  *found = false;
  *out = (ens_node){0};
  return ens_error_set(
      error, ENS_CONFIG,
      "%s: this program was built without HDF5: build it with WITH_HDF5=1, with HDF5's headers installed", path);
}

#else

#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "data/content.h"
#include "data/excerpt.h"
#include "data/loader.h"

/* The names of the symbols in the library; for those with versions, the header defines macros. */
/* clang-format off */
#define SYMBOLS(X) \
  X(H5open) X(H5get_libversion) X(H5free_memory) X(H5Eset_auto2) X(H5Eclear2) X(H5Ewalk2) X(H5Fopen) X(H5Fclose) \
  X(H5Oopen) X(H5Oclose) X(H5Iget_type) X(H5Lvisit) X(H5Dget_space) X(H5Dget_type) X(H5Dread) \
  X(H5Sget_simple_extent_type) X(H5Sget_simple_extent_ndims) X(H5Sget_simple_extent_dims) X(H5Sclose) \
  X(H5Tget_class) X(H5Tget_super) X(H5Tget_nmembers) X(H5Tget_member_name) X(H5Tget_member_type) \
  X(H5Tget_array_ndims) X(H5Tget_array_dims2) X(H5Tarray_create2) X(H5Tcopy) X(H5Tcreate) X(H5Tinsert) X(H5Tclose) \
  X(H5T_NATIVE_DOUBLE_g)
/* clang-format on */
static struct table { SYMBOLS(ENS_LOADER_POINTER) } h5;

#define SYMBOL(name) ENS_LOADER_SYMBOL(struct table, name)
static const ens_loader_symbol symbols[] = {SYMBOLS(SYMBOL)};

enum { READ_ONLY = 0, NOTHING_SPECIAL = 0 }; /* H5F_ACC_RDONLY, H5P_DEFAULT: those macros would call the library */

/* The library must have the version of the header; other versions have other calls. */
static ens_status begin(ens_error *error) {
  unsigned major = 0, minor = 0, release = 0;
  h5.H5get_libversion(&major, &minor, &release);
  if (major != H5_VERS_MAJOR || minor != H5_VERS_MINOR)
    return ens_error_set(error, ENS_CONFIG, "HDF5 %u.%u is installed, but this program was built for %u.%u", major,
                         minor, H5_VERS_MAJOR, H5_VERS_MINOR);
  if (h5.H5open() < 0) return ens_error_set(error, ENS_CONFIG, "HDF5 does not start");
  return ENS_OK;
}

#define TEXT(name) ENS_LOADER_TEXT(name)
static ens_loader loader = {"HDF5", TEXT(ENS_HDF5_LIBRARY), symbols, sizeof symbols / sizeof *symbols, &h5, begin,
                            false};

/* ---- messages ---- */

static bool is_missing_filter(const char *reason) {
  return strncmp(reason, "required filter", 15) == 0;
}

/* Takes the first and deepest message of the library, but a message on a missing filter says more. */
static herr_t take_reason(unsigned n, const H5E_error2_t *entry, void *out) {
  const char *text = entry->desc ? entry->desc : "";
  if (n == 0 || is_missing_filter(text)) ens_excerpt(out, text, strlen(text));
  return 0;
}

static void find_reason(char reason[ENS_EXCERPT_SIZE]) {
  snprintf(reason, ENS_EXCERPT_SIZE, "no reason given");
  h5.H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_reason, reason);
  h5.H5Eclear2(H5E_DEFAULT);
}

static ens_status complain(const char *path, const char *name, ens_error *error) {
  char reason[ENS_EXCERPT_SIZE];
  find_reason(reason);
  if (!name)
    return ens_error_set(error, ENS_CONFIG, "%s: this is not an HDF5 file, or it is damaged (HDF5: %s)", path, reason);
  return ens_error_set(error, ENS_CONFIG, "%s: %s: it cannot be read (HDF5: %s)", path, name, reason);
}

/* ---- types ---- */

/* The type of an element in memory. */
typedef struct element {
  hid_t memory;       /* a double or an array of doubles; close it unless it is negative */
  const char *reason; /* if they are not numbers, the reason; else NULL */
  size_t rank;
  hsize_t shape[ENS_ARRAY_MAX_RANK];
} element;

static bool is_numeric(hid_t type) {
  H5T_class_t class = h5.H5Tget_class(type);
  return class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM;
}

static const char *reason_of(hid_t type) {
  switch (h5.H5Tget_class(type)) {
    case H5T_STRING:
      return "is text, not numbers";
    case H5T_COMPOUND:
      return "is a structure of its own: save its fields separately";
    case H5T_VLEN:
      return "has elements of different lengths";
    case H5T_REFERENCE:
      return "has references, not numbers";
    case H5T_ARRAY:
      return "has arrays of more than 8 axes, or of elements that are not numbers";
    default:
      return "has elements that are not numbers";
  }
}

static void read_array_type(hid_t type, element *out) {
  int rank = h5.H5Tget_array_ndims(type);
  hid_t inner = h5.H5Tget_super(type);
  if (inner >= 0 && is_numeric(inner) && rank > 0 && rank <= ENS_ARRAY_MAX_RANK &&
      h5.H5Tget_array_dims2(type, out->shape) >= 0) {
    out->rank = (size_t)rank;
    out->memory = h5.H5Tarray_create2(*h5.H5T_NATIVE_DOUBLE_g, (unsigned)rank, out->shape);
    out->reason = NULL;
  }
  if (inner >= 0) h5.H5Tclose(inner);
}

static element read_type(hid_t type) {
  element out = {.memory = -1, .reason = reason_of(type)};
  if (is_numeric(type)) {
    out.memory = h5.H5Tcopy(*h5.H5T_NATIVE_DOUBLE_g);
    out.reason = NULL;
  } else if (h5.H5Tget_class(type) == H5T_ARRAY) {
    read_array_type(type, &out);
  }
  return out;
}

/* ---- datasets ---- */

typedef struct dataset {
  const char *path, *group, *name; /* group: NULL if the caller asked for the dataset itself */
  hid_t id;
  size_t rank;
  hsize_t shape[ENS_ARRAY_MAX_RANK];
} dataset;

/* Skips a dataset whose filter is not installed; any other error means damage. */
static ens_status fail_read(const dataset *from, ens_node *out, ens_error *error) {
  char reason[ENS_EXCERPT_SIZE];
  const char *group = from->group ? from->group : "";
  size_t length = strlen(group);
  find_reason(reason);
  if (is_missing_filter(reason)) {
    ens_array_release(out->array);
    out->array = NULL;
    return ens_node_leave_out(out, error, "cannot be read (HDF5: %s)", reason);
  }
  return ens_error_set(error, ENS_CONFIG, "%s: %s%s%s: it cannot be read (HDF5: %s)%s", from->path, group,
                       length && group[length - 1] != '/' ? "/" : "", from->name, reason,
                       from->group ? "; the other datasets of the group can be read one by one" : "");
}

/* Reads the elements, or one field of each element. */
static ens_status read_into(const dataset *from, const char *field, const element *what, double *to, ens_node *out,
                            ens_error *error) {
  size_t size = sizeof(double);
  for (size_t d = 0; d < what->rank; d++) size *= what->shape[d];
  hid_t type = what->memory, whole = field ? h5.H5Tcreate(H5T_COMPOUND, size) : -1;
  if (field && (whole < 0 || h5.H5Tinsert(whole, field, 0, type) < 0)) type = -1;
  if (field && type >= 0) type = whole;
  herr_t result = type < 0 ? -1 : h5.H5Dread(from->id, type, H5S_ALL, H5S_ALL, NOTHING_SPECIAL, to);
  ens_status status = result < 0 ? fail_read(from, out, error) : ENS_OK;
  if (whole >= 0) h5.H5Tclose(whole);
  return status;
}

static ens_status read_numbers(const dataset *from, const char *field, const element *what, ens_node *out,
                               ens_error *error) {
  size_t rank = from->rank + what->rank, shape[ENS_ARRAY_MAX_RANK];
  if (rank > ENS_ARRAY_MAX_RANK)
    return ens_node_leave_out(out, error, "has %zu axes: an array has at most %d", rank, ENS_ARRAY_MAX_RANK);
  for (size_t d = 0; d < rank; d++) shape[d] = d < from->rank ? from->shape[d] : what->shape[d - from->rank];
  if (rank == 0) {
    out->kind = ENS_NODE_NUMBER;
    return read_into(from, field, what, &out->number, out, error);
  }
  ens_status status = ens_node_make_array(out, from->path, rank, shape, error);
  if (status || ens_array_size(out->array) == 0) return status;
  return read_into(from, field, what, out->array->data, out, error);
}

static ens_status read_element(const dataset *from, const char *field, hid_t type, ens_node *out, ens_error *error) {
  element what = read_type(type);
  if (what.reason) return ens_node_leave_out(out, error, "%s", what.reason);
  ens_status status = read_numbers(from, field, &what, out, error);
  if (what.memory >= 0) h5.H5Tclose(what.memory);
  return status;
}

static ens_status read_field(const dataset *from, hid_t type, unsigned i, ens_node *table, ens_error *error) {
  char *name = h5.H5Tget_member_name(type, i);
  hid_t member = h5.H5Tget_member_type(type, i);
  ens_node *column;
  ens_status status = !name || member < 0 ? complain(from->path, from->name, error)
                                          : ens_node_add(table, name, strlen(name), &column, error);
  if (!status) status = read_element(from, name, member, column, error);
  if (member >= 0) h5.H5Tclose(member);
  h5.H5free_memory(name);
  return status;
}

static ens_status read_fields(const dataset *from, hid_t type, ens_node *out, ens_error *error) {
  int count = h5.H5Tget_nmembers(type);
  ens_status status = count < 0 ? complain(from->path, from->name, error) : ENS_OK;
  for (int i = 0; !status && i < count; i++) status = read_field(from, type, (unsigned)i, out, error);
  return status;
}

/* Reads the extents. Returns NULL, or the reason why an array cannot have them. */
static const char *read_space(dataset *out) {
  hid_t space = h5.H5Dget_space(out->id);
  int rank = space < 0 ? -1 : h5.H5Sget_simple_extent_ndims(space);
  const char *reason = rank < 0                    ? "has extents that cannot be read"
                       : rank > ENS_ARRAY_MAX_RANK ? "has more than 8 axes: an array has at most that many"
                                                   : NULL;
  if (!reason && h5.H5Sget_simple_extent_type(space) == H5S_NULL) reason = "is empty: it has no extents";
  out->rank = reason ? 0 : (size_t)rank;
  if (!reason && h5.H5Sget_simple_extent_dims(space, out->shape, NULL) < 0) reason = "has extents that cannot be read";
  if (space >= 0) h5.H5Sclose(space);
  return reason;
}

static ens_status read_dataset(const char *path, const char *group, const char *name, hid_t id, ens_node *out,
                               ens_error *error) {
  dataset from = {.path = path, .group = group, .name = name, .id = id};
  const char *reason = read_space(&from);
  if (reason) return ens_node_leave_out(out, error, "%s", reason);
  hid_t type = h5.H5Dget_type(id);
  if (type < 0) return complain(path, name, error);
  ens_status status = h5.H5Tget_class(type) == H5T_COMPOUND ? read_fields(&from, type, out, error)
                                                            : read_element(&from, NULL, type, out, error);
  h5.H5Tclose(type);
  return status;
}

/* ---- files ---- */

/* A walk through a group, which reads or only names each dataset below it. */
typedef struct walk {
  const char *path, *group; /* group: NULL to name the datasets only */
  ens_node *out;
  ens_error *error;
  ens_status status;
} walk;

static ens_status meet_dataset(walk *w, const char *name, hid_t id) {
  ens_node *node;
  ens_status status = ens_node_add(w->out, name, strlen(name), &node, w->error);
  if (status) return status;
  return w->group ? read_dataset(w->path, w->group, name, id, node, w->error)
                  : ens_node_leave_out(node, w->error, "is a dataset");
}

static herr_t meet_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  walk *w = context;
  (void)info;
  hid_t id = h5.H5Oopen(group, name, NOTHING_SPECIAL); /* negative: the link has no target */
  if (id >= 0 && h5.H5Iget_type(id) == H5I_DATASET) w->status = meet_dataset(w, name, id);
  if (id >= 0) h5.H5Oclose(id);
  return w->status ? -1 : 0;
}

static ens_status read_group(const char *path, const char *name, hid_t id, ens_node *out, ens_error *error) {
  walk w = {.path = path, .group = name, .out = out, .error = error};
  out->entries = "dataset";
  herr_t result = h5.H5Lvisit(id, H5_INDEX_NAME, H5_ITER_INC, meet_link, &w);
  if (w.status) return w.status;
  return result < 0 ? complain(path, "its groups", error) : ENS_OK;
}

/* Lists the datasets, because there is no such name. If the name is among them, the file may be damaged. */
static ens_status list(const char *path, const char *name, hid_t file, bool *found, ens_node *out, ens_error *error) {
  *found = false;
  h5.H5Eclear2(H5E_DEFAULT);
  ens_status status = read_group(path, NULL, file, out, error);
  if (status || !name || !ens_node_find(out, name + (*name == '/'))) return status;
  return ens_error_set(error, ENS_CONFIG, "%s: %s: it exists, but cannot be opened: the file may be damaged", path,
                       name);
}

static ens_status reject_empty(const char *path, const char *name, const ens_node *node, ens_error *error) {
  const char *reason = node->reason ? node->reason : node->nchildren ? node->child[0].reason : "has no datasets in it";
  return ens_error_set(error, ENS_CONFIG, "%s: %s: it %s", path, name, reason ? reason : "has no numbers in it");
}

static ens_status read_object(const char *path, const char *name, hid_t id, ens_node *out, ens_error *error) {
  H5I_type_t type = h5.H5Iget_type(id);
  if (type != H5I_DATASET && type != H5I_GROUP)
    return ens_error_set(error, ENS_CONFIG, "%s: %s: it is neither a dataset nor a group", path, name);
  ens_status status =
      type == H5I_DATASET ? read_dataset(path, NULL, name, id, out, error) : read_group(path, name, id, out, error);
  return status || ens_node_has_numbers(out) ? status : reject_empty(path, name, out, error);
}

static ens_status read_file(const char *path, const char *name, hid_t file, bool *found, ens_node *out,
                            ens_error *error) {
  hid_t id = name ? h5.H5Oopen(file, name, NOTHING_SPECIAL) : -1;
  if (id < 0) return list(path, name, file, found, out, error);
  *found = true;
  ens_status status = read_object(path, name, id, out, error);
  h5.H5Oclose(id);
  return status;
}

static ens_status open_and_read(const char *path, const char *name, bool *found, ens_node *out, ens_error *error) {
  h5.H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* else it prints messages; a setting of each thread */
  hid_t file = h5.H5Fopen(path, READ_ONLY, NOTHING_SPECIAL);
  if (file < 0) return complain(path, NULL, error);
  ens_status status = read_file(path, name, file, found, out, error);
  h5.H5Fclose(file);
  return status;
}

ens_status ens_hdf5_read(const char *path, const char *name, bool *found, ens_node *out, ens_error *error) {
  *found = true;
  *out = (ens_node){0};
  ens_status status = ens_content_check(path, error);
  if (!status) status = ens_loader_enter(&loader, error);
  if (status) return status;
  status = open_and_read(path, name, found, out, error);
  ens_loader_leave();
  if (status) ens_node_clear(out);
  return status;
}

#endif
