/* .npz files: archives as numpy and others write them, and broken ones. */
#include "data/numpy/npz.h"

#include <math.h>
#include <zlib.h>

#include "binary_fixture.h"
#include "scarce.h"

/* The false entries of a member's records; zero: the entry is right. */
typedef struct member {
  const char *name, *data;
  size_t size;
  unsigned flags, method; /* method 8 packs the data */
  uint32_t crc_off;
  size_t size_off, packed_off, local_off;
  const char *local_name; /* in the member's own record */
  bool zip64, descriptor;
} member;

enum { MOST = 8 };
static struct {
  size_t local, packed, size;
  uint32_t crc;
} placed[MOST];

static void put_local(const member *m, size_t i) {
  const char *name = m->local_name ? m->local_name : m->name;
  bool hidden = m->descriptor || m->zip64;
  placed[i].local = binary_size;
  put_count(0x04034b50, 4);
  put_count(45, 2);
  put_count(m->flags | (m->descriptor ? 8u : 0), 2);
  put_count(m->method, 2);
  put_count(0, 4); /* time and date */
  put_count(m->descriptor ? 0 : placed[i].crc, 4);
  put_count(m->descriptor ? 0 : hidden ? 0xFFFFFFFF : placed[i].packed, 4);
  put_count(m->descriptor ? 0 : hidden ? 0xFFFFFFFF : placed[i].size, 4);
  put_count(strlen(name), 2);
  put_count(m->zip64 ? 20 : 0, 2);
  put_text(name);
  if (!m->zip64) return;
  put_count(1, 2);
  put_count(16, 2);
  put_count(placed[i].size, 8);
  put_count(placed[i].packed, 8);
}

static void put_member(const member *m, size_t i) {
  static unsigned char packed[1 << 20];
  z_stream z = {.next_in = (Bytef *)m->data, .avail_in = (uInt)m->size, .next_out = packed, .avail_out = sizeof packed};
  placed[i].size = placed[i].packed = m->size;
  placed[i].crc = (uint32_t)crc32_z(0, (const Bytef *)m->data, m->size);
  if (m->method == 8) {
    CHECK(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK && deflate(&z, Z_FINISH) == Z_STREAM_END);
    placed[i].packed = z.total_out;
    deflateEnd(&z);
  }
  put_local(m, i);
  put(m->method == 8 ? (const char *)packed : m->data, placed[i].packed);
  if (!m->descriptor) return;
  put_count(0x08074b50, 4);
  put_count(placed[i].crc, 4);
  put_count(placed[i].packed, 4);
  put_count(placed[i].size, 4);
}

static void put_record(const member *m, size_t i) {
  put_count(0x02014b50, 4);
  put_count(45, 2);
  put_count(45, 2);
  put_count(m->flags | (m->descriptor ? 8u : 0), 2);
  put_count(m->method, 2);
  put_count(0, 4);
  put_count(placed[i].crc + m->crc_off, 4);
  put_count(m->zip64 ? 0xFFFFFFFF : placed[i].packed + m->packed_off, 4);
  put_count(m->zip64 ? 0xFFFFFFFF : placed[i].size + m->size_off, 4);
  put_count(strlen(m->name), 2);
  put_count(m->zip64 ? 24 : 4, 2);
  put_count(0, 10); /* comment, disk, attributes */
  put_count(placed[i].local + m->local_off, 4);
  put_text(m->name);
  put_count(0xCAFE, 2); /* an extra field of another program */
  put_count(0, 2);
  if (!m->zip64) return;
  put_count(1, 2);
  put_count(16, 2);
  put_count(placed[i].size + m->size_off, 8);
  put_count(placed[i].packed + m->packed_off, 8);
}

static void put_end(size_t begin, size_t n, const char *comment) {
  size_t size = binary_size - begin;
  put_count(0x06054b50, 4);
  put_count(0, 4);
  put_count(n, 2);
  put_count(n, 2);
  put_count(size, 4);
  put_count(begin, 4);
  put_count(strlen(comment), 2);
  put_text(comment);
}

