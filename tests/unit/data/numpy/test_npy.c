/* .npy files: the files that are accepted, the messages for the others, and the memory of the arrays. */
#include "data/numpy/npy.h"

#include <float.h>
#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

#include "binary_fixture.h"
#include "data/dtype.h"
#include "scarce.h"

static ens_node read_good(void) {
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  write_binary();
  ens_status status = ens_npy_read(binary_path, &node, &error);
  CHECK(status == ENS_OK);
  if (status) fprintf(stderr, "  %s\n", ens_error_text(&error));
  ens_error_clear(&error);
  binary_size = 0;
  return node;
}

/* `expected` is the message after the path. */
static void check_refused(ens_status status, const char *expected) {
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  char message[1024];
  write_binary();
  snprintf(message, sizeof message, "%s%s", binary_path, expected);
  CHECK(ens_npy_read(binary_path, &node, &error) == status);
  CHECK_STRING(ens_error_text(&error), message);
  CHECK(!node.array && !node.child && !node.name && node.kind == ENS_NODE_TABLE);
  ens_error_clear(&error);
  binary_size = 0;
}

static void refuses(const char *dictionary, size_t nbytes, const char *expected) {
  put_npy_header(1, dictionary);
  for (size_t i = 0; i < nbytes; i++) put("", 1);
  check_refused(ENS_CONFIG, expected);
}

static void check_array(const ens_array *array, size_t rank, const size_t *shape, const double *expected) {
  double out[64];
  CHECK(array && array->rank == rank);
  if (!array || array->rank != rank) return;
  for (size_t d = 0; d < rank; d++) CHECK(array->shape[d] == shape[d]);
  if (ens_array_size(array) > 64) return;
  ens_array_gather(array, out);
  for (size_t i = 0; i < ens_array_size(array); i++) CHECK_NEAR(out[i], expected[i], 0);
}

/* Frees the node. */
static void is_array(ens_node node, size_t rank, const size_t *shape, const double *expected) {
  CHECK(node.kind == ENS_NODE_ARRAY);
  check_array(node.array, rank, shape, expected);
  ens_node_clear(&node);
}

static void reads_type(const char *type, const void *bytes, size_t size, size_t count, const double *expected) {
  char dictionary[128];
  snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,), }", type, count);
  put_npy_header(1, dictionary);
  put(bytes, size);
  is_array(read_good(), 1, &count, expected);
}

TEST(every_type_in_either_byte_order) {
  reads_type("|b1", "\0\1\2", 3, 3, (double[]){0, 1, 1});
  reads_type("|i1", "\x7F\x80", 2, 2, (double[]){127, -128});
  reads_type("|u1", "\x7F\x80", 2, 2, (double[]){127, 128});
  reads_type("<i2", "\x01\x80", 2, 1, (double[]){-32767});
  reads_type(">i2", "\x80\x01", 2, 1, (double[]){-32767});
  reads_type("<u2", "\x01\x80", 2, 1, (double[]){32769});
  reads_type(">i4", "\x80\0\0\x01", 4, 1, (double[]){-2147483647.0});
  reads_type("<u4", "\x01\0\0\x80", 4, 1, (double[]){2147483649.0});
  reads_type("<i8", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 1, (double[]){-1});
  reads_type(">u8", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, 1, (double[]){18446744073709551616.0});
  reads_type("<f4", "\0\0\x80\x3F\0\0\xC0\x7F", 8, 2, (double[]){1, (double)NAN});
  reads_type(">f4", "\x3F\x80\0\0\xFF\x80\0\0", 8, 2, (double[]){1, -(double)INFINITY});
  reads_type(">f8", "\x3F\xF0\0\0\0\0\0\0", 8, 1, (double[]){1});
  reads_type("f8", "\0\0\0\0\0\0\xF0\x3F", 8, 1, (double[]){1});
  reads_type("=f8", "\0\0\0\0\0\0\xF0\x3F", 8, 1, (double[]){1});
}

