/* Calls CFITSIO, loaded at the first use, under the loader's lock: find the unit, then read a table column by column
 * or an image at once. */
#include "data/fits.h"

#ifndef ENS_CFITSIO_LIBRARY

ens_status ens_fits_read(const char *path, size_t number, const char *name, bool *found, ens_node *out,
                         ens_error *error) {
  (void)number, (void)name;
  *found = false;
  *out = (ens_node){0};
  return ens_error_set(
      error, ENS_CONFIG,
      "%s: this program was built without FITS: build it with WITH_CFITSIO=1, with CFITSIO's header installed", path);
}

#else

#include <fitsio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/content.h"
#include "data/excerpt.h"
#include "data/loader.h"

/* clang-format off */
#define SYMBOLS(X) \
  X(ffdkopn) X(ffclos) X(ffgerr) X(ffgmsg) X(ffcmsg) X(ffthdu) X(ffmahd) X(ffgkys) X(ffgnrwll) X(ffgncl) X(ffgtclll) \
  X(ffgtdmll) X(ffgcvl) X(ffgcvd) X(ffgidm) X(ffgiszll) X(ffgpvd)
/* clang-format on */
static struct table { SYMBOLS(ENS_LOADER_POINTER) } fits;

#define SYMBOL(name) ENS_LOADER_SYMBOL(struct table, name)
static const ens_loader_symbol symbols[] = {SYMBOLS(SYMBOL)};

#define TEXT(name) ENS_LOADER_TEXT(name)
static ens_loader loader = {"FITS", TEXT(ENS_CFITSIO_LIBRARY), symbols, sizeof symbols / sizeof *symbols, &fits, NULL,
                            false};

/* The open file. CFITSIO keeps its status: after an error, its functions do nothing. */
typedef struct source {
  const char *path;
  fitsfile *file;
  int unit; /* the current one, from 1 */
  int status;
} source;

static ens_status complain(source *from, const char *what, ens_error *error) {
  char text[FLEN_STATUS] = "", detail[FLEN_ERRMSG] = "", shown[ENS_EXCERPT_SIZE];
  fits.ffgerr(from->status, text);
  fits.ffgmsg(detail);
  fits.ffcmsg();
  if (from->status == MEMORY_ALLOCATION) return ens_error_memory(error);
  if (!from->unit)
    return ens_error_set(error, ENS_CONFIG, "%s: this is not a FITS file, or it is damaged (CFITSIO: %s)", from->path,
                         text);
  return ens_error_set(error, ENS_CONFIG, "%s: HDU %d: %s cannot be read (CFITSIO: %s%s%s)", from->path, from->unit,
                       what, text, *detail ? ": " : "", ens_excerpt(shown, detail, strlen(detail)));
}

/* ---- columns ---- */

/* The reason why an array cannot hold a column of that type; NULL: it can. */
static const char *reason_of(int type, LONGLONG repeat) {
  if (type < 0) return "has elements of different lengths";
  if (type == TSTRING) return "is text, not numbers";
  if (type == TCOMPLEX || type == TDBLCOMPLEX) return "is complex: save its real and imaginary parts separately";
  if (type == TBIT) return "has bits, not numbers";
  return repeat == 0 ? "is empty: it has no elements" : NULL;
}

/* CFITSIO has a separate function for logicals; here 2 stands for null. */
static void read_logicals(source *from, int column, size_t count, double *out) {
  char block[4096];
  int any;
  for (size_t done = 0, n; done < count && !from->status; done += n) {
    n = count - done < sizeof block ? count - done : sizeof block;
    fits.ffgcvl(from->file, column, 1, (LONGLONG)done + 1, (LONGLONG)n, 2, block, &any, &from->status);
    for (size_t i = 0; i < n; i++) out[done + i] = block[i] == 2 ? (double)NAN : block[i];
  }
}

/* The extents of the axes after the rows, the fastest last. False: there are too many. */
static bool read_axes(source *from, int column, LONGLONG repeat, size_t *rank, size_t *shape) {
  LONGLONG axis[ENS_ARRAY_MAX_RANK] = {0}, product = 1;
  int naxes = 0;
  fits.ffgtdmll(from->file, column, ENS_ARRAY_MAX_RANK, &naxes, axis, &from->status);
  if (from->status || naxes > ENS_ARRAY_MAX_RANK - 1) return false;
  for (int i = 0; i < naxes; i++) {
    shape[1 + i] = (size_t)axis[naxes - 1 - i];
    if (axis[i] < 0 || __builtin_mul_overflow(product, axis[i], &product)) return false;
  }
  *rank = repeat == 1 ? 1 : 1 + (size_t)naxes;
  return product == repeat;
}

