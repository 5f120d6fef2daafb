/* Text tables: those that are accepted, and the messages for the others. */
#include "data/text/csv.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/text/number.h"
#include "unit.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNIT_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define UNIT_SANITIZED
#endif
#endif

static char folder[] = "/tmp/test_csv_XXXXXX";
static char path[sizeof folder + 8];

static void write_file(const char *bytes, size_t length) {
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(bytes, 1, length, file) == length);
  CHECK(file && fclose(file) == 0);
}

static const ens_csv_options found_out = {.header = -1};

static ens_frame read_bytes(const char *bytes, size_t length, const ens_csv_options *options) {
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  write_file(bytes, length);
  ens_status status = ens_csv_read(path, options, &frame, &error);
  CHECK(status == ENS_OK);
  if (status) fprintf(stderr, "  %s\n", ens_error_text(&error));
  ens_error_clear(&error);
  return frame;
}

/* Checks and frees the frame. `names` has blanks between the names; the numbers are in the order of rows. */
static void check_frame(ens_frame frame, const char *names, size_t nrows, const double *expected) {
  char joined[256] = "";
  for (size_t j = 0; j < frame.ncolumns; j++) {
    if (j) strcat(joined, " ");
    strcat(joined, frame.name[j]);
  }
  CHECK_STRING(joined, names);
  CHECK(frame.nrows == nrows);
  for (size_t j = 0; j < frame.ncolumns; j++) {
    CHECK(frame.column[j]->rank == 1 && frame.column[j]->shape[0] == nrows);
    for (size_t i = 0; i < frame.nrows && i < nrows; i++) {
      CHECK_NEAR(frame.column[j]->data[i], expected[i * frame.ncolumns + j], 0);
    }
  }
  ens_frame_free(&frame);
  CHECK(frame.ncolumns == 0 && !frame.name && !frame.column);
}

#define READS(text, names, nrows, ...) READS_AS(text, &found_out, names, nrows, __VA_ARGS__)
#define READS_AS(text, options, names, nrows, ...) \
  check_frame(read_bytes(text, sizeof(text) - 1, options), names, nrows, (const double[]){__VA_ARGS__})

/* `expected` is the message after the path. */
static void check_refused(const char *bytes, size_t length, const ens_csv_options *options, ens_status status,
                          const char *expected) {
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  char message[2048];
  write_file(bytes, length);
  snprintf(message, sizeof message, "%s%s", path, expected);
  CHECK(ens_csv_read(path, options, &frame, &error) == status);
  CHECK_STRING(ens_error_text(&error), message);
  CHECK(frame.ncolumns == 0 && frame.nrows == 0 && !frame.name && !frame.column);
  ens_error_clear(&error);
}

#define REFUSES(text, expected) REFUSES_AS(text, &found_out, expected)
#define REFUSES_AS(text, options, expected) check_refused(text, sizeof(text) - 1, options, ENS_CONFIG, expected)

TEST(header_is_found_out) {
  READS("x,y\n1,2\n3,4\n", "x y", 2, 1, 2, 3, 4);
  READS("1,2\n3,4\n", "c1 c2", 2, 1, 2, 3, 4);
  READS("id,2010,2011\n1,2,3\n", "id 2010 2011", 1, 1, 2, 3);
  READS("nan,inf\n1,2\n", "c1 c2", 2, (double)NAN, (double)INFINITY, 1, 2);
  READS_AS("1,2\n3,4\n", (&(ens_csv_options){.header = 1}), "1 2", 1, 3, 4);
  READS_AS("1,2\n3,4\n", (&(ens_csv_options){.header = 0}), "c1 c2", 2, 1, 2, 3, 4);
  READS_AS("x,y\n1,2\n", NULL, "x y", 1, 1, 2);
}

TEST(missing_values_do_not_make_a_header) {
  REFUSES("1,NA\n3,4\n", ":1:3: column 'c2': \"NA\" is not a number: write nan where a value is missing");
  REFUSES("1,,2\n3,4,5\n", ":1:3: column 'c2': the field is empty, not a number: write nan where a value is missing");
  REFUSES_AS("x,y\n1,2\n", (&(ens_csv_options){.header = 0}), ":1:1: column 'c1': \"x\" is not a number");
}

