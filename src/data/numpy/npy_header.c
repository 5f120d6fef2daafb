/* Version and length, then the dictionary in any order of its keys, then the type text with structured types inside
 * each other. */
#include "data/numpy/npy_header.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/excerpt.h"
#include "data/literal.h"

enum { MOST_NESTED = 16 }; /* depth of structures in structures; only their size matters */

/* ---- types ---- */

static bool host_is_little(void) {
  return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
}

/* The reason why an array cannot hold elements of a kind; the type stands between `before` and `after`. */
static const struct {
  char kind;
  const char *before, *after;
  size_t unit; /* bytes of one unit of its size */
} others[] = {{'c', "is complex (", "): save its .real and .imag separately", 1},
              {'f', "has numbers of extended precision (", "): save a.astype('f8')", 1},
              {'S', "is text (", "), not numbers", 1},
              {'a', "is text (", "), not numbers", 1},
              {'U', "is text (", "), not numbers", 4},
              {'M', "has dates (", "): save them as numbers, a.astype('f8')", 1},
              {'m', "has spans of time (", "): save them as numbers, a.astype('f8')", 1},
              {'V', "has bytes of no type (", "), not numbers", 1},
              {'O', "holds Python objects (", "): save numbers, a.astype('f8')", 0}};

/* Reads the size after the letter of a type; 0 for none. False: there is no such type. */
static bool read_size(const char *digits, char kind, size_t *size) {
  const char *at = digits;
  for (*size = 0; *at >= '0' && *at <= '9'; at++) {
    if (__builtin_mul_overflow(*size, 10, size) || __builtin_add_overflow(*size, *at - '0', size)) return false;
  }
  if (kind == 'M' || kind == 'm') return *size == 8 && (*at == '\0' || *at == '['); /* a unit of time may follow */
  return *at == '\0' && (at > digits || kind == 'O');
}

/* Reads a type, like "<f8", into the field; `size` is 0 for Python objects. False: there is no such type. */
static bool read_type(const char *text, ens_npy_header_field *field, size_t *size) {
  char order = *text && strchr("<>|=", *text) ? *text : '=';
  const char *type = text + (*text && strchr("<>|=", *text) ? 1 : 0);
  if (!*type || !read_size(type + 1, *type, size)) return false;
  field->dtype = (ens_dtype){*type, *size, order == '>' ? host_is_little() : order == '<' ? !host_is_little() : false};
  if (ens_dtype_valid(field->dtype)) return true;
  bool other_float = *type == 'f' && (*size == 12 || *size == 16);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (others[i].kind != *type || (*type == 'f' && !other_float)) continue;
    char shown[ENS_EXCERPT_SIZE];
    ens_excerpt(shown, type, strnlen(type, 12));
    snprintf(field->reason, sizeof field->reason, "%s%.48s%s", others[i].before, shown, others[i].after);
    return !__builtin_mul_overflow(*size, others[i].unit, size);
  }
  return false;
}

/* ---- fields ---- */

typedef struct parser {
  ens_literal in;
  ens_npy_header *out;
  bool objects; /* a size is unknown */
} parser;

static ens_status too_large(const parser *p, size_t at) {
  return ens_literal_complain(&p->in, at, "so many numbers do not fit in any memory");
}

static ens_status parse_type_text(parser *p, ens_npy_header_field *field, size_t *size) {
  size_t at = (ens_literal_peek(&p->in), p->in.at);
  char *text, shown[ENS_EXCERPT_SIZE];
  ens_status status = ens_literal_string(&p->in, "a type, like '<f8',", &text);
  if (!status && !read_type(text, field, size))
    status = ens_literal_complain(&p->in, at, "'%s' is not a type of numpy: the type of numbers is like '<f8' or '>i4'",
                                  ens_excerpt(shown, text, strlen(text)));
  if (!status && field->dtype.kind == 'O') p->objects = true;
  free(text);
  return status;
}

