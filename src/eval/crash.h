/* A crash in the process (a native model's, most likely): says where it was, then lets it happen. Everything here that
 * runs at that moment calls nothing but what a signal handler may. */
#ifndef ENS_EVAL_CRASH_H
#define ENS_EVAL_CRASH_H

/* Writes a text to stderr, from a signal handler. */
void ens_crash_write(const char *text);

/* From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT are told of before they do what they did before. `note` then
 * writes what else there is to say, by ens_crash_write. Not nested. */
void ens_crash_catch(void (*note)(void));
void ens_crash_release(void);

/* A thread whose own stack may have overflowed needs another one for the handler. NULL: no memory, then such a crash is
 * not told of. Both in the thread itself. */
typedef struct ens_crash_stack ens_crash_stack;
ens_crash_stack *ens_crash_stack_enter(void);
void ens_crash_stack_leave(ens_crash_stack *stack); /* NULL is fine */

#endif