TEST(line_ends) {
  READS("x,y\r\n1,2\r\n3,4\r\n", "x y", 2, 1, 2, 3, 4);
  READS("x,y\r1,2\r3,4\r", "x y", 2, 1, 2, 3, 4);
  READS("x,y\n1,2\r3,4\r\n5,6", "x y", 3, 1, 2, 3, 4, 5, 6);
  READS("1", "c1", 1, 1);
  READS("1\r", "c1", 1, 1);
  REFUSES("x\r\n1\r\n\r\nbad\r\n", ":4:1: column 'x': \"bad\" is not a number");
  REFUSES("x\r1\r\rbad", ":4:1: column 'x': \"bad\" is not a number");
}

TEST(byte_order_mark) {
  READS("\xEF\xBB\xBFx,y\n1,2\n", "x y", 1, 1, 2);
  READS("\xEF\xBB\xBF\"x\",y\n1,2\n", "x y", 1, 1, 2);
  REFUSES(
      "\xEF\xBB\xBF"
      "1,a\n",
      ":1: a header, but no row of numbers after it");
  REFUSES("\xEF\xBB\xBF", ": there is no table in it: it has no lines");
  REFUSES("\xEF\xBB", ":1: a header, but no row of numbers after it");
}

TEST(delimiters_are_found_out) {
  READS("x;y\n1;2\n", "x y", 1, 1, 2);
  READS("x\ty\n1\t2\n", "x y", 1, 1, 2);
  READS("x|y\n1 | 2\n", "x y", 1, 1, 2);
  READS("  x   y z\n 1\t 2  3  \n", "x y z", 1, 1, 2, 3);
  READS("1, 2, 3\n4, 5, 6\n", "c1 c2 c3", 2, 1, 2, 3, 4, 5, 6);
  READS("x\n1\n2\n", "x", 2, 1, 2);
  READS("my column\n1\n2\n", "my column", 2, 1, 2);
  READS("a b\tc d\n1\t2\n", "a b c d", 1, 1, 2);
  READS("a;b,c;d\n1,2\n3,4\n", "a;b c;d", 2, 1, 2, 3, 4);
  READS("\"a, b\" \"c\"\n1 2\n", "a, b c", 1, 1, 2);
  READS("1\t2 3\n4\t5 6\n", "c1 c2 c3", 2, 1, 2, 3, 4, 5, 6);
}

TEST(delimiter_can_be_given) {
  READS_AS("1:2\n3:4\n", (&(ens_csv_options){.delimiter = ':'}), "c1 c2", 2, 1, 2, 3, 4);
  READS_AS("1 2\n", (&(ens_csv_options){.delimiter = ' '}), "c1 c2", 1, 1, 2);
  REFUSES_AS("1 2\n3 4\n", (&(ens_csv_options){.delimiter = ','}), ":1:1: column 'c1': \"1 2\" is not a number");
}

TEST(decimal_commas_are_named) {
  REFUSES("x;y\n1,5;2,5\n", ":2:1: column 'x': \"1,5\" is not a number: write a decimal point, not a comma");
  REFUSES("1,5;2,5\n3,5;4,5\n", ":1:1: column 'c1': \"1,5\" is not a number: write a decimal point, not a comma");
  REFUSES("x,y\n1,\"2,5\"\n", ":2:3: column 'y': \"2,5\" is not a number: write a decimal point, not a comma");
}

TEST(decimal_commas_in_white_space) {
  REFUSES("1,5 2,5\n3,5 4,5\n", ":1:1: column 'c1': \"1,5\" is not a number: write a decimal point, not a comma");
}

TEST(comments_and_blank_lines) {
  READS("# a, b, c\n\n  # more\nx,y # names\n1,2# one\n \t\n3,4 \n#end", "x y", 2, 1, 2, 3, 4);
  READS("1 2 # c\n3 4# d\n", "c1 c2", 2, 1, 2, 3, 4);
  READS("\"x#1\",y\n\"1\",2\n", "x#1 y", 1, 1, 2);
  READS_AS("! a\n1,2 ! b\n", (&(ens_csv_options){.comment = '!'}), "c1 c2", 1, 1, 2);
  REFUSES("x,y\n1, # two\n", ":2:4: column 'y': the field is empty, not a number: write nan where a value is missing");
}