/* Reads a name, or a title and a name in parentheses. */
static ens_status parse_name(parser *p, char **name) {
  *name = NULL;
  if (!ens_literal_skip(&p->in, '(')) return ens_literal_string(&p->in, "a field's name", name);
  char *title;
  ens_status status = ens_literal_string(&p->in, "a field's title", &title);
  free(title);
  if (!status) status = ens_literal_expect(&p->in, ',', "between a field's title and name");
  if (!status) status = ens_literal_string(&p->in, "a field's name", name);
  if (!status) status = ens_literal_expect(&p->in, ')', "after a field's name");
  if (!status) return ENS_OK;
  free(*name);
  *name = NULL;
  return status;
}

/* The product of the extents and `size`. False: it overflows. */
static bool total(const size_t *shape, size_t rank, size_t size, size_t *out) {
  *out = size;
  for (size_t d = 0; d < rank; d++) {
    if (__builtin_mul_overflow(*out, shape[d], out)) return false;
  }
  return true;
}

static ens_status parse_fields(parser *p, int depth, ens_npy_header_field **field, size_t *nfields, size_t *size);

static void free_fields(ens_npy_header_field *field, size_t nfields) {
  for (size_t i = 0; i < nfields; i++) free(field[i].name);
  free(field);
}

/* Reads a structure in a structure for its size. */
static ens_status parse_nested(parser *p, int depth, ens_npy_header_field *field, size_t *size) {
  ens_npy_header_field *inner = NULL;
  size_t ninner = 0;
  if (depth == MOST_NESTED)
    return ens_literal_complain(&p->in, p->in.at, "structures are nested more than %d deep", MOST_NESTED);
  ens_status status = parse_fields(p, depth + 1, &inner, &ninner, size);
  free_fields(inner, ninner);
  snprintf(field->reason, sizeof field->reason, "is a structure of its own: save its fields separately");
  return status;
}

/* Reads ('x', '<f8') or ('x', '<f8', (3,)). */
static ens_status parse_field(parser *p, int depth, size_t offset, ens_npy_header_field *field, size_t *size) {
  *field = (ens_npy_header_field){.offset = offset};
  ens_status status = ens_literal_expect(&p->in, '(', "before a field");
  if (!status) status = parse_name(p, &field->name);
  if (!status) status = ens_literal_expect(&p->in, ',', "after a field's name");
  if (!status && ens_literal_peek(&p->in) == '[') {
    status = parse_nested(p, depth, field, size);
  } else if (!status) {
    status = parse_type_text(p, field, size);
  }
  size_t at = p->in.at;
  if (!status && ens_literal_skip(&p->in, ',') && ens_literal_peek(&p->in) != ')')
    status =
        ens_literal_tuple(&p->in, "a field's shape, like (3,),", true, ENS_ARRAY_MAX_RANK, field->shape, &field->rank);
  if (!status) status = ens_literal_expect(&p->in, ')', "after a field");
  if (!status && !total(field->shape, field->rank, *size, size)) status = too_large(p, at);
  if (!status) return ENS_OK;
  free(field->name);
  field->name = NULL;
  return status;
}

static ens_status grow_fields(ens_npy_header_field **field, size_t nfields, ens_error *error) {
  if (nfields & (nfields - 1)) return ENS_OK; /* the capacity is the next power of two */
  size_t capacity = nfields ? nfields * 2 : 1;
  ens_npy_header_field *larger =
      capacity > SIZE_MAX / sizeof *larger ? NULL : realloc(*field, capacity * sizeof *larger);
  if (!larger) return ens_error_memory(error);
  *field = larger;
  return ENS_OK;
}

