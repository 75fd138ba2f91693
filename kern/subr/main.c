/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which the kernel comes up.
 */
#include <kern/cpu.h>
#include <kern/file.h>
#include <kern/lwp.h>
#include <kern/md.h>
#include <kern/page.h>
#include <kern/pool.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/sleepq.h>
#include <kern/sysctl.h>
#include <kern/trace.h>
#include <kern/vm.h>
#include <sys/errno.h>

static void
load_ramdisk(void)
{
	size_t len;
	const void *image = md_ramdisk(&len);

	if (image == NULL)
		panic("no ramdisk: give one with -initrd, or as module2 in grub.cfg");
	/* A damaged one is used as far as it can be read; start_init says what is missing. */
	(void)ramdisk_init(image, len);
}

static void
banner(void)
{
	struct page_stats ps;

	page_stats(&ps);
	kprintf("Heddle: %u CPU%s, %lu MiB free, booted by %s\n", ncpu, ncpu == 1 ? "" : "s",
	    (unsigned long)(ps.ps_free >> (20 - PAGE_SHIFT)), md_bootloader());
}

/* The rest of boot: in a thread that may sleep, with interrupts on, on any CPU. */
static void
boot_thread(void *unused)
{
	(void)unused;
	console_init();
	itimer_init();
	sysctl_init();
	md_console_intr_enable();
	trace_boot();
	start_init();
	kthread_exit();
}

void
kern_main(void)
{
	/* Locks and the running LWP first: everything else asserts by them. */
	cpu_boot();
	sleeptab_init();
	cmdline_init(md_cmdline());
	page_init();
	pool_subsystem_init();
	vm_init();
	proc_init();
	lwp_init();
	cpu_boot_publish();
	file_init();
	load_ramdisk();
	md_start_cpus();
	banner();
	if (kthread_create("boot", PRI_KTHREAD, NULL, boot_thread, NULL, NULL) != 0)
		panic("no memory for the first kernel thread");
	idle_loop(NULL);
}