/* 1, smallest subnormal, largest, -inf, NaN, -2, largest subnormal. */
TEST(half_precision) {
  reads_type("<f2", "\0\x3C\x01\0\xFF\x7B\0\xFC\x01\x7E\0\xC0\xFF\x03", 14, 7,
             (double[]){1, 0x1p-24, 65504, -(double)INFINITY, (double)NAN, -2, 1023 * 0x1p-24});
}

TEST(versions) {
  const double one[] = {1};
  for (int major = 1; major <= 3; major++) {
    put_npy_header(major, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }");
    put(one, 8);
    is_array(read_good(), 1, (size_t[]){1}, one);
  }
  put_npy_header(4, "{}");
  check_refused(ENS_CONFIG, ": byte 6: version 4.0 of the format: 1.0, 2.0 and 3.0 can be read");
  put("\x93NUMPY\1\1\0\0", 10);
  check_refused(ENS_CONFIG, ": byte 6: version 1.1 of the format: 1.0, 2.0 and 3.0 can be read");
}

TEST(header_with_other_spellings) {
  const double two[] = {1, 2};
  put_npy_header(1, "{\"shape\":(1L,2),'fortran_order':True,u'descr':u'<f8'}  \n");
  put(two, 16);
  is_array(read_good(), 2, (size_t[]){1, 2}, two);
}

TEST(orders_of_axes) {
  double numbers[24], expected[24];
  for (size_t i = 0; i < 24; i++) numbers[i] = (double)i;
  put_npy_header(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3, 4), }");
  put(numbers, sizeof numbers);
  is_array(read_good(), 3, (size_t[]){2, 3, 4}, numbers);
  for (size_t i = 0; i < 24; i++) expected[i] = (double)(i / 12 + 2 * (i / 4 % 3) + 6 * (i % 4));
  put_npy_header(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 4), }");
  put(numbers, sizeof numbers);
  is_array(read_good(), 3, (size_t[]){2, 3, 4}, expected);
  put_npy_header(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }"); /* converted */
  put("\0\1\2\3\4\5", 6);
  is_array(read_good(), 2, (size_t[]){2, 3}, (double[]){0, 2, 4, 1, 3, 5});
}

TEST(no_axes_no_elements) {
  put_npy_header(1, "{'descr': '<i2', 'fortran_order': False, 'shape': (), }");
  put("\x05\0", 2);
  ens_node node = read_good();
  CHECK(node.kind == ENS_NODE_NUMBER && node.number == 5);
  put_npy_header(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3), }");
  is_array(read_good(), 2, (size_t[]){0, 3}, NULL);
}

/* Aligned doubles stay in the bytes of the file; other numbers are converted. */
TEST(doubles_are_not_copied) {
  const char *dictionary = "{'descr': '<f8', 'fortran_order': False, 'shape': (300000,), }";
  for (size_t pad = 0; pad < 9; pad += 8) {
    char padded[128];
    size_t blanks = (14 - strlen(dictionary) % 8) % 8 + pad;
    snprintf(padded, sizeof padded, "%s%*s", dictionary, (int)blanks, "");
    put_npy_header(1, padded);
    size_t begin = binary_size;
    CHECK(begin % 8 == 0);
    for (size_t i = 0; i < 300000; i++) put(&(double){(double)i}, 8);
    ens_node node = read_good();
    CHECK((uintptr_t)node.array->data % 4096 == begin); /* in a page of the map */
    CHECK(node.array->data[299999] == 299999);
    ens_node_clear(&node);
  }
  put_npy_header(1, dictionary);
  binary_size = 77; /* odd */
  binary[8] = 67;
  memset(binary + 72, ' ', 5);
  for (size_t i = 0; i < 300000; i++) put(&(double){(double)i}, 8);
  ens_node node = read_good();
  CHECK(node.array && node.array->data[299999] == 299999 && (uintptr_t)node.array->data % 8 == 0);
  ens_node_clear(&node);
}