/* Reads [('x', '<f8'), ...]; `size` is that of all fields. The caller frees the fields, also after an error. */
static ens_status parse_fields(parser *p, int depth, ens_npy_header_field **field, size_t *nfields, size_t *size) {
  ens_status status = ens_literal_expect(&p->in, '[', "before the fields");
  *size = 0;
  while (!status && !ens_literal_skip(&p->in, ']')) {
    size_t at = p->in.at, bytes = 0;
    status = grow_fields(field, *nfields, p->in.error);
    if (!status) status = parse_field(p, depth, *size, &(*field)[*nfields], &bytes);
    if (status) return status;
    ++*nfields;
    if (__builtin_add_overflow(*size, bytes, size)) return too_large(p, at);
    if (ens_literal_peek(&p->in) != ']') status = ens_literal_expect(&p->in, ',', "between two fields");
  }
  return status;
}

/* ---- the dictionary ---- */

static ens_status parse_descr(parser *p) {
  ens_npy_header *out = p->out;
  char next = ens_literal_peek(&p->in);
  out->type_at = p->in.at;
  out->structured = next == '[';
  ens_status status;
  if (out->structured) {
    status = parse_fields(p, 0, &out->field, &out->nfields, &out->itemsize);
  } else {
    status = grow_fields(&out->field, 0, p->in.error);
    if (status) return status;
    out->nfields = 1;
    out->field[0] = (ens_npy_header_field){0};
    status = parse_type_text(p, &out->field[0], &out->itemsize);
  }
  return status;
}

static ens_status parse_order(parser *p) {
  return ens_literal_boolean(&p->in, "True or False", &p->out->fortran);
}

static ens_status parse_shape(parser *p) {
  ens_npy_header *out = p->out;
  return ens_literal_tuple(&p->in, "the shape, a tuple of whole numbers like (3, 4),", false, ENS_ARRAY_MAX_RANK,
                           out->shape, &out->rank);
}

static const struct {
  const char *key;
  ens_status (*parse)(parser *p);
} entries[] = {{"descr", parse_descr}, {"fortran_order", parse_order}, {"shape", parse_shape}};
enum { NENTRIES = sizeof entries / sizeof *entries };

/* Finds the index of the entry with that key. */
static ens_status find_entry(parser *p, size_t at, const char *key, const bool *seen, size_t *out) {
  char shown[ENS_EXCERPT_SIZE];
  for (*out = 0; *out < NENTRIES && strcmp(entries[*out].key, key) != 0;) ++*out;
  if (*out == NENTRIES)
    return ens_literal_complain(&p->in, at, "the header has 'descr', 'fortran_order' and 'shape', but no '%s'",
                                ens_excerpt(shown, key, strlen(key)));
  return seen[*out] ? ens_literal_complain(&p->in, at, "'%s' occurs twice", key) : ENS_OK;
}

static ens_status parse_entry(parser *p, bool *seen) {
  char *key;
  size_t at = (ens_literal_peek(&p->in), p->in.at), i = 0;
  ens_status status = ens_literal_string(&p->in, "a key, like 'descr',", &key);
  if (!status) status = find_entry(p, at, key, seen, &i);
  free(key);
  if (!status) status = ens_literal_expect(&p->in, ':', "after a key");
  if (status) return status;
  seen[i] = true;
  return entries[i].parse(p);
}

static ens_status parse_dictionary(parser *p) {
  bool seen[NENTRIES] = {false};
  ens_status status = ens_literal_expect(&p->in, '{', "before the header's entries");
  while (!status && !ens_literal_skip(&p->in, '}')) {
    status = parse_entry(p, seen);
    if (!status && ens_literal_peek(&p->in) != '}') status = ens_literal_expect(&p->in, ',', "between two entries");
  }
  for (size_t i = 0; !status && i < NENTRIES; i++) {
    if (!seen[i]) status = ens_literal_complain(&p->in, p->in.at, "the header has no '%s'", entries[i].key);
  }
  if (status || (ens_literal_peek(&p->in), p->in.at == p->in.end)) return status;
  return ens_literal_complain(&p->in, p->in.at, "there is text after the header's dictionary");
}