static ens_status read_column(source *from, int column, LONGLONG nrows, ens_node *out, ens_error *error) {
  size_t rank = 1, shape[ENS_ARRAY_MAX_RANK] = {(size_t)nrows};
  int type = 0, any;
  LONGLONG repeat = 0, width = 0;
  fits.ffgtclll(from->file, column, &type, &repeat, &width, &from->status);
  if (from->status) return complain(from, "a column's type", error);
  const char *reason = reason_of(type, repeat);
  if (reason) return ens_node_leave_out(out, error, "%s", reason);
  bool good = read_axes(from, column, repeat, &rank, shape);
  if (from->status) return complain(from, "a column's TDIM", error);
  if (!good) return ens_node_leave_out(out, error, "has more axes than an array can have, or a TDIM that does not fit");
  ens_status status = ens_node_make_array(out, from->path, rank, shape, error);
  size_t count = status ? 0 : ens_array_size(out->array);
  if (count == 0) return status;
  if (type == TLOGICAL) {
    read_logicals(from, column, count, out->array->data);
  } else {
    fits.ffgcvd(from->file, column, 1, 1, (LONGLONG)count, (double)NAN, out->array->data, &any, &from->status);
  }
  return from->status ? complain(from, "a column", error) : ENS_OK;
}

/* The text of a keyword without trailing blanks; "" if there is no such keyword. */
static void read_text(source *from, const char *keyword, char out[FLEN_VALUE]) {
  int status = from->status;
  *out = '\0';
  if (!status && fits.ffgkys(from->file, keyword, out, NULL, &status)) *out = '\0';
  fits.ffcmsg();
  for (size_t length = strlen(out); length > 0 && out[length - 1] == ' '; length--) out[length - 1] = '\0';
}

static ens_status add_column(source *from, int column, LONGLONG nrows, ens_node *table, ens_error *error) {
  char keyword[FLEN_KEYWORD], name[FLEN_VALUE];
  ens_node *node;
  snprintf(keyword, sizeof keyword, "TTYPE%d", column);
  read_text(from, keyword, name);
  if (!*name) snprintf(name, sizeof name, "c%d", column);
  ens_status status = ens_node_add(table, name, strlen(name), &node, error);
  return status ? status : read_column(from, column, nrows, node, error);
}

static ens_status read_table(source *from, ens_node *out, ens_error *error) {
  LONGLONG nrows = 0;
  int ncolumns = 0;
  const char *twice = NULL;
  fits.ffgnrwll(from->file, &nrows, &from->status);
  fits.ffgncl(from->file, &ncolumns, &from->status);
  if (from->status || nrows < 0) return complain(from, "the table's size", error);
  ens_status status = ENS_OK;
  for (int i = 1; !status && i <= ncolumns; i++) status = add_column(from, i, nrows, out, error);
  if (!status) status = ens_node_find_twin(out, &twice, error);
  if (status || !twice) return status;
  return ens_error_set(error, ENS_CONFIG, "%s: HDU %d: two columns have the name '%s'", from->path, from->unit, twice);
}

/* ---- images ---- */

static int axes_of(source *from) {
  int naxes = 0;
  fits.ffgidm(from->file, &naxes, &from->status);
  return naxes;
}

static ens_status read_image(source *from, ens_node *out, ens_error *error) {
  LONGLONG axis[ENS_ARRAY_MAX_RANK] = {0};
  size_t shape[ENS_ARRAY_MAX_RANK];
  int naxes = axes_of(from), any;
  if (!from->status && (naxes < 1 || naxes > ENS_ARRAY_MAX_RANK))
    return ens_node_leave_out(out, error, naxes < 1 ? "has no data" : "has more axes than an array can have");
  fits.ffgiszll(from->file, ENS_ARRAY_MAX_RANK, axis, &from->status);
  if (from->status) return complain(from, "the image's size", error);
  for (int i = 0; i < naxes; i++) {
    if (axis[i] < 0) return complain(from, "the image's size", error);
    shape[naxes - 1 - i] = (size_t)axis[i];
  }
  ens_status status = ens_node_make_array(out, from->path, (size_t)naxes, shape, error);
  if (status || ens_array_size(out->array) == 0) return status;
  fits.ffgpvd(from->file, 1, 1, (LONGLONG)ens_array_size(out->array), (double)NAN, out->array->data, &any,
              &from->status);
  return from->status ? complain(from, "the image", error) : ENS_OK;
}

