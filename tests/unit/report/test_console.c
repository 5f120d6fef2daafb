/* The console: whole lines from any thread, which never mix with the bar. */
#include "report/console.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "unit.h"

#define ERASE "\r\033[K"

/* A screen in memory. */
typedef struct memory_screen {
  FILE *stream;
  char *text;
  size_t length;
  ens_console *console;
} memory_screen;

static void screen_open(memory_screen *screen) {
  screen->stream = open_memstream(&screen->text, &screen->length);
  screen->console = ens_console_create(screen->stream);
  CHECK(screen->console != NULL);
}

static void screen_close(memory_screen *screen) {
  ens_console_destroy(screen->console);
  fclose(screen->stream);
  free(screen->text);
}

static void line(memory_screen *screen, const char *prefix, const char *text) {
  ens_console_line(screen->console, screen->stream, prefix, text, strlen(text));
}

static void check_screen(memory_screen *screen, const char *expected) {
  fflush(screen->stream);
  CHECK_STRING(screen->text, expected);
}

TEST(lines_are_whole) {
  memory_screen screen;
  screen_open(&screen);
  line(&screen, NULL, "one");
  line(&screen, "[w2] ", "two\n");
  line(&screen, "[w3] ", "three\nfour");
  line(&screen, "> ", "\n\nfive\n");
  line(&screen, "> ", "");
  check_screen(&screen, "one\n[w2] two\n[w3] three\n[w3] four\n> \n> \n> five\n> \n");
  screen_close(&screen);
}

TEST(bytes_pass_as_they_are) {
  memory_screen screen;
  screen_open(&screen);
  ens_console_line(screen.console, screen.stream, NULL, "a\0b\n", 4);
  ens_console_line(screen.console, screen.stream, "p", NULL, 0);
  fflush(screen.stream);
  CHECK(screen.length == 6 && memcmp(screen.text, "a\0b\np\n", 6) == 0);
  screen_close(&screen);
}

TEST(long_lines_after_short_ones) {
  memory_screen screen;
  char text[5000];
  screen_open(&screen);
  for (size_t length = 1; length < sizeof text; length *= 3) {
    memset(text, 'x', length);
    ens_console_line(screen.console, screen.stream, NULL, text, length);
    fflush(screen.stream);
    CHECK(screen.text[screen.length - 1] == '\n' && screen.text[screen.length - 1 - length] == 'x');
  }
  screen_close(&screen);
}

TEST(the_bar_is_erased_and_drawn_again) {
  memory_screen screen;
  screen_open(&screen);
  ens_console_bar(screen.console, "10%", 3);
  check_screen(&screen, ERASE "10%");
  line(&screen, NULL, "hello");
  check_screen(&screen, ERASE "10%" ERASE "hello\n10%");
  ens_console_bar(screen.console, "20%", 3);
  ens_console_bar(screen.console, NULL, 0);
  check_screen(&screen, ERASE "10%" ERASE "hello\n10%" ERASE "20%" ERASE);
  ens_console_bar(screen.console, NULL, 0); /* there is no bar to erase */
  line(&screen, NULL, "end");
  check_screen(&screen, ERASE "10%" ERASE "hello\n10%" ERASE "20%" ERASE "end\n");
  screen_close(&screen);
}

TEST(destroy_erases_the_bar) {
  memory_screen screen;
  screen_open(&screen);
  ens_console_bar(screen.console, "99%", 3);
  ens_console_destroy(screen.console);
  screen.console = NULL;
  check_screen(&screen, ERASE "99%" ERASE);
  screen_close(&screen); /* NULL is fine */
}

TEST(a_file_elsewhere_leaves_the_bar_alone) {
  memory_screen screen;
  char back[16] = "";
  FILE *file = tmpfile();
  screen_open(&screen);
  ens_console_bar(screen.console, "10%", 3);
  ens_console_line(screen.console, file, "w1: ", "hello", 5);
  check_screen(&screen, ERASE "10%");
  rewind(file);
  CHECK(fgets(back, sizeof back, file) != NULL);
  CHECK_STRING(back, "w1: hello\n");
  fclose(file);
  screen_close(&screen);
}

TEST(a_stream_that_cannot_be_written_has_its_error_set) {
  memory_screen screen;
  FILE *full = fopen("/dev/full", "w");
  screen_open(&screen);
  ens_console_line(screen.console, full, NULL, "lost", 4);
  CHECK(fflush(full) != 0 && ferror(full));
  line(&screen, NULL, "still here");
  check_screen(&screen, "still here\n");
  fclose(full);
  screen_close(&screen);
}

enum { THREADS = 4, LINES = 5000 };

typedef struct thread_writers {
  memory_screen screen;
  pthread_barrier_t start;
} thread_writers;