TEST(structured_types_are_columns) {
  put_npy_header(1,
                 "{'descr': [('x', '<f8'), (('a title', 'n'), '>i2'), ('', '|V2'), ('v', '|u1', (2, 2)), "
                 "('name', '<U1'), ('in', [('a', '<f4'), ('b', '<f4')])], 'fortran_order': False, 'shape': (2,)}");
  for (int i = 0; i < 2; i++) {
    put(&(double){1.5 + i}, 8);
    put("\1\0__", 4);
    put("\1\2\3\4", 4);
    put("a\0\0\0", 4);
    put("\0\0\0\0\0\0\0\0", 8);
  }
  ens_node node = read_good();
  CHECK(node.kind == ENS_NODE_TABLE && node.nchildren == 5);
  check_array(ens_node_find(&node, "x")->array, 1, (size_t[]){2}, (double[]){1.5, 2.5});
  check_array(ens_node_find(&node, "n")->array, 1, (size_t[]){2}, (double[]){256, 256});
  check_array(ens_node_find(&node, "v")->array, 3, (size_t[]){2, 2, 2}, (double[]){1, 2, 3, 4, 1, 2, 3, 4});
  CHECK_STRING(ens_node_find(&node, "name")->reason, "is text (U1), not numbers");
  CHECK_STRING(ens_node_find(&node, "in")->reason, "is a structure of its own: save its fields separately");
  ens_node_clear(&node);
}

TEST(structured_columns_of_doubles_are_not_copied) {
  put_npy_header(1, "{'descr': [('x', '<f8'), ('y', '<f8', (2,))], 'fortran_order': True, 'shape': (2, 2)} ");
  CHECK(binary_size % 8 == 0);
  for (size_t i = 0; i < 12; i++) put(&(double){(double)i}, 8);
  ens_node node = read_good();
  const ens_array *x = ens_node_find(&node, "x")->array, *y = ens_node_find(&node, "y")->array;
  CHECK(x && y && y->data == x->data + 1);
  check_array(x, 2, (size_t[]){2, 2}, (double[]){0, 6, 3, 9});
  check_array(y, 3, (size_t[]){2, 2, 2}, (double[]){1, 2, 7, 8, 4, 5, 10, 11});
  ens_node_clear(&node);
}

TEST(names_become_utf8) {
  put_npy_header(2, "{'descr': [('\xE9\\x41\\u20ac', '|u1')], 'fortran_order': False, 'shape': (1,)}"); /* Latin-1 */
  put("\1", 1);
  ens_node node = read_good();
  CHECK_STRING(node.child[0].name,
               "\xC3\xA9"
               "A\xE2\x82\xAC");
  ens_node_clear(&node);
  put_npy_header(3, "{'descr': [(\"it's \xC3\xA9\", '|u1')], 'fortran_order': False, 'shape': (1,)}");
  put("\1", 1);
  node = read_good();
  CHECK_STRING(node.child[0].name, "it's \xC3\xA9");
  ens_node_clear(&node);
}

#define F8(shape) "{'descr': '<f8', 'fortran_order': False, 'shape': " shape "}"

TEST(types_that_are_not_numbers) {
  static const char *const rows[][3] = {{"<c16", "16", "is complex (c16): save its .real and .imag separately"},
                                        {"<f16", "16", "has numbers of extended precision (f16): save a.astype('f8')"},
                                        {"|S3", "3", "is text (S3), not numbers"},
                                        {"<U3", "12", "is text (U3), not numbers"},
                                        {"<M8[ns]", "8", "has dates (M8[ns]): save them as numbers, a.astype('f8')"},
                                        {"<m8", "8", "has spans of time (m8): save them as numbers, a.astype('f8')"},
                                        {"|V4", "4", "has bytes of no type (V4), not numbers"},
                                        {"|O", "40", "holds Python objects: save numbers, a.astype('f8')"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char dictionary[128], expected[256];
    snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (1,)}", rows[i][0]);
    snprintf(expected, sizeof expected, ": byte 20: the array %s", rows[i][2]);
    refuses(dictionary, (size_t)atoi(rows[i][1]), expected);
  }
  refuses("{'descr': [('a', '|S3')], 'fortran_order': False, 'shape': (1,)}", 3,
          ": byte 20: the array is text (S3), not numbers");
  refuses("{'descr': [('a', '|u1'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}", 9,
          ": byte 20: the array holds Python objects: save numbers, a.astype('f8')");
  refuses("{'descr': [], 'fortran_order': False, 'shape': (1,)}", 0,
          ": byte 20: the array has no bytes in its elements");
  refuses("{'descr': 'float', 'fortran_order': False, 'shape': (1,)}", 8,
          ": byte 20: 'float' is not a type of numpy: the type of numbers is like '<f8' or '>i4'");
  refuses("{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}", 3,
          ": byte 20: '<f3' is not a type of numpy: the type of numbers is like '<f8' or '>i4'");
}