/* ---- units ---- */

/* Moves to the unit and returns its kind. */
static int enter_unit(source *from, int unit) {
  int kind = IMAGE_HDU;
  fits.ffmahd(from->file, unit, &kind, &from->status);
  from->unit = unit;
  return kind;
}

/* The name of a unit: its EXTNAME, or its number. */
static void name_unit(source *from, char out[FLEN_VALUE]) {
  read_text(from, "EXTNAME", out);
  if (!*out) snprintf(out, FLEN_VALUE, "%d", from->unit);
}

static const char *describe_unit(source *from, int kind) {
  return kind != IMAGE_HDU ? "is a table" : axes_of(from) > 0 ? "is an image" : "has no data";
}

static ens_status list_units(source *from, int nunits, ens_node *out, ens_error *error) {
  char name[FLEN_VALUE];
  ens_node *node;
  ens_status status = ENS_OK;
  for (int unit = 1; !status && unit <= nunits; unit++) {
    int kind = enter_unit(from, unit);
    const char *what = describe_unit(from, kind);
    if (from->status) return complain(from, "its header", error);
    name_unit(from, name);
    status = ens_node_add(out, name, strlen(name), &node, error);
    if (!status) status = ens_node_leave_out(node, error, "%s", what);
  }
  return status;
}

/* The number of the unit with that name; for NULL, of the first table, or else image. 0: there is none. */
static int find_unit(source *from, int nunits, const char *name) {
  int image = 0;
  for (int unit = 1; unit <= nunits && !from->status; unit++) {
    char its[FLEN_VALUE];
    int kind = enter_unit(from, unit);
    name_unit(from, its);
    if (name ? strcasecmp(name, its) == 0 : kind != IMAGE_HDU) return unit;
    if (!name && !image && axes_of(from) > 0) image = unit;
  }
  return image;
}

static ens_status read_unit(source *from, int unit, ens_node *out, ens_error *error) {
  int kind = enter_unit(from, unit);
  if (from->status) return complain(from, "its header", error);
  ens_status status = kind == IMAGE_HDU ? read_image(from, out, error) : read_table(from, out, error);
  if (status || ens_node_has_numbers(out)) return status;
  const char *reason = out->reason ? out->reason : out->nchildren ? out->child[0].reason : "has no columns";
  return ens_error_set(error, ENS_CONFIG, "%s: HDU %d: it %s", from->path, unit, reason);
}

static ens_status read_file(source *from, size_t number, const char *name, bool *found, ens_node *out,
                            ens_error *error) {
  int nunits = 0;
  fits.ffthdu(from->file, &nunits, &from->status);
  if (from->status) return complain(from, NULL, error);
  int unit = number == 0 ? find_unit(from, nunits, name) : number <= (size_t)nunits ? (int)number : 0;
  if (from->status) return complain(from, "its header", error);
  *found = unit > 0;
  return unit ? read_unit(from, unit, out, error) : list_units(from, nunits, out, error);
}

static ens_status open_and_read(source *from, size_t number, const char *name, bool *found, ens_node *out,
                                ens_error *error) {
  fits.ffdkopn(&from->file, from->path, READONLY, &from->status);
  if (from->status) return complain(from, NULL, error);
  ens_status status = read_file(from, number, name, found, out, error);
  int closing = 0;
  fits.ffclos(from->file, &closing);
  fits.ffcmsg();
  return status;
}

ens_status ens_fits_read(const char *path, size_t number, const char *name, bool *found, ens_node *out,
                         ens_error *error) {
  source from = {.path = path};
  *found = true;
  *out = (ens_node){0};
  ens_status status = ens_content_check(path, error);
  if (!status) status = ens_loader_enter(&loader, error);
  if (status) return status;
  status = open_and_read(&from, number, name, found, out, error);
  ens_loader_leave();
  if (status) ens_node_clear(out);
  return status;
}

#endif
