/* The terminal that many threads write whole lines to, with at most one line at its foot that changes in place: the
 * bar. Must not know what the lines or the bar say. */
#ifndef ENS_REPORT_CONSOLE_H
#define ENS_REPORT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct ens_console ens_console;

/* `screen` is where the bar is drawn (stderr); borrowed. NULL: no memory. */
ens_console *ens_console_create(FILE *screen);
/* Erases the bar. After every other thread is done with the console. NULL is fine. */
void ens_console_destroy(ens_console *console);

/* Writes text[length] to `to`, each line of it whole and behind `prefix` (NULL: none), a missing last line feed added.
 * Any thread, any time: lines of different calls are never mixed, nor a line with the bar. Borrows all during the call.
 * A stream that cannot be written to has its error mark set, as stdio does. */
void ens_console_line(ens_console *console, FILE *to, const char *prefix, const char *text, size_t length);

/* Draws text[length], one line no wider than the terminal, in place of the bar that was there; length 0 erases it. */
void ens_console_bar(ens_console *console, const char *text, size_t length);

FILE *ens_console_screen(const ens_console *console);     /* borrowed */
bool ens_console_is_terminal(const ens_console *console); /* whether a bar can be drawn on the screen */
size_t ens_console_width(const ens_console *console);     /* columns of the screen, 80 where it has none */

#endif