static void put_end64(size_t begin, size_t n) {
  size_t at = binary_size;
  put_count(0x06064b50, 4);
  put_count(44, 8);
  put_count(45, 2);
  put_count(45, 2);
  put_count(0, 8);
  put_count(n, 8);
  put_count(n, 8);
  put_count(at - begin, 8);
  put_count(begin, 8);
  put_count(0x07064b50, 4);
  put_count(0, 4);
  put_count(at, 8);
  put_count(1, 4);
  put_count(0x06054b50, 4);
  put_count(0, 4);
  put_count(0xFFFFFFFF, 4);
  put_count(0xFFFFFFFFFFFFFFFF, 8);
  put_count(0, 2);
}

static void put_archive(const member *m, size_t n) {
  binary_size = 0;
  for (size_t i = 0; i < n; i++) put_member(&m[i], i);
  size_t begin = binary_size;
  for (size_t i = 0; i < n; i++) put_record(&m[i], i);
  put_end(begin, n, "");
}

/* Makes the bytes of a .npy file with the doubles 1 .. n. */
static char numbers[1 << 17];
static size_t npy_of(size_t n) {
  char dictionary[80];
  snprintf(dictionary, sizeof dictionary, "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu,), }", n);
  size_t before = binary_size;
  put_npy_header(1, dictionary);
  for (size_t i = 0; i < n; i++) put(&(double){(double)i + 1}, 8);
  size_t size = binary_size - before;
  memcpy(numbers, binary + before, size);
  binary_size = before;
  return size;
}

static ens_node read_good(void) {
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  write_binary();
  ens_status status = ens_npz_read(binary_path, &node, &error);
  CHECK(status == ENS_OK);
  if (status) fprintf(stderr, "  %s\n", ens_error_text(&error));
  ens_error_clear(&error);
  return node;
}

static void check_refused(const char *expected) {
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  char message[1024];
  write_binary();
  snprintf(message, sizeof message, "%s%s", binary_path, expected);
  CHECK(ens_npz_read(binary_path, &node, &error) == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), message);
  CHECK(!node.child && node.nchildren == 0);
  ens_error_clear(&error);
}

static void refuses(member m, const char *expected) {
  size_t size = npy_of(2);
  if (!m.name) m.name = "x.npy";
  if (!m.data) {
    m.data = numbers;
    m.size = size;
  }
  put_archive(&m, 1);
  check_refused(expected);
}

static void check_numbers(const ens_node *table, const char *name, size_t n) {
  const ens_node *node = ens_node_find(table, name);
  CHECK(node && node->kind == ENS_NODE_ARRAY && node->array->rank == 1 && node->array->shape[0] == n);
  for (size_t i = 0; node && node->array && i < n; i++) CHECK(node->array->data[i] == (double)i + 1);
}

TEST(stored_and_deflated_in_every_form) {
  size_t size = npy_of(1000);
  for (unsigned form = 0; form < 8; form++) {
    unsigned method = form & 1 ? 8 : 0;
    member m[] = {
        {.name = "x.npy", .data = numbers, .size = size, .method = method, .zip64 = form & 2, .descriptor = form & 4},
        {.name = "folder/", .data = ""},
        {.name = "dir/y", .data = numbers, .size = size, .method = 8 - method}};
    put_archive(m, 3);
    ens_node node = read_good();
    CHECK(node.nchildren == 2);
    check_numbers(&node, "x", 1000);
    check_numbers(&node, "dir/y", 1000);
    ens_node_clear(&node);
  }
}

TEST(comments_and_zip64_ends) {
  size_t size = npy_of(3);
  member m = {.name = "x.npy", .data = numbers, .size = size};
  put_archive(&m, 1);
  binary_size -= 22;
  size_t begin = placed[0].local + 30 + 5 + size;
  put_end(begin, 1, "a comment with PK\5\6 in it, and some more behind");
  ens_node node = read_good();
  check_numbers(&node, "x", 3);
  ens_node_clear(&node);
  put_archive(&m, 1);
  binary_size -= 22;
  put_end64(begin, 1);
  node = read_good();
  check_numbers(&node, "x", 3);
  ens_node_clear(&node);
  binary[binary_size - 22 - 20 + 8]++; /* the place of the end record of zip64 */
  check_refused(": byte 245: the directory's end is not where it should be");
}

/* A stored and aligned array is a part of the file's bytes; so two such arrays have the same distance as in the file.
 */
