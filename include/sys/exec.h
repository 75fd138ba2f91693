/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program finds on its stack when it starts.
 */
#ifndef _SYS_EXEC_H_
#define _SYS_EXEC_H_

#include <sys/types.h>

/* %rbx holds the address of this at the entry point. */
struct ps_strings {
	char		**ps_argvstr;
	int		ps_nargvstr;
	char		**ps_envstr;
	int		ps_nenvstr;
};

/* One entry of the auxiliary vector, which follows the environment. */
typedef struct {
	uint32_t	a_type;		/* AT_* */
	uint64_t	a_v;
} AuxInfo;

#define AT_NULL		0	/* end of the vector */
#define AT_IGNORE	1
#define AT_EXECFD	2
#define AT_PHDR		3	/* address of the program headers */
#define AT_PHENT	4	/* size of one */
#define AT_PHNUM	5	/* how many */
#define AT_PAGESZ	6	/* size of a page */
#define AT_BASE		7
#define AT_FLAGS	8
#define AT_ENTRY	9	/* entry point */
#define AT_STACKBASE	13	/* highest address of the stack */

_Static_assert(sizeof(struct ps_strings) == 32, "struct ps_strings");
_Static_assert(sizeof(AuxInfo) == 16, "AuxInfo");

#endif /* !_SYS_EXEC_H_ */