TEST(quotes) {
  READS("\"x\",\"y \"\"2\"\"\"\n\"1\", \"2\" \n", "x y \"2\"", 1, 1, 2);
  READS("x\"y,z\n1,2\n", "x\"y z", 1, 1, 2);
  REFUSES("x,y\n1,\"2\n", ":2:3: this quote is not closed on the same line");
  REFUSES("\"x,y\n1,2\n", ":1:1: this quote is not closed on the same line");
  REFUSES("x,y\n1,2,\"3\n", ":2:5: this quote is not closed on the same line");
  REFUSES("x,y\n1,\"2\" 3\n",
          ":2:7: there is text after a closing quote (a quote inside a quoted field is written twice)");
}

TEST(numbers) {
  READS("+1,-2.5,.5,3.,1e3,1E-3,-0\n", "c1 c2 c3 c4 c5 c6 c7", 1, 1, -2.5, .5, 3, 1000, .001, -0.0);
  READS("NaN,INF,-inf,+Infinity,-nan\n", "c1 c2 c3 c4 c5", 1, (double)NAN, (double)INFINITY, -(double)INFINITY,
        (double)INFINITY, (double)NAN);
  READS("1e-400,1.7976931348623157e308,4.9e-324\n", "c1 c2 c3", 1, 0, DBL_MAX, 4.9e-324);
  REFUSES("x\n1e309\n", ":2:1: column 'x': \"1e309\" is beyond the range of a double (1.8e308)");
}

TEST(texts_that_are_not_numbers) {
  static const char *const bad[] = {"abc", "1e",   "1e+", "+.",   "+",   "--1",   "+-1", "1.2.3", "0x10",
                                    "1f",  "nana", "in",  "infi", "1 2", "1_000", "1d5", "e5",    "\xC2\xBD"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char text[64], expected[128];
    int length = snprintf(text, sizeof text, "id,sigma_y\n1,%s\n", bad[i]);
    snprintf(expected, sizeof expected, ":2:3: column 'sigma_y': \"%s\" is not a number", bad[i]);
    check_refused(text, (size_t)length, &(ens_csv_options){.delimiter = ',', .header = 1}, ENS_CONFIG, expected);
  }
}

TEST(ragged_rows) {
  REFUSES("x,y,z\n1,2,3\n1,2\n", ":3:4: 3 fields expected, as on line 1, but 2 found");
  REFUSES("x,y\n1,2\n1,2,3,4\n", ":3:5: 2 fields expected, as on line 1, but 4 found");
  REFUSES("x,y\n1,2\n1,2,\n", ":3:5: 2 fields expected, as on line 1, but 3 found");
  REFUSES("#\nx\n1\n2,3\n", ":4:3: 1 field expected, as on line 2, but 2 found");
  REFUSES("1 2\n3 4\n5\n", ":3:2: 2 fields expected, as on line 1, but 1 found");
}

TEST(names) {
  REFUSES("x,,z\n1,2,3\n", ":1:3: column 2 has no name in the header");
  REFUSES(",x\n1,2\n", ":1:1: column 1 has no name in the header");
  REFUSES("x,y,\n1,2,3\n", ":1:5: column 3 has no name in the header");
  REFUSES("x,\"\"\n1,2\n", ":1:3: column 2 has no name in the header");
  REFUSES("a,b,c,b,a,b\n1,2,3,4,5,6\n", ":1:7: column 4 has the name of column 2, 'b'");
  READS("x,X\n1,2\n", "x X", 1, 1, 2);
}

TEST(files_without_rows) {
  REFUSES("", ": there is no table in it: it has no lines");
  REFUSES("\n\n# only this\n \n", ": there is no table in it: it has no lines");
  REFUSES("# c\nx,y\n# nothing\n", ":2: a header, but no row of numbers after it");
}

TEST(nul_bytes_are_errors) {
  REFUSES("x,y\n1,\0002\n", ":2:3: a NUL byte: this is not a text file in UTF-8");
  REFUSES("\xFF\xFEx\000,\000y\000\n\000", ":1:4: a NUL byte: this is not a text file in UTF-8");
  REFUSES("x\n1\n\000", ":3:1: a NUL byte: this is not a text file in UTF-8");
}