TEST(sizes_are_checked_before_they_are_believed) {
  refuses(F8("(3,)"), 23,
          ": byte 65: the shape and type need 24 bytes from here on, but the file has 23: it may be cut off");
  refuses(F8("(3,)"), 25,
          ": byte 89: 1 bytes follow the last number: a .npy file has one array, numpy.savez writes several");
  refuses(F8("(4611686018427387904, 4)"), 8, ": byte 85: so many numbers do not fit in any memory");
  refuses(F8("(0, 4611686018427387904, 4)"), 0, ": byte 88: so many numbers do not fit in any memory");
  refuses(F8("(99999999999999999999,)"), 8, ": byte 61: this number is beyond 64 bits");
  refuses(F8("(1000000000000,)"), 8,
          ": byte 77: the shape and type need 8000000000000 bytes from here on, but the file has 8: it may be cut off");
  refuses(F8("(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 8, ": byte 59: more than 8 axes: an array has at most that many");
  refuses("{'descr': [('a', '|u1', (9223372036854775807, 3))], 'fortran_order': False, 'shape': (1,)}", 8,
          ": byte 32: so many numbers do not fit in any memory");
  put_npy_header(1,
                 "{'descr': [('a', '|u1', (2, 2)), ('b', '|u1')], 'fortran_order': False, "
                 "'shape': (1, 1, 1, 1, 1, 1, 1)}");
  put("\1\2\3\4\5", 5);
  ens_node node = read_good();
  CHECK_STRING(ens_node_find(&node, "a")->reason, "has 9 axes: an array has at most 8");
  CHECK(ens_node_find(&node, "b")->array->rank == 7);
  ens_node_clear(&node);
}

TEST(header_is_strict) {
  refuses("", 0, ": byte 10: the header ends where '{' before the header's entries should be");
  refuses("[]", 0, ": byte 10: \"[]\" where '{' before the header's entries should be");
  refuses("{'descr': '<f8', 'fortran_order': False}", 0, ": byte 50: the header has no 'shape'");
  refuses("{'descr': '<f8', 'descr': '<f8'}", 0, ": byte 27: 'descr' occurs twice");
  refuses("{'order': 1}", 0, ": byte 11: the header has 'descr', 'fortran_order' and 'shape', but no 'order'");
  refuses("{'descr': '<f8' 'shape': ()}", 0, ": byte 26: \"'shape': ()}\" where ',' between two entries should be");
  refuses("{'descr': 8}", 0, ": byte 20: \"8}\" where a type, like '<f8', should be");
  refuses("{'descr': '<f8", 0, ": byte 20: this string does not end in the header");
  refuses("{'descr': '\\q'}", 0, ": byte 21: this is not a character of a string");
  refuses("{'descr': '\\x00'}", 0, ": byte 21: this is not a character of a string");
  refuses("{'shape': [3]}", 0, ": byte 20: \"[3]}\" where the shape, a tuple of whole numbers like (3, 4), should be");
  refuses("{'shape': (3 4)}", 0, ": byte 23: \"4)}\" where ',' between two numbers should be");
  refuses("{'shape': (-3,)}", 0, ": byte 21: \"-3,)}\" where a whole number should be");
  refuses("{'fortran_order': 0}", 0, ": byte 28: \"0}\" where True or False should be");
  refuses("{'fortran_order': T", 0, ": byte 28: \"T\" where True or False should be");
  refuses(F8("()") " x", 0, ": byte 64: there is text after the header's dictionary");
  refuses("{'descr': [('a', '|u1'), ('a', '|u1')], 'fortran_order': False, 'shape': (1,)}", 2,
          ": byte 20: two fields have the name 'a'");
  refuses("{'descr': [('a')]}", 0, ": byte 25: \")]}\" where ',' after a field's name should be");
  char deep[1024] = "{'descr': ";
  for (int i = 0; i < 20; i++) strcat(deep, "[('a', ");
  refuses(deep, 0, ": byte 139: structures are nested more than 16 deep");
}

TEST(beginning_of_the_file) {
  check_refused(ENS_CONFIG,
                ": byte 0: this is not a .npy file: it does not begin with \\x93NUMPY; numpy.save writes one");
  put_text("x,y\n1,2\n");
  check_refused(ENS_CONFIG,
                ": byte 0: this is not a .npy file: it does not begin with \\x93NUMPY; numpy.save writes one");
  put("\x93NUMPY\1", 7);
  check_refused(ENS_CONFIG, ": byte 7: the file ends in its version: it may be cut off");
  put("\x93NUMPY\1\0\1", 9);
  check_refused(ENS_CONFIG, ": byte 9: the file ends in the length of its header: it may be cut off");
  put("\x93NUMPY\2\0\xFF\xFF\xFF\xFF{", 13);
  check_refused(ENS_CONFIG, ": byte 13: the file ends in its header: it may be cut off");
}

TEST(every_cut_of_a_good_file_is_an_error) {
  put_npy_header(1, F8("(2, 2)"));
  for (int i = 0; i < 4; i++) put(&(double){i}, 8);
  size_t whole = binary_size;
  for (size_t cut = 0; cut < whole; cut++) {
    ens_node node;
    ens_error error = ENS_ERROR_NONE;
    binary_size = cut;
    write_binary();
    CHECK(ens_npy_read(binary_path, &node, &error) == ENS_CONFIG);
    ens_error_clear(&error);
  }
  binary_size = 0;
}

TEST(folders_and_pipes_are_errors) {
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  char message[128];
  CHECK(ens_npy_read("/nowhere/a.npy", &node, &error) == ENS_IO);
  CHECK_STRING(ens_error_text(&error), "/nowhere/a.npy: No such file or directory");
  CHECK(ens_npy_read(binary_folder, &node, &error) == ENS_IO);
  snprintf(message, sizeof message, "%s: it is a folder: give the name of a file", binary_folder);
  CHECK_STRING(ens_error_text(&error), message);
  remove(binary_path);
  CHECK(mkfifo(binary_path, 0600) == 0); /* it has no writer */
  CHECK(ens_npy_read(binary_path, &node, &error) == ENS_IO);
  snprintf(message, sizeof message, "%s: it is a pipe or a device: give the name of a file", binary_path);
  CHECK_STRING(ens_error_text(&error), message);
  remove(binary_path);
  ens_error_clear(&error);
}

#if SCARCE
TEST(every_allocation_may_fail) {
  put_npy_header(1,
                 "{'descr': [('x', '<f8'), ('y', '|u1'), ('t', '|S1'), ('z', '>f8')], 'fortran_order': False, "
                 "'shape': (3,)}");
  for (int i = 0; i < 54; i++) put("", 1);
  write_binary();
  binary_size = 0;
  ens_status status = ENS_MEMORY;
  for (long n = 0; status && n < 1000; n++) {
    ens_node node;
    ens_error error = ENS_ERROR_NONE;
    size_t before = scarce_held;
    scarce_left = n;
    status = ens_npy_read(binary_path, &node, &error);
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
  RUN(every_type_in_either_byte_order);
  RUN(half_precision);
  RUN(versions);
  RUN(header_with_other_spellings);
  RUN(orders_of_axes);
  RUN(no_axes_no_elements);
  RUN(doubles_are_not_copied);
  RUN(structured_types_are_columns);
  RUN(structured_columns_of_doubles_are_not_copied);
  RUN(names_become_utf8);
  RUN(types_that_are_not_numbers);
  RUN(sizes_are_checked_before_they_are_believed);
  RUN(header_is_strict);
  RUN(beginning_of_the_file);
  RUN(every_cut_of_a_good_file_is_an_error);
  RUN(folders_and_pipes_are_errors);
#if SCARCE
  RUN(every_allocation_may_fail);
#endif
  binary_end();
  return unit_report();
}
