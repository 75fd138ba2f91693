/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rest of sleep.pml: the system calls, and the programs that make them.
 *
 * A scenario says which calls each LWP makes and what may come of each.  Time is not counted: a deadline
 * may pass at any time after it was set, and a CPU may be taken away at any time when interrupts are on.
 */

#define THROW 1
#define TIMEOUT 2
#define CANCEL 3
#define RACE 4
byte scenario;

mtype = { op_park, op_park_until, op_nap, op_unpark, op_cancel, op_none, op_exit };

#define THROWS 2        /* of both together */
#define DISTURB 1       /* LWPs that C unparks */
bool ball[2];       /* THROW: it is this one's turn */
byte taken;         /* parks of A that returned 0 or EALREADY */
byte cancels;       /* calls of A that returned EINTR */

#define token_taken(r) ((r) == 0 || (r) == EALREADY)

/* What is true when all is over. */
inline conserved()
{
	assert(scenario != TIMEOUT || (taken == 1 && !l_token[A]));
	assert(scenario != CANCEL || (cancels == 1 && !l_cancelled[A]));
	assert(scenario != RACE || (taken + l_token[A] == 1 && cancels + l_cancelled[A] == 1))
}

/* --- kern/lwp/lwp_park.c --- */

/* Its own LWP, running, empties a full token, with or without the lock. */
inline token_take()
{
	if
	:: has(EXCHANGE) -> l_token[l] = false
	:: else -> stored = true    /* a plain store stays in the CPU's store buffer: the program reads on before it is done */
	fi
}

/* Test, and be asleep: lwp_park_until, sleep_until and, without a deadline, lwp_park. */
inline park_try(so)
{
	HOLD {
		if
		:: has(ORDER_OF_LOCKS) ->
			spin_enter(BUCKET(hint));
			spin_enter(CI(me))
		:: else ->
			spin_enter(CI(me));
			spin_enter(BUCKET(hint))
		fi;
		if
		:: l_token[l] && (so == PARK || !has(PARK_ALONE)) && has(TEST_UNDER_LOCK) ->
			token_take();
			r = (so == PARK -> EALREADY : EINTR)
		:: else ->
			if
			:: l_cancelled[l] -> l_cancelled[l] = !has(CANCEL_USED_UP); r = EINTR
			:: else
			fi
		fi;
		if
		:: r != NOTHING ->
			spin_exit(CI(me));
			spin_exit(BUCKET(hint))
		:: else ->
			sleepq_enqueue(hint, so);
			mi_switch();
			r = l_wakereason[l];
			l_wakereason[l] = 0;
			if
			:: timed && !has(WAKERS_VERDICT) -> r = ETIMEDOUT   /* the sleeper asks the clock */
			:: true
			fi
		fi
	}
}

inline sleep(so)
{
	atomic {
		if
		:: hint = 0
		:: hint = 1
		fi;
		if
		:: timed && so == PARK -> r = ETIMEDOUT     /* the deadline has passed: the token stays */
		:: timed
		:: !timed && l_token[l] -> token_take(); r = EALREADY
		:: !timed && !l_token[l]
		fi
	}
	if
	:: r == NOTHING ->
		if
		:: timed -> callout_arm()
		:: else
		fi;
		if
		:: timed && !has(INTERRUPTS_OFF) && timer_due(me) -> callout_run_one()
		:: true
		fi;
		park_try(so);
		if
		:: timed && has(CALLOUT_STOP) -> callout_stop()
		:: else
		fi
	:: else
	fi;
	hint = 0
}

/* The target has exited: the caller knows, and nothing is lost. */
inline esrch(reason)
{
	d_step {
		if
		:: reason == 0 -> taken = (scenario == RACE -> taken + 1 : taken)
		:: reason == EINTR -> cancels++
		fi
	}
}

/* lwp_unpark, and lwp_wakeup of lwp_suspend.c: `reason` is 0 or EINTR.  The target is locked. */
inline wake_locked(target, reason)
{
	if
	:: l_stat[target] == LSSLEEP &&
	   (reason == EINTR || l_syncobj[target] == PARK || !has(KIND_OF_SLEEP)) -> sleepq_wake(target, reason)
	:: else ->
		if
		:: l_stat[target] == LSZOMB -> esrch(reason)
		:: l_stat[target] != LSZOMB && reason == EINTR -> l_cancelled[target] = has(PENDING_CANCEL)
		:: l_stat[target] != LSZOMB && reason == 0 -> l_token[target] = has(TOKEN)
		fi;
		lwp_unlock(target)
	fi
}