static void *write_lines(void *argument) {
  thread_writers *writers = argument;
  memory_screen *screen = &writers->screen;
  pthread_barrier_wait(&writers->start);
  for (int i = 0; i < LINES; i++) {
    line(screen, "<", "abc>\ndef>");
    if (i % 10 == 0) ens_console_bar(screen->console, "#", 1);
  }
  return NULL;
}

/* Counts the pairs of lines that the threads wrote, with drawings of the bar between them; 0: there is other text. */
static size_t count_pairs(const char *at, const char *end) {
  size_t pairs = 0;
  while (at < end) {
    if (strncmp(at, ERASE, strlen(ERASE)) == 0) {
      at += strlen(ERASE);
    } else if (*at == '#') {
      at++;
    } else if (strncmp(at, "<abc>\n<def>\n", 12) == 0) {
      at += 12;
      pairs++;
    } else {
      return 0;
    }
  }
  return pairs;
}

TEST(threads_do_not_mix_lines) {
  thread_writers all;
  pthread_t thread[THREADS];
  screen_open(&all.screen);
  pthread_barrier_init(&all.start, NULL, THREADS);
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&thread[i], NULL, write_lines, &all) == 0);
  for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
  ens_console_bar(all.screen.console, NULL, 0);
  fflush(all.screen.stream);
  CHECK(count_pairs(all.screen.text, all.screen.text + all.screen.length) == (size_t)THREADS * LINES);
  pthread_barrier_destroy(&all.start);
  screen_close(&all.screen);
}

/* ---- on a terminal ---- */

static FILE *open_terminal(int *master) {
  struct termios raw;
  *master = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(*master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0);
  FILE *stream = fopen(ptsname(*master), "r+");
  CHECK(stream != NULL);
  tcgetattr(fileno(stream), &raw);
  cfmakeraw(&raw);
  tcsetattr(fileno(stream), TCSANOW, &raw);
  return stream;
}

TEST(a_terminal_is_known_with_its_width) {
  int master;
  FILE *terminal = open_terminal(&master);
  ens_console *console = ens_console_create(terminal);
  struct winsize size = {.ws_row = 24, .ws_col = 132};
  setenv("TERM", "xterm", 1);
  CHECK(ens_console_is_terminal(console));
  CHECK(ioctl(master, TIOCSWINSZ, &size) == 0);
  CHECK(ens_console_width(console) == 132);
  size.ws_col = 0;
  CHECK(ioctl(master, TIOCSWINSZ, &size) == 0);
  CHECK(ens_console_width(console) == 80);
  setenv("TERM", "dumb", 1);
  CHECK(!ens_console_is_terminal(console));
  ens_console_destroy(console);
  fclose(terminal);
  close(master);
}

TEST(a_file_is_not_a_terminal) {
  memory_screen screen;
  screen_open(&screen);
  CHECK(!ens_console_is_terminal(screen.console));
  CHECK(ens_console_width(screen.console) == 80);
  CHECK(ens_console_screen(screen.console) == screen.stream);
  screen_close(&screen);
}

/* stdout and stderr of a terminal are two streams: the line must be written before the bar is drawn again. */
TEST(another_stream_on_the_terminal) {
  int master;
  char seen[128] = "";
  FILE *terminal = open_terminal(&master), *other = fopen(ptsname(master), "w");
  ens_console *console = ens_console_create(terminal);
  setvbuf(other, NULL, _IOFBF, 4096);
  ens_console_bar(console, "10%", 3);
  ens_console_line(console, other, NULL, "hello", 5);
  ens_console_bar(console, NULL, 0);
  const char *expected = ERASE "10%" ERASE "hello\n10%" ERASE;
  for (size_t have = 0; have < strlen(expected);) {
    struct pollfd more = {.fd = master, .events = POLLIN};
    if (poll(&more, 1, 5000) != 1) break; /* fewer bytes than expected: do not wait for ever */
    ssize_t count = read(master, seen + have, sizeof seen - 1 - have);
    if (count <= 0) break;
    have += (size_t)count;
  }
  CHECK_STRING(seen, expected);
  ens_console_destroy(console);
  fclose(terminal);
  fclose(other);
  close(master);
}

int main(void) {
  RUN(lines_are_whole);
  RUN(bytes_pass_as_they_are);
  RUN(long_lines_after_short_ones);
  RUN(the_bar_is_erased_and_drawn_again);
  RUN(destroy_erases_the_bar);
  RUN(a_file_elsewhere_leaves_the_bar_alone);
  RUN(a_stream_that_cannot_be_written_has_its_error_set);
  RUN(threads_do_not_mix_lines);
  RUN(a_terminal_is_known_with_its_width);
  RUN(a_file_is_not_a_terminal);
  RUN(another_stream_on_the_terminal);
  return unit_report();
}
