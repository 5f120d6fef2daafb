/* A terminal to which many threads write whole lines. Its last line may be a bar, which changes in place. Knows nothing
 * of the contents of lines and bar. */
#ifndef ENS_REPORT_CONSOLE_H
#define ENS_REPORT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct ens_console ens_console;

/* `screen` shows the bar (stderr); borrowed. NULL: no memory. */
ens_console *ens_console_create(FILE *screen);
/* Erases the bar. No other thread may use the console any more. NULL is fine. */
void ens_console_destroy(ens_console *console);

/* Writes text[length] to `to`, with `prefix` before each line (NULL: none), and with a line feed at the end. Any thread
 * may call it at any time: it never mixes lines of different calls, nor a line with the bar. If writing fails, the
 * stream's error indicator is set, as by stdio. */
void ens_console_line(ens_console *console, FILE *to, const char *prefix, const char *text, size_t length);

/* Replaces the bar by text[length], one line that is no wider than the terminal; length 0 erases the bar. */
void ens_console_bar(ens_console *console, const char *text, size_t length);

FILE *ens_console_screen(const ens_console *console);     /* borrowed */
bool ens_console_is_terminal(const ens_console *console); /* whether the screen can show a bar */
size_t ens_console_width(const ens_console *console);     /* columns of the screen; 80 if it is not a terminal */

#endif