TEST(stored_doubles_are_not_copied) {
  size_t size = npy_of(10), header = size - 80;
  char name[16] = "xxxxxxxxxxxxxxx";
  name[(7 * 8 - 30 - header % 8) % 8 + 8] = '\0'; /* the numbers begin at a multiple of 8 */
  char other[16];
  snprintf(other, sizeof other, "y%s", name + 1);
  member m[] = {{.name = name, .data = numbers, .size = size}, {.name = other, .data = numbers, .size = size}};
  put_archive(m, 2);
  ens_node node = read_good();
  const ens_array *x = node.child[0].array, *y = node.child[1].array;
  CHECK((size_t)((const char *)y->data - (const char *)x->data) == placed[1].local - placed[0].local);
  check_numbers(&node, name, 10);
  check_numbers(&node, other, 10);
  ens_array *kept = ens_array_retain(x);
  ens_node_clear(&node);
  CHECK(kept->data[9] == 10);
  ens_array_release(kept);
}

TEST(members_that_are_not_arrays_are_skipped) {
  size_t size = npy_of(2);
  member m[] = {{.name = "note.txt", .data = "text", .size = 4}, {.name = "x.npy", .data = numbers, .size = size}};
  put_archive(m, 2);
  ens_node node = read_good();
  CHECK_STRING(ens_node_find(&node, "note.txt")->reason, "is not a .npy file");
  check_numbers(&node, "x", 2);
  ens_node_clear(&node);
  put_archive(m, 1);
  check_refused(": there is no array of numbers in it: 'note.txt' is not a .npy file");
  put_archive(m, 0);
  check_refused(": there is no array in it");
  m[0] = m[1];
  put_archive(m, 2);
  check_refused(": two members have the name 'x'");
}

TEST(packing_that_cannot_be_read) {
  refuses((member){.flags = 1}, ": byte 126: 'x.npy' is encrypted");
  refuses((member){.flags = 1 << 13}, ": byte 126: 'x.npy' is encrypted");
  refuses((member){.method = 12},
          ": byte 128: 'x.npy' is packed by bzip2 (method 12): numpy.savez and numpy.savez_compressed write readable "
          "files");
  refuses((member){.method = 1},
          ": byte 128: 'x.npy' is packed by an unknown method (method 1): numpy.savez and numpy.savez_compressed write "
          "readable files");
}

TEST(sizes_and_places_are_checked) {
  refuses((member){.size_off = 1}, ": byte 138: 'x.npy' is stored, but its two sizes differ: 83 and 84");
  refuses((member){.packed_off = 1, .size_off = 1},
          ": byte 138: 'x.npy' has 84 bytes, but the archive has 83 from byte 35 on");
  refuses((member){.zip64 = true, .packed_off = SIZE_MAX / 2, .size_off = SIZE_MAX / 2},
          ": byte 158: 'x.npy' has 9223372036854775890 bytes, but the archive has 83 from byte 55 on");
  refuses((member){.method = 8, .size_off = 1000}, ": byte 35: 'x.npy' does not unpack to the size in the directory");
  refuses((member){.method = 8, .size_off = (size_t)-1},
          ": byte 35: 'x.npy' does not unpack to the size in the directory");
  refuses((member){.local_off = 1}, ": byte 160: 'x.npy' is not at byte 1, where it should be");
  refuses((member){.local_off = 1 << 20}, ": byte 160: 'x.npy' is not at byte 1048576, where it should be");
  refuses((member){.local_name = "y.npy"},
          ": byte 26: the directory calls this member 'x.npy', the member itself does not");
  refuses((member){.crc_off = 1}, ": byte 35: 'x.npy' is damaged: its CRC-32 differs from that in the directory");
  refuses((member){.method = 8, .crc_off = 1},
          ": byte 35: 'x.npy' is damaged: its CRC-32 differs from that in the directory");
}

/* A small archive that claims to unpack to terabytes, and two members that share their bytes. */
TEST(bombs_are_errors) {
  size_t size = npy_of(2);
  member m[] = {
      {.name = "x.npy", .data = numbers, .size = size, .method = 8, .zip64 = true, .size_off = (size_t)1 << 42},
      {.name = "x.npy", .data = numbers, .size = size}};
  char expected[256];
  put_archive(m, 1);
  snprintf(expected, sizeof expected,
           ": byte %zu: 'x.npy' cannot become %zu bytes: deflate makes at most 1032 of one, and it has %zu",
           55 + placed[0].packed + 24, size + m[0].size_off, placed[0].packed);
  check_refused(expected);
  binary_size = 0;
  put_member(&m[1], 0);
  size_t begin = binary_size;
  put_record(&m[1], 0);
  put_record(&m[1], 0);
  put_end(begin, 2, "");
  check_refused(": byte 118: members overlap");
}

