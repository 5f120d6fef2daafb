/* A second stack for the signal handlers of a thread, which serves when the thread's own stack has overflowed. */
#ifndef ENS_EVAL_ALTSTACK_H
#define ENS_EVAL_ALTSTACK_H

typedef struct ens_altstack ens_altstack;

/* Call both in the thread itself. Without memory, enter returns NULL; then nobody reports an overflow of that thread's
 * stack. */
ens_altstack *ens_altstack_enter(void);
void ens_altstack_leave(ens_altstack *stack); /* NULL is fine */

#endif