/* ---- the header ---- */

static const unsigned char magic[] = "\x93NUMPY";
enum { MAGIC = sizeof magic - 1 };

static ens_status complain_end(const char *name, size_t size, const char *what, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG, "%s: byte %zu: the file ends in %s: it may be cut off", name, size, what);
}

/* Reads version and length of the header, and finds where its text begins and ends. */
static ens_status find_text(const char *name, const unsigned char *bytes, size_t size, ens_literal *in,
                            ens_error *error) {
  if (size < MAGIC || memcmp(bytes, magic, MAGIC) != 0)
    return ens_error_set(
        error, ENS_CONFIG,
        "%s: byte 0: this is not a .npy file: it does not begin with \\x93NUMPY; numpy.save writes one", name);
  if (size < MAGIC + 2) return complain_end(name, size, "its version", error);
  unsigned major = bytes[MAGIC], minor = bytes[MAGIC + 1];
  if (major < 1 || major > 3 || minor != 0)
    return ens_error_set(error, ENS_CONFIG, "%s: byte %d: version %u.%u of the format: 1.0, 2.0 and 3.0 can be read",
                         name, MAGIC, major, minor);
  size_t width = major == 1 ? 2 : 4, length = 0;
  if (size < MAGIC + 2 + width) return complain_end(name, size, "the length of its header", error);
  for (size_t i = width; i-- > 0;) length = length << 8 | bytes[MAGIC + 2 + i];
  in->at = MAGIC + 2 + width;
  in->latin1 = major < 3;
  if (length > size - in->at) return complain_end(name, size, "its header", error);
  in->end = in->at + length;
  return ENS_OK;
}

/* Whether an array of these extents can be addressed; an extent of 0 counts as 1, as in ens_array_create. */
static bool addressable(const ens_npy_header *header, const ens_npy_header_field *field) {
  size_t product = header->itemsize > sizeof(double) ? header->itemsize : sizeof(double);
  for (size_t d = 0; d < header->rank + field->rank; d++) {
    size_t extent = d < header->rank ? header->shape[d] : field->shape[d - header->rank];
    if (__builtin_mul_overflow(product, extent ? extent : 1, &product)) return false;
  }
  return product < (size_t)PTRDIFF_MAX / 2;
}

static ens_status check_size(const parser *p, size_t size) {
  const ens_npy_header *header = p->out;
  size_t bytes, have = size - header->begin;
  for (size_t i = 0; i < header->nfields; i++) {
    if (!addressable(header, &header->field[i])) return too_large(p, header->begin);
  }
  if (p->objects) return ENS_OK; /* only Python knows how many bytes follow, and nobody will read them */
  if (!total(header->shape, header->rank, header->itemsize, &bytes)) return too_large(p, header->begin);
  if (bytes > have)
    return ens_literal_complain(
        &p->in, header->begin,
        "the shape and type need %zu bytes from here on, but the file has %zu: it may be cut off", bytes, have);
  if (bytes < have)
    return ens_literal_complain(
        &p->in, header->begin + bytes,
        "%zu bytes follow the last number: a .npy file has one array, numpy.savez writes several", have - bytes);
  return ENS_OK;
}

ens_status ens_npy_header_read(const char *name, const unsigned char *bytes, size_t size, ens_npy_header *out,
                               ens_error *error) {
  parser p = {.in = {.name = name, .text = (const char *)bytes, .error = error}, .out = out};
  *out = (ens_npy_header){0};
  ens_status status = find_text(name, bytes, size, &p.in, error);
  out->begin = p.in.end;
  if (!status) status = parse_dictionary(&p);
  out->objects = p.objects;
  if (!status) status = check_size(&p, size);
  if (status) ens_npy_header_free(out);
  return status;
}

void ens_npy_header_free(ens_npy_header *header) {
  free_fields(header->field, header->nfields);
  *header = (ens_npy_header){0};
}