TEST(damaged_members) {
  size_t size = npy_of(1000);
  member m = {.name = "x.npy", .data = numbers, .size = size, .method = 8};
  put_archive(&m, 1);
  memset(binary + 35 + 10, 0xFF, 40);
  check_refused(": byte 35: 'x.npy' is damaged: its packed bytes are not valid");
  refuses((member){.data = "\x93NUMPY\1\0\2\0{}", .size = 12}, ": x.npy: byte 12: the header has no 'descr'");
}

TEST(broken_directories) {
  refuses((member){.name = ""}, ": byte 159: a member's name is empty or has a NUL in it");
  npy_of(2);
  member m = {.name = "x.npy", .data = numbers, .size = npy_of(2)};
  put_archive(&m, 1);
  binary[binary_size - 12]++; /* its members */
  check_refused(": byte 173: the archive is spread over several files");
  binary[binary_size - 14]++;
  check_refused(": byte 173: member 2 of 2 is missing in the directory");
  put_archive(&m, 1);
  binary[binary_size - 10]++; /* its size */
  check_refused(": byte 173: the directory, 56 bytes from byte 118 on, does not end here");
  put_archive(&m, 1);
  binary[118 + 30]++; /* the extra bytes of its member */
  check_refused(": byte 118: this record is longer than the directory");
  binary_size = 100;
  check_refused(": byte 100: the archive has no directory at its end: it may be cut off");
  binary_size = 0;
  check_refused(": byte 0: this is not a .npz file (a zip archive): numpy.savez writes one");
  npy_of(2);
  put(numbers, 140);
  check_refused(": byte 0: this is not a .npz file (a zip archive): numpy.savez writes one");
}

TEST(every_beginning_and_every_flipped_byte) {
  size_t size = npy_of(2);
  member m[] = {{.name = "x.npy", .data = numbers, .size = size, .method = 8, .zip64 = true},
                {.name = "y.npy", .data = numbers, .size = size, .descriptor = true}};
  put_archive(m, 2);
  size_t whole = binary_size;
  for (size_t i = 0; i < 2 * whole; i++) {
    ens_node node;
    ens_error error = ENS_ERROR_NONE;
    binary_size = i < whole ? i : whole;
    if (i >= whole) binary[i - whole] ^= 0xFF;
    write_binary();
    ens_status status = ens_npz_read(binary_path, &node, &error);
    CHECK(status == ENS_CONFIG ||
          (i >= whole && status == ENS_OK)); /* some bytes may have any value, as those of a date */
    if (i >= whole) binary[i - whole] ^= 0xFF;
    ens_node_clear(&node);
    ens_error_clear(&error);
  }
}

#if SCARCE
TEST(every_allocation_may_fail) {
  size_t size = npy_of(2);
  member m[] = {{.name = "x.npy", .data = numbers, .size = size, .method = 8},
                {.name = "y.npy", .data = numbers, .size = size},
                {.name = "z", .data = "z", .size = 1}};
  put_archive(m, 3);
  write_binary();
  ens_status status = ENS_MEMORY;
  for (long n = 0; status && n < 1000; n++) {
    ens_node node;
    ens_error error = ENS_ERROR_NONE;
    size_t before = scarce_held;
    scarce_left = n;
    status = ens_npz_read(binary_path, &node, &error);
    scarce_left = -1;
    CHECK(status == ENS_OK || status == ENS_MEMORY);
    ens_node_clear(&node);
    ens_error_clear(&error);
    CHECK(scarce_held == before);
  }
  CHECK(status == ENS_OK);
}
#endif

int main(void) {
  if (!binary_begin()) return 1;
  RUN(stored_and_deflated_in_every_form);
  RUN(comments_and_zip64_ends);
  RUN(stored_doubles_are_not_copied);
  RUN(members_that_are_not_arrays_are_skipped);
  RUN(packing_that_cannot_be_read);
  RUN(sizes_and_places_are_checked);
  RUN(bombs_are_errors);
  RUN(damaged_members);
  RUN(broken_directories);
  RUN(every_beginning_and_every_flipped_byte);
#if SCARCE
  RUN(every_allocation_may_fail);
#endif
  binary_end();
  return unit_report();
}
