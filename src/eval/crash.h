/* A crash in the process (a native model's, most likely): says where it was, then lets it happen. Everything here that
 * runs at that moment calls nothing but what a signal handler may. */
#ifndef ENS_EVAL_CRASH_H
#define ENS_EVAL_CRASH_H

#include <stddef.h>
#include <stdint.h>

/* What is put together piece by piece where only a signal handler's calls are allowed, and goes to stderr at once:
 * other threads write there, too. Begins as {0}; what is longer than this goes in several pieces. */
typedef struct ens_crash_text {
  size_t length;
  char bytes[16 << 10];
} ens_crash_text;

void ens_crash_add(ens_crash_text *text, const char *more);
void ens_crash_add_count(ens_crash_text *text, uint64_t n);
void ens_crash_flush(ens_crash_text *text);

/* From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT are told of before they do what they did before. `note` adds
 * what else there is to say. Not nested. */
void ens_crash_catch(void (*note)(ens_crash_text *text));
void ens_crash_release(void);

/* A thread whose own stack may have overflowed needs another one for the handler. NULL: no memory, then such a crash is
 * not told of. Both in the thread itself. */
typedef struct ens_crash_stack ens_crash_stack;
ens_crash_stack *ens_crash_stack_enter(void);
void ens_crash_stack_leave(ens_crash_stack *stack); /* NULL is fine */

#endif
