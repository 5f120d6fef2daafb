/* Reads the file from its end: the end record (or zip64's) has the place of the directory, and the directory has a
 * record for each member, which must agree with the record before the member's bytes. */
#include "data/numpy/zip.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "data/excerpt.h"

enum {
  END = 22,
  END64 = 56,
  LOCATOR = 20,
  RECORD = 46,
  LOCAL = 30
}; /* sizes of the records without their texts, in bytes */
enum { END_MARK = 0x06054b50, END64_MARK = 0x06064b50, LOCATOR_MARK = 0x07064b50 };
enum { RECORD_MARK = 0x02014b50, LOCAL_MARK = 0x04034b50 };
enum { ENCRYPTED = 1 << 0, MASKED = 1 << 13, STORED = 0, DEFLATED = 8 };
enum { MOST_COMMENT = 0xFFFF, DEFLATE_RATIO = 1032 };

typedef struct directory {
  size_t begin, size, end_at; /* end_at: where the end record begins */
  uint64_t count;
} directory;

__attribute__((format(printf, 4, 5))) static ens_status complain(const ens_zip *zip, size_t at, ens_error *error,
                                                                 const char *format, ...) {
  char what[512];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return ens_error_set(error, ENS_CONFIG, "%s: byte %zu: %s", zip->path, at, what);
}

/* The number in the `width` bytes at `at`, little-endian. They must exist. */
static uint64_t field(const ens_zip *zip, size_t at, size_t width) {
  uint64_t number = 0;
  for (size_t i = width; i-- > 0;) number = number << 8 | zip->content->bytes[at + i];
  return number;
}

/* ---- the end ---- */

/* Finds the end record, which only its own comment may follow. */
static ens_status find_end(const ens_zip *zip, size_t *at, ens_error *error) {
  size_t size = zip->content->size;
  for (size_t comment = 0; size >= END && comment <= MOST_COMMENT && comment <= size - END; comment++) {
    *at = size - END - comment;
    if (field(zip, *at, 4) == END_MARK && field(zip, *at + 20, 2) == comment) return ENS_OK;
  }
  if (size >= 4 && field(zip, 0, 4) == LOCAL_MARK)
    return complain(zip, size, error, "the archive has no directory at its end: it may be cut off");
  return complain(zip, 0, error, "this is not a .npz file (a zip archive): numpy.savez writes one");
}

/* Numbers beyond 32 bits are in the end record of zip64. */
static ens_status read_end64(const ens_zip *zip, size_t end, directory *out, ens_error *error) {
  if (end < LOCATOR || field(zip, end - LOCATOR, 4) != LOCATOR_MARK) return ENS_OK;
  uint64_t at = field(zip, end - LOCATOR + 8, 8);
  if (at > end - LOCATOR || end - LOCATOR - at < END64 || field(zip, at, 4) != END64_MARK)
    return complain(zip, end - LOCATOR + 8, error, "the directory's end is not where it should be");
  *out = (directory){field(zip, at + 48, 8), field(zip, at + 40, 8), at, field(zip, at + 32, 8)};
  if (field(zip, at + 16, 4) || field(zip, at + 20, 4) || field(zip, at + 24, 8) != out->count)
    return complain(zip, at, error, "the archive is spread over several files");
  return ENS_OK;
}

static ens_status find_directory(const ens_zip *zip, directory *out, ens_error *error) {
  size_t end = 0;
  ens_status status = find_end(zip, &end, error);
  if (status) return status;
  *out = (directory){field(zip, end + 16, 4), field(zip, end + 12, 4), end, field(zip, end + 10, 2)};
  if (field(zip, end + 4, 2) || field(zip, end + 6, 2) || field(zip, end + 8, 2) != out->count)
    return complain(zip, end, error, "the archive is spread over several files");
  status = read_end64(zip, end, out, error);
  if (status) return status;
  if (out->begin > out->end_at || out->size != out->end_at - out->begin)
    return complain(zip, out->end_at, error, "the directory, %zu bytes from byte %zu on, does not end here", out->size,
                    out->begin);
  return ENS_OK;
}

/* ---- members ---- */

/* Reads the numbers that do not fit into the record from the zip64 field of its extra bytes. */
static ens_status read_extra64(const ens_zip *zip, size_t at, size_t size, uint64_t *value[3], ens_error *error) {
  for (size_t left = size; left >= 4;) {
    size_t id = field(zip, at, 2), length = field(zip, at + 2, 2);
    if (length > left - 4) break;
    size_t from = at + 4, end = from + length;
    for (int i = 0; id == 1 && i < 3; i++) {
      if (*value[i] != 0xFFFFFFFF) continue;
      if (end - from < 8) return complain(zip, at, error, "the zip64 field is too short for the member's sizes");
      *value[i] = field(zip, from, 8);
      from += 8;
    }
    if (id == 1) return ENS_OK;
    at = end;
    left -= 4 + length;
  }
  return ENS_OK;
}