TEST(messages_stay_short_and_clean) {
  char text[10000], expected[256];
  memset(text, 'a', sizeof text);
  memcpy(text, "x\n", 2);
  snprintf(expected, sizeof expected, ":2:1: column 'x': \"%.40s...\" is not a number", text + 2);
  check_refused(text, sizeof text, &found_out, ENS_CONFIG, expected);
  REFUSES("x\n\033[31mred\x7F\n", ":2:1: column 'x': \"\\x1B[31mred\\x7F\" is not a number");
  /* 39 bytes, then a character of two bytes, which is cut as a whole */
  REFUSES("x\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xC3\xA9zzz\n",
          ":2:1: column 'x': \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" is not a number");
}

static void check_unreadable(const char *name, const char *expected) {
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_csv_read(name, NULL, &frame, &error) == ENS_IO);
  CHECK_STRING(ens_error_text(&error), expected);
  CHECK(ens_csv_read(name, NULL, &frame, NULL) == ENS_IO);
  ens_error_clear(&error);
}

TEST(files_that_cannot_be_read) {
  char expected[256];
  snprintf(expected, sizeof expected, "%s: %s", folder, strerror(EISDIR));
  check_unreadable(folder, expected);
  check_unreadable("/nowhere/x.csv", "/nowhere/x.csv: No such file or directory");
}

TEST(wrong_options) {
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  static const char bad[] = "1aZ.-+\"\n";
  for (size_t i = 0; i < sizeof bad - 1; i++) {
    CHECK(ens_csv_read(path, &(ens_csv_options){.delimiter = bad[i]}, &frame, &error) == ENS_CONFIG);
    CHECK(strstr(ens_error_text(&error), "delimiter: a byte of value") != NULL);
    CHECK(ens_csv_read(path, &(ens_csv_options){.comment = bad[i]}, &frame, &error) == ENS_CONFIG);
    CHECK(strstr(ens_error_text(&error), "comment: a byte of value") != NULL);
  }
  CHECK(ens_csv_read(path, &(ens_csv_options){.delimiter = '#'}, &frame, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "comment: a byte of value 35") != NULL);
  ens_error_clear(&error);
}

/* A pipe gives short reads, has no size, and cannot be read twice. */
TEST(a_pipe_is_read) {
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  FILE *pipe = popen("printf 'x;y\\n1;'; sleep 0.05; printf '2\\r'; sleep 0.05; printf '\\n3;4'", "r");
  char name[32];
  snprintf(name, sizeof name, "/dev/fd/%d", fileno(pipe));
  CHECK(ens_csv_read(name, NULL, &frame, &error) == ENS_OK);
  check_frame(frame, "x y", 2, (const double[]){1, 2, 3, 4});
  CHECK_STRING(ens_error_text(&error), "");
  pclose(pipe);
  ens_error_clear(&error);
}

/* The file is longer than any buffer, so that lines cross the end of the buffer at every offset. */
TEST(many_rows) {
  enum { ROWS = 200000 };
  FILE *file = fopen(path, "wb");
  fprintf(file, "i,half\r\n");
  for (int i = 0; i < ROWS; i++) fprintf(file, "%d,%d.5\r\n", i, i);
  fclose(file);
  ens_frame frame;
  CHECK(ens_csv_read(path, NULL, &frame, NULL) == ENS_OK);
  CHECK(frame.nrows == ROWS);
  bool same = frame.nrows == ROWS;
  for (size_t i = 0; same && i < ROWS; i++) {
    same = frame.column[0]->data[i] == (double)i && frame.column[1]->data[i] == (double)i + 0.5;
  }
  CHECK(same);
  ens_frame_free(&frame);
}

TEST(very_long_lines) {
  enum { COLUMNS = 100000 };
  FILE *file = fopen(path, "wb");
  for (int row = 0; row < 3; row++) {
    for (int i = 0; i < COLUMNS; i++) fprintf(file, "%s%c%d", i ? "," : "", row ? ' ' : 'v', i + row);
    fputc('\n', file);
  }
  fclose(file);
  ens_frame frame;
  CHECK(ens_csv_read(path, NULL, &frame, NULL) == ENS_OK);
  CHECK(frame.ncolumns == COLUMNS && frame.nrows == 2);
  CHECK_STRING(frame.name[COLUMNS - 1], "v99999");
  CHECK(frame.column[COLUMNS - 1]->data[1] == COLUMNS + 1);
  ens_frame_free(&frame);
}

