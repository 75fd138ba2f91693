/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's exceptions.
 */
#ifndef _MACHINE_TRAP_H_
#define _MACHINE_TRAP_H_

#define T_DIVIDE 0      /* division by zero or overflow */
#define T_DEBUG 1       /* single step */
#define T_NMI 2         /* non-maskable interrupt */
#define T_BPTFLT 3      /* breakpoint */
#define T_OFLOW 4       /* overflow */
#define T_BOUND 5       /* bound check */
#define T_ILLEGAL 6     /* invalid opcode */
#define T_DNA 7         /* vector unit not available */
#define T_DOUBLEFLT 8   /* double fault */
#define T_FPOPFLT 9     /* coprocessor overrun */
#define T_TSSFLT 10     /* invalid task state */
#define T_SEGNPFLT 11   /* segment not present */
#define T_STKFLT 12     /* stack fault */
#define T_PROTFLT 13    /* general protection */
#define T_PAGEFLT 14    /* page fault */
#define T_ARITHTRAP 16  /* x87 error */
#define T_ALIGNFLT 17   /* alignment check */
#define T_MCHK 18       /* machine check */
#define T_XMM 19        /* SIMD error */
#define T_EXCEPTIONS 32 /* how many the processor may have */

/* Error code of a page fault. */
#define PGEX_P 0x01    /* the page is there, but protected */
#define PGEX_W 0x02    /* write */
#define PGEX_U 0x04    /* from user mode */
#define PGEX_RSVD 0x08 /* a reserved bit is set in the tables */
#define PGEX_I 0x10    /* instruction fetch */

#endif