static const char *method_name(unsigned method) {
  static const struct {
    unsigned method;
    const char *name;
  } names[] = {{9, "Deflate64"}, {12, "bzip2"}, {14, "LZMA"}, {93, "Zstandard"}, {95, "XZ"}, {99, "AES"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (names[i].method == method) return names[i].name;
  }
  return "an unknown method";
}

static ens_status check_packing(const ens_zip *zip, size_t at, const char *name, ens_error *error) {
  unsigned flags = (unsigned)field(zip, at + 8, 2), method = (unsigned)field(zip, at + 10, 2);
  if (flags & (ENCRYPTED | MASKED)) return complain(zip, at + 8, error, "'%s' is encrypted", name);
  if (method == STORED || method == DEFLATED) return ENS_OK;
  return complain(zip, at + 10, error,
                  "'%s' is packed by %s (method %u): numpy.savez and numpy.savez_compressed write readable files", name,
                  method_name(method), method);
}

/* A member's record in the directory. */
typedef struct record {
  const directory *dir;
  size_t at;         /* its first byte */
  const char *shown; /* the name for messages */
} record;

/* Finds the packed bytes of the member, after its own record at `local`. They must lie before the directory. */
static ens_status find_bytes(const ens_zip *zip, const record *of, uint64_t local, ens_zip_member *member,
                             ens_error *error) {
  size_t at = of->at, length = field(zip, at + 28, 2), room = of->dir->begin;
  const char *name = of->shown;
  if (local > room || room - local < LOCAL || field(zip, local, 4) != LOCAL_MARK)
    return complain(zip, at + 42, error, "'%s' is not at byte %llu, where it should be", name,
                    (unsigned long long)local);
  size_t texts = field(zip, local + 26, 2) + field(zip, local + 28, 2);
  if (texts > room - local - LOCAL || field(zip, local + 26, 2) != length ||
      memcmp(zip->content->bytes + local + LOCAL, zip->content->bytes + at + RECORD, length) != 0)
    return complain(zip, local + 26, error, "the directory calls this member '%s', the member itself does not", name);
  member->begin = local + LOCAL + texts;
  if (member->packed > room - member->begin)
    return complain(zip, at + 20, error, "'%s' has %zu bytes, but the archive has %zu from byte %zu on", name,
                    member->packed, room - member->begin, member->begin);
  return ENS_OK;
}

static ens_status check_sizes(const ens_zip *zip, size_t at, const char *name, const ens_zip_member *member,
                              ens_error *error) {
  if (!member->deflated && member->size != member->packed)
    return complain(zip, at + 20, error, "'%s' is stored, but its two sizes differ: %zu and %zu", name, member->packed,
                    member->size);
  if (member->deflated && member->size / DEFLATE_RATIO > member->packed)
    return complain(zip, at + 24, error,
                    "'%s' cannot become %zu bytes: deflate makes at most %d of one, and it has %zu", name, member->size,
                    DEFLATE_RATIO, member->packed);
  return ENS_OK;
}

/* Reads the record, except for the name. */
static ens_status read_member(const ens_zip *zip, const record *of, ens_zip_member *member, ens_error *error) {
  size_t at = of->at;
  const char *shown = of->shown;
  uint64_t size = field(zip, at + 24, 4), packed = field(zip, at + 20, 4), local = field(zip, at + 42, 4);
  size_t length = field(zip, at + 28, 2), extra = field(zip, at + 30, 2);
  ens_status status = check_packing(zip, at, shown, error);
  if (!status) status = read_extra64(zip, at + RECORD + length, extra, (uint64_t *[]){&size, &packed, &local}, error);
  *member = (ens_zip_member){.deflated = field(zip, at + 10, 2) == DEFLATED,
                             .crc = (uint32_t)field(zip, at + 16, 4),
                             .packed = packed,
                             .size = size};
  if (!status) status = find_bytes(zip, of, local, member, error);
  return status ? status : check_sizes(zip, at, shown, member, error);
}

static ens_status add_member(ens_zip *zip, const directory *dir, size_t at, ens_error *error) {
  size_t length = field(zip, at + 28, 2);
  const char *name = (const char *)zip->content->bytes + at + RECORD;
  char shown[ENS_EXCERPT_SIZE];
  ens_zip_member member;
  if (length == 0 || memchr(name, '\0', length))
    return complain(zip, at + RECORD, error, "a member's name is empty or has a NUL in it");
  if (name[length - 1] == '/') return ENS_OK; /* a folder */
  const record of = {dir, at, ens_excerpt(shown, name, length)};
  ens_status status = read_member(zip, &of, &member, error);
  if (status) return status;
  if (zip->nmembers == zip->capacity) {
    size_t capacity = zip->capacity ? zip->capacity * 2 : 16;
    ens_zip_member *larger = realloc(zip->member, capacity * sizeof *larger);
    if (!larger) return ens_error_memory(error);
    zip->member = larger;
    zip->capacity = capacity;
  }
  member.name = strndup(name, length);
  if (!member.name) return ens_error_memory(error);
  zip->member[zip->nmembers++] = member;
  return ENS_OK;
}

/* Members that share bytes could unpack to far more than the size of the archive allows. */
static ens_status check_overlap(const ens_zip *zip, const directory *dir, ens_error *error) {
  size_t left = dir->begin;
  for (size_t i = 0; i < zip->nmembers; i++) {
    if (zip->member[i].packed > left) return complain(zip, dir->begin, error, "members overlap");
    left -= zip->member[i].packed;
  }
  return ENS_OK;
}

static ens_status read_directory(ens_zip *zip, ens_error *error) {
  directory dir = {0};
  ens_status status = find_directory(zip, &dir, error);
  size_t at = dir.begin;
  for (uint64_t i = 0; !status && i < dir.count; i++) {
    if (dir.end_at - at < RECORD || field(zip, at, 4) != RECORD_MARK)
      return complain(zip, at, error, "member %llu of %llu is missing in the directory", (unsigned long long)i + 1,
                      (unsigned long long)dir.count);
    size_t size = RECORD + field(zip, at + 28, 2) + field(zip, at + 30, 2) + field(zip, at + 32, 2);
    if (size > dir.end_at - at) return complain(zip, at, error, "this record is longer than the directory");
    status = add_member(zip, &dir, at, error);
    at += size;
  }
  if (!status && at != dir.end_at) status = complain(zip, at, error, "the directory has more than its members");
  return status ? status : check_overlap(zip, &dir, error);
}

ens_status ens_zip_open(const char *path, ens_zip *out, ens_error *error) {
  *out = (ens_zip){.path = path};
  ens_status status = ens_content_open(path, &out->content, error);
  if (!status) status = read_directory(out, error);
  if (status) ens_zip_close(out);
  return status;
}

void ens_zip_close(ens_zip *zip) {
  for (size_t i = 0; i < zip->nmembers; i++) free(zip->member[i].name);
  free(zip->member);
  ens_content_release(zip->content);
  *zip = (ens_zip){0};
}

/* ---- unpacking ---- */

static ens_status complain_packed(const ens_zip *zip, const ens_zip_member *member, const char *what,
                                  ens_error *error) {
  char shown[ENS_EXCERPT_SIZE];
  return complain(zip, member->begin, error, "'%s' %s", ens_excerpt(shown, member->name, strlen(member->name)), what);
}

/* zlib counts bytes in 32 bits. */
static uInt portion(size_t left) {
  return left < 1 << 30 ? (uInt)left : 1 << 30;
}

/* Runs the stream until its end, or until it makes no progress. Returns the last result of zlib. */
static int inflate_all(z_stream *z, const unsigned char *from, size_t packed, unsigned char *to, size_t size) {
  int result = Z_OK;
  size_t fed = 0, filled = 0;
  while (result == Z_OK) {
    uInt in = portion(packed - fed), out = portion(size - filled);
    z->next_in = (Bytef *)from + fed;
    z->avail_in = in;
    z->next_out = to + filled;
    z->avail_out = out;
    result = inflate(z, Z_NO_FLUSH);
    fed += in - z->avail_in;
    filled += out - z->avail_out;
  }
  if (result == Z_STREAM_END && (fed != packed || filled != size)) return Z_BUF_ERROR;
  return result;
}

static ens_status inflate_member(const ens_zip *zip, const ens_zip_member *member, unsigned char *to,
                                 ens_error *error) {
  z_stream z = {0};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return ens_error_memory(error);
  int result = inflate_all(&z, zip->content->bytes + member->begin, member->packed, to, member->size);
  inflateEnd(&z);
  if (result == Z_STREAM_END) return ENS_OK;
  if (result == Z_MEM_ERROR) return ens_error_memory(error);
  return complain_packed(zip, member,
                         result == Z_BUF_ERROR ? "does not unpack to the size in the directory"
                                               : "is damaged: its packed bytes are not valid",
                         error);
}

ens_status ens_zip_unpack(const ens_zip *zip, const ens_zip_member *member, ens_content **out, size_t *begin,
                          ens_error *error) {
  ens_status status = ENS_OK;
  unsigned char *to;
  *begin = member->deflated ? 0 : member->begin;
  *out = member->deflated ? ens_content_create(member->size, &to) : ens_content_retain(zip->content);
  if (!*out) return ens_error_memory(error);
  if (member->deflated) status = inflate_member(zip, member, to, error);
  if (!status && crc32_z(0, (*out)->bytes + *begin, member->size) != member->crc)
    status = complain_packed(zip, member, "is damaged: its CRC-32 differs from that in the directory", error);
  if (!status) return ENS_OK;
  ens_content_release(*out);
  *out = NULL;
  return status;
}
