/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the machine, told.
 *
 * The first CPU that comes owns the end: it takes the console away from the others,
 * stops them where they stand, prints the report and leaves through md_panic_exit.
 * Another CPU that panics meanwhile waits to be stopped.  A panic inside the report
 * (the lists that it follows may be what is broken) says its message, and the report goes
 * on with its next part; after PANICS of them that is enough.
 *
 * hang_report is the same for a machine that did nothing wrong but does nothing any
 * more: the launcher's NMI calls it.
 */
#include <kern/cons.h>
#include <kern/cpu.h>
#include <kern/kern.h>
#include <kern/md.h>
#include <kern/report.h>

#ifdef DEBUG
/* The word that functions keep between their variables and their return address. */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = 0x00e1d2c3b4a59687UL; /* its 0 stops a string that runs over */

/* The compiler calls this when it has changed. */
void __stack_chk_fail(void) __attribute__((noreturn));
void
__stack_chk_fail(void)
{
	panic("a function has written beyond its variables on the stack");
}
#endif

#define PANICS 12 /* in one report, each with a page fault's registers perhaps */

bool panicking; /* a: set once, by panic_owner */

static volatile uint32_t panic_owner; /* a: index + 1 of the CPU that ends the machine */
static uint32_t panic_depth;          /* panic_owner's: panics inside the panic */

/* Become the CPU that ends the machine.  Returns only to that one, how deep it is in it. */
static uint32_t
panic_begin(void)
{
	uint32_t me, owner = 0;

	(void)md_intr_disable();
	me = curcpu()->ci_index + 1;
	if (atomic_cas(&panic_owner, &owner, me)) {
		atomic_store_release(&panicking, true);
		cons_seize();
		md_stop_others();
	} else {
		while (owner != me)
			md_pause();
	}
	return panic_depth++;
}

void
panic(const char *fmt, ...)
{
	uint32_t depth = panic_begin();
	va_list ap;

	if (depth > PANICS)
		md_panic_exit();
	kprintf(depth == 0 ? "\npanic: " : "\npanic in the report: ");
	va_start(ap, fmt);
	kvprintf(fmt, ap);
	va_end(ap);
	kprintf("\n");
	if (depth == 0)
		report_machine();
	else if (depth < PANICS)
		report_resume();
	md_panic_exit();
}

void
hang_report(void)
{
	if (panic_begin() == 0) {
		kprintf("\nhang: the machine makes no progress\n");
		report_machine();
	}
	md_panic_exit();
}
