/* A mutex guards everything that is written. Before a line goes to the terminal that shows the bar, the bar is erased;
 * then it is drawn again. So the console keeps a copy of the bar. */
#include "report/console.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

/* Moves to the start of the line and erases to its end (ECMA-48). */
#define ERASE "\r\033[K"

struct ens_console {
  pthread_mutex_t mutex;
  FILE *screen;
  ens_text bar;  /* as on the screen; empty: no bar */
  ens_text line; /* scratch: stderr has no buffer and other processes write to it too, so each line is one write */
};

ens_console *ens_console_create(FILE *screen) {
  ens_console *console = calloc(1, sizeof *console);
  if (!console) return NULL;
  console->screen = screen;
  if (pthread_mutex_init(&console->mutex, NULL) == 0) return console;
  free(console);
  return NULL;
}

void ens_console_destroy(ens_console *console) {
  if (!console) return;
  ens_console_bar(console, NULL, 0);
  pthread_mutex_destroy(&console->mutex);
  ens_text_free(&console->bar);
  ens_text_free(&console->line);
  free(console);
}

/* ---- under the mutex ---- */

/* The scratch text, empty. */
static ens_text *begin_line(ens_console *console) {
  if (console->line.failed) ens_text_free(&console->line);
  ens_text_clear(&console->line);
  return &console->line;
}

static void draw(ens_console *console, bool erase) {
  ens_text *line = begin_line(console);
  if (erase) ens_text_append(line, ERASE, strlen(ERASE));
  ens_text_append(line, console->bar.bytes, console->bar.size);
  if (!line->failed) fwrite(line->bytes, 1, line->size, console->screen);
  fflush(console->screen);
}

static void erase(const ens_console *console) {
  fputs(ERASE, console->screen);
  fflush(console->screen);
}

static bool shows_bar(const ens_console *console, FILE *to) {
  if (console->bar.size == 0) return false;
  return to == console->screen || (fileno(to) >= 0 && isatty(fileno(to)));
}

/* Writes one line and a line feed. Without memory for a copy, it writes the line in pieces. */
static void write_line(ens_console *console, FILE *to, const char *prefix, const char *text, size_t length) {
  ens_text *line = begin_line(console);
  ens_text_append(line, prefix, strlen(prefix));
  ens_text_append(line, text, length);
  ens_text_append(line, "\n", 1);
  if (!line->failed) {
    fwrite(line->bytes, 1, line->size, to);
    return;
  }
  fputs(prefix, to);
  fwrite(text, 1, length, to);
  fputc('\n', to);
}

static void write_lines(ens_console *console, FILE *to, const char *prefix, const char *text, size_t length) {
  const char *end = text + length;
  do {
    const char *feed = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
    const char *stop = feed ? feed : end;
    write_line(console, to, prefix, text, (size_t)(stop - text));
    text = feed ? feed + 1 : end;
  } while (text < end);
}

/* ---- for any thread ---- */

void ens_console_line(ens_console *console, FILE *to, const char *prefix, const char *text, size_t length) {
  pthread_mutex_lock(&console->mutex);
  bool redraw = shows_bar(console, to);
  if (redraw) erase(console);
  write_lines(console, to, prefix ? prefix : "", length ? text : "", length);
  if (redraw) {
    fflush(to); /* or the line would appear below the bar */
    draw(console, false);
  }
  pthread_mutex_unlock(&console->mutex);
}

void ens_console_bar(ens_console *console, const char *text, size_t length) {
  pthread_mutex_lock(&console->mutex);
  bool change = length > 0 || console->bar.size > 0;
  if (console->bar.failed) ens_text_free(&console->bar);
  ens_text_clear(&console->bar);
  ens_text_append(&console->bar, text, length);
  if (change) draw(console, true);
  pthread_mutex_unlock(&console->mutex);
}

FILE *ens_console_screen(const ens_console *console) {
  return console->screen;
}

bool ens_console_is_terminal(const ens_console *console) {
  const char *term = getenv("TERM");
  int file = fileno(console->screen);
  return file >= 0 && isatty(file) && !(term && strcmp(term, "dumb") == 0);
}

size_t ens_console_width(const ens_console *console) {
  struct winsize size;
  int file = fileno(console->screen);
  if (file < 0 || ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}