/* --- Programs: `step` is how far it is; each ends with what it does next in `op` --- */

/* A throws a ball to B, B throws it back; who waits for it parks. */
inline throw_ball()
{
	if
	:: step == THROWS -> op = op_exit
	:: step < THROWS && step % 2 == l ->
		ball[1 - l] = true;
		target = 1 - l;
		op = op_unpark;
		step++
	:: step < THROWS && step % 2 != l ->
		if
		:: ball[l] -> ball[l] = false; step++; op = op_none
		:: else -> if
			:: op = op_park
			:: op = op_park_until
			fi
		fi
	fi
}

/* A stranger unparks A, which must do no harm. */
inline disturb()
{
	if
	:: step == DISTURB -> op = op_exit
	:: step < DISTURB -> target = step; op = op_unpark; step++
	fi
}

inline program_of_a()
{
	if
	:: step == 9 -> op = op_exit
	/* A nap sees no token; a park with a deadline; and if that missed the token, one without. */
	:: scenario == TIMEOUT && step == 0 -> op = op_nap; step = 1
	:: scenario == TIMEOUT && step == 1 -> assert(r == ETIMEDOUT); op = op_park_until; step = 2
	:: scenario == TIMEOUT && step == 2 ->
		assert(r == ETIMEDOUT || token_taken(r));
		if
		:: r == ETIMEDOUT -> op = op_park; step = 3
		:: else -> op = op_none; step = 9
		fi
	:: scenario == TIMEOUT && step == 3 -> assert(token_taken(r)); op = op_none; step = 9
	/* A cancel ends one sleep, this one or the next, and never two. */
	:: scenario == CANCEL && step == 0 -> op = op_park; step = 1
	:: scenario == CANCEL && step == 1 -> assert(r == EINTR); op = op_nap; step = 2
	:: scenario == CANCEL && step == 2 -> assert(r == ETIMEDOUT); op = op_none; step = 9
	/* An unpark, a cancel and a deadline at once; and at least one of the first two is left. */
	:: scenario == RACE && step < 2 -> op = (step == 0 -> op_park_until : op_park); step++
	:: scenario == RACE && step == 2 -> op = op_none; step = 9
	fi
}

inline program_of_others()
{
	if
	:: step == 1 -> op = op_exit
	:: step == 0 && l == B && scenario != CANCEL -> target = A; op = op_unpark; step = 1
	:: step == 0 && l == B && scenario == CANCEL -> op = op_none; step = 1
	:: step == 0 && l == C && scenario == TIMEOUT -> op = op_nap; step = 1
	:: step == 0 && l == C && scenario != TIMEOUT -> target = A; op = op_cancel; step = 1
	fi
}

inline choose_op()
{
	atomic {
		if
		:: scenario == THROW && l != C -> throw_ball()
		:: scenario == THROW && l == C -> disturb()
		:: scenario != THROW && l == A -> program_of_a()
		:: scenario != THROW && l != A -> program_of_others()
		fi;
		timed = (op == op_park_until || op == op_nap);
		r = NOTHING
	}
}

/* What A's calls have returned is counted. */
inline count_result()
{
	atomic {
		if
		:: l == A && token_taken(r) -> taken = (scenario == THROW -> 0 : taken + 1)
		:: l == A && r == EINTR -> cancels++
		:: else
		fi;
		assert(r != ETIMEDOUT || timed);
		timed = false
	}
}

proctype lwp(byte l)
{
	byte me = l, next, m, to, old, x, hint, target, reason, r, step;
	bool notify, timed, stored;
	mtype op;

	if
	:: l == C -> first_switch()
	:: else
	fi;
	do
	:: choose_op();
		if
		:: stored -> d_step { stored = false; l_token[l] = false }
		:: else
		fi;
		if
		:: op == op_exit -> break
		:: op == op_none
		:: op == op_park || op == op_park_until -> sleep(PARK); count_result()
		:: op == op_nap -> sleep(DELAY); count_result()
		:: op == op_unpark || op == op_cancel ->
			reason = (op == op_cancel -> EINTR : 0);
			WITH_LWP_LOCKED(target, wake_locked(target, reason));
			md_ipi_resched();
			d_step { target = 0; reason = 0 }
		fi;
		interrupts()
	od;
	HOLD { spin_enter(CI(me)); lwp_setstat(l, LSZOMB); mi_switch() }
}