TEST(a_number_of_many_digits) {
  static char text[5000] = "x\n0.";
  memset(text + 4, '3', sizeof text - 4);
  check_frame(read_bytes(text, sizeof text, NULL), "x", 1, (const double[]){1.0 / 3});
}

/* A limit on memory makes malloc fail, though the text alone would fit. */
TEST(lack_of_memory_is_reported) {
#ifdef UNIT_SANITIZED
  return; /* sanitizers need more address space than any limit */
#else
  struct rlimit old, small = {64 << 20, 64 << 20};
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  FILE *file = fopen(path, "wb");
  for (int i = 0; i < 4000000; i++) fputs("1 2 3 4 5\n", file);
  fclose(file);
  getrlimit(RLIMIT_AS, &old);
  small.rlim_max = old.rlim_max;
  CHECK(setrlimit(RLIMIT_AS, &small) == 0);
  CHECK(ens_csv_read(path, NULL, &frame, &error) == ENS_MEMORY);
  setrlimit(RLIMIT_AS, &old);
  CHECK_STRING(ens_error_text(&error), "out of memory");
  CHECK(frame.ncolumns == 0 && !frame.column);
  ens_error_clear(&error);
#endif
}

/* Each text is also read by the C library, whose result must be the same. */
TEST(every_number_is_exactly_rounded) {
  static const char *const forms[] = {"%.17g", "%.9f", "%.3e", "%.15g", "%.6g", "%.22e"};
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  unsigned long long state = 88172645463325252ULL;
  for (size_t i = 0; i < 120000; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17; /* xorshift64 */
    double value = ldexp((double)(state >> 11), (int)(state % 140) - 120), parsed = -1;
    char text[400];
    int length = snprintf(text, sizeof text, forms[i % 6], value);
    CHECK(ens_number_parse(text, (size_t)length, c, &parsed) == ENS_NUMBER_VALUE);
    CHECK(parsed == strtod(text, NULL));
  }
  freelocale(c);
}

/* Runs under a locale with a decimal comma, if the system has one (LOCPATH may name a directory of compiled locales).
 */
TEST(the_locale_does_not_matter) {
  static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8", "pt_BR.UTF-8", "de_DE", "fr_FR"};
  for (size_t i = 0; i < sizeof commas / sizeof *commas; i++) {
    if (!setlocale(LC_ALL, commas[i])) continue;
    CHECK(strtod("1,5", NULL) == 1.5);
    READS("x;y\n1.5;0.12345678901234567890\n", "x y", 1, 1.5, 0x1.f9add3746f65fp-4);
    REFUSES("x;y\n1,5;2\n", ":2:1: column 'x': \"1,5\" is not a number: write a decimal point, not a comma");
    setlocale(LC_ALL, "C");
    return;
  }
  printf("no locale with a decimal comma here: not tested with one\n");
}

int main(void) {
  if (!mkdtemp(folder)) return 1;
  snprintf(path, sizeof path, "%s/t.csv", folder);
  RUN(header_is_found_out);
  RUN(missing_values_do_not_make_a_header);
  RUN(line_ends);
  RUN(byte_order_mark);
  RUN(delimiters_are_found_out);
  RUN(delimiter_can_be_given);
  RUN(decimal_commas_are_named);
  RUN(decimal_commas_in_white_space);
  RUN(comments_and_blank_lines);
  RUN(quotes);
  RUN(numbers);
  RUN(texts_that_are_not_numbers);
  RUN(ragged_rows);
  RUN(names);
  RUN(files_without_rows);
  RUN(nul_bytes_are_errors);
  RUN(messages_stay_short_and_clean);
  RUN(files_that_cannot_be_read);
  RUN(wrong_options);
  RUN(a_pipe_is_read);
  RUN(many_rows);
  RUN(very_long_lines);
  RUN(a_number_of_many_digits);
  RUN(lack_of_memory_is_reported);
  RUN(every_number_is_exactly_rounded);
  RUN(the_locale_does_not_matter);
  unlink(path);
  rmdir(folder);
  return unit_report();
}
