/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KERNEL=ubsan: what the compiler's checks for undefined behaviour (-fsanitize=undefined)
 * call when one fails.
 *
 * Each call names the place in the source; the machine then ends with the report of a
 * panic, whose backtrace says how it got there.  The structures are the compiler's
 * (GCC 12 and clang 14 agree on them).
 *
 * What it does not handle: what the values were.
 */
#include <kern/kern.h>

struct ub_place {
	const char *up_file;
	uint32_t up_line, up_column;
};

struct ub_type {
	uint16_t ut_kind, ut_info;
	char ut_name[];
};

struct ub_mismatch {
	struct ub_place um_place;
	const struct ub_type *um_type;
	uint8_t um_log_align;
	uint8_t um_kind; /* of access: 0 load, 1 store, .. */
};

static void __attribute__((noreturn))
ub_report(const struct ub_place *at, const char *what)
{
	panic("UBSAN: %s at %s:%u:%u", what, at->up_file, at->up_line, at->up_column);
}

/* The compiler calls these; nobody else does. */
#define UB(name, what)                                                          \
	void __ubsan_handle_##name(const struct ub_place *at);                  \
	void __ubsan_handle_##name(const struct ub_place *at)                   \
	{                                                                       \
		ub_report(at, what);                                            \
	}

UB(add_overflow, "an addition overflows")
UB(sub_overflow, "a subtraction overflows")
UB(mul_overflow, "a multiplication overflows")
UB(negate_overflow, "a negation overflows")
UB(divrem_overflow, "a division overflows, or is by 0")
UB(shift_out_of_bounds, "a shift by too much, or of a negative number")
UB(out_of_bounds, "an index beyond the array")
UB(load_invalid_value, "a value that its type does not have")
UB(pointer_overflow, "pointer arithmetic that overflows")
UB(vla_bound_not_positive, "an array of no elements")
UB(builtin_unreachable, "a place that cannot be reached")
UB(missing_return, "a function without a result")
UB(nonnull_arg, "a null argument")
UB(invalid_builtin, "a builtin function of 0")

void __ubsan_handle_type_mismatch_v1(const struct ub_mismatch *um, uintptr_t addr);
void
__ubsan_handle_type_mismatch_v1(const struct ub_mismatch *um, uintptr_t addr)
{
	const struct ub_place *at = &um->um_place;
	const char *what = "an object smaller than its type";

	if (addr == 0)
		what = "a null pointer";
	else if ((addr & ((1UL << um->um_log_align) - 1)) != 0)
		what = "a misaligned address";
	panic("UBSAN: %s, %p, used as %s at %s:%u:%u", what, (void *)addr, um->um_type->ut_name,
	    at->up_file, at->up_line, at->up_column);
}
