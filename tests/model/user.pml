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
#define REUSE 5
byte scenario;

mtype = { op_park, op_park_until, op_nap, op_unpark, op_cancel, op_live_again, op_none, op_exit };

#define THROWS 2        /* of both together */
#define DISTURB 1       /* LWPs that C unparks */
bool ball[2];       /* THROW: it is this one's turn */
byte taken;         /* parks of A that returned 0 or EALREADY */
byte cancels;       /* calls of A that returned EINTR */
byte left;          /* the token that A had when it exited */

#define LID_KEY 1       /* of whom an unpark or a cancel means: the first life of that memory */

#define token_taken(r) ((r) == 0 || (r) == EALREADY)

/* What is true when all is over. */
inline conserved()
{
	assert(scenario != TIMEOUT || (taken == 1 && left == 0));
	assert(scenario != CANCEL || (cancels == 1 && !l_cancelled[A]));
	assert(scenario != RACE || (taken + left == 1 && cancels + l_cancelled[A] == 1))
}

/* --- kern/lwp/lwp_park.c --- */

/* park_token: its own LWP, running, empties a full token, without a lock. */
inline token_take()
{
	if
	:: has(EMPTY_IS_ATOMIC) -> l_token[l] = false
	:: else -> stored = true    /* a plain store stays in the CPU's store buffer: the program reads on before it is done */
	fi
}

/* PARKING, if the token is empty: a compare-and-swap, or not. */
inline park_commit()
{
	d_step {
		if
		:: l_token[l] && has(COMMIT_IS_CAS) -> r = EALREADY
		:: else -> l_token[l] = false; l_parking[l] = true
		fi
	}
}

/* It has slept, and runs. */
inline park_done()
{
	d_step {
		l_parking[l] = !has(DONE);
		l_token[l] = l_token[l] && has(DONE_LEAVES_TOKEN)
	}
}

inline let_go_of_both()
{
	HOLD { spin_exit(CI(me)); spin_exit(BUCKET(hint)) }
}

/* Test, and be asleep: lwp_park_until, sleep_until and, without a deadline, lwp_park. */
inline park_try(so)
{
	if
	:: so == PARK && !has(COMMIT_UNDER_LOCK) -> park_commit()
	:: else
	fi;
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
		:: r != NOTHING
		:: r == NOTHING && l_token[l] && so == PARK && has(COMMIT_UNDER_LOCK) -> r = EALREADY
		:: r == NOTHING && l_token[l] && so != PARK && !has(PARK_ALONE) -> token_take(); r = EINTR
		:: else ->
			if
			:: l_cancelled[l] -> l_cancelled[l] = !has(CANCEL_USED_UP); r = EINTR
			:: else
			fi
		fi
	}
	/* An unpark may come between, as it needs no lock. */
	if
	:: r == NOTHING && so == PARK && has(COMMIT_UNDER_LOCK) -> park_commit()
	:: else
	fi;
	if
	:: r != NOTHING ->
		let_go_of_both();
		if
		:: r == EALREADY -> token_take()
		:: else
		fi
	:: else ->
		HOLD {
			sleepq_enqueue(hint);
			mi_switch();
			r = l_wakereason[l];
			l_wakereason[l] = 0;
			if
			:: timed && !has(WAKERS_VERDICT) -> r = ETIMEDOUT   /* the sleeper asks the clock */
			:: true
			fi
		}
		if
		:: so == PARK -> park_done()
		:: else
		fi
	fi
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

#define is_parked(target) (l_parking[target] && !l_token[target] && l_stat[target] == LSSLEEP)

/* unpark_locked, and lwp_wakeup of lwp_suspend.c: `reason` is 0 or EINTR.  The target is locked. */
inline wake_locked(target, reason)
{
	if
	:: l_key[target] != LID_KEY && has(KEY) -> esrch(reason); lwp_unlock(target)
	:: else ->
		if
		:: l_stat[target] == LSSLEEP && (reason == EINTR || is_parked(target) || !has(KIND_OF_SLEEP)) ->
			sleepq_wake(target, reason)
		:: else ->
			if
			:: reason == EINTR -> l_cancelled[target] = has(PENDING_CANCEL)
			:: reason == 0 -> l_token[target] = has(TOKEN)
			fi;
			lwp_unlock(target)
		fi
	fi
}

/* If it neither parks nor has a token: that is filled by one step, and without a lock.  r: 0, done. */
inline token_fill(target)
{
	if
	:: d_step {
		(l_key[target] == LID_KEY || !has(KEY)) && !l_token[target] && !l_parking[target] ->
		if
		:: has(FILL_IS_CAS) -> l_token[target] = has(TOKEN)
		:: else
		fi;
		r = 0
	   }
	   if
	   :: has(FILL_IS_CAS)
	   :: else -> d_step { l_token[target] = true; l_parking[target] = false }
	   fi
	:: else
	fi
}

/* The end of an LWP, and another life of the same memory. */
inline clear_key()
{
	HOLD {
		spin_enter(CI(me));
		d_step {
			assert(lwp_locked(l));
			left = (l == A && l_token[A] -> 1 : left);
			l_key[l] = 0;
			l_token[l] = false;
			l_parking[l] = false
		}
		spin_exit(CI(me))
	}
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
	/* A nap sees no token; a park with a deadline; and if that missed the token, another nap, and a park without. */
	:: scenario == TIMEOUT && step == 0 -> op = op_nap; step = 1
	:: scenario == TIMEOUT && step == 1 -> assert(r == ETIMEDOUT); op = op_park_until; step = 2
	:: scenario == TIMEOUT && step == 2 ->
		assert(r == ETIMEDOUT || token_taken(r));
		if
		:: r == ETIMEDOUT -> op = op_nap; step = 3
		:: else -> op = op_none; step = 9
		fi
	:: scenario == TIMEOUT && step == 3 -> assert(r == ETIMEDOUT); op = op_park; step = 4
	:: scenario == TIMEOUT && step == 4 -> assert(token_taken(r)); op = op_none; step = 9
	/* A cancel ends one sleep, this one or the next, and never two. */
	:: scenario == CANCEL && step == 0 -> op = op_park; step = 1
	:: scenario == CANCEL && step == 1 -> assert(r == EINTR); op = op_nap; step = 2
	:: scenario == CANCEL && step == 2 -> assert(r == ETIMEDOUT); op = op_none; step = 9
	/* An unpark, a cancel and a deadline at once; and at least one of the first two is left. */
	:: scenario == RACE && step < 2 -> op = (step == 0 -> op_park_until : op_park); step++
	:: scenario == RACE && step == 2 -> op = op_none; step = 9
	:: scenario == REUSE && step == 0 -> op = op_none; step = 9
	fi
}

inline program_of_others()
{
	if
	:: step == 1 && scenario != REUSE -> op = op_exit
	/* B unparks C, which exits, and whose memory another LWP gets, to which no token belongs. */
	:: step == 0 && scenario == REUSE && l == B -> target = C; op = op_unpark; step = 1
	:: step == 1 && scenario == REUSE && l == B -> op = op_exit
	:: step == 0 && scenario == REUSE && l == C -> op = op_live_again; step = 1
	:: step == 1 && scenario == REUSE && l == C -> op = op_nap; step = 2
	:: step == 2 && scenario == REUSE && l == C -> assert(!l_token[C]); op = op_exit
	:: step == 0 && l == B && scenario != CANCEL && scenario != REUSE -> target = A; op = op_unpark; step = 1
	:: step == 0 && l == B && scenario == CANCEL -> op = op_none; step = 1
	:: step == 0 && l == C && scenario == TIMEOUT -> op = op_nap; step = 1
	:: step == 0 && l == C && scenario != TIMEOUT && scenario != REUSE -> target = A; op = op_cancel; step = 1
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
			if
			:: reason == 0 -> token_fill(target)
			:: scenario == TIMEOUT    /* _lwp_unpark_all does not try that first */
			:: reason != 0
			fi;
			if
			:: r == NOTHING ->
				WITH_LWP_LOCKED(target, wake_locked(target, reason));
				md_ipi_resched()
			:: else
			fi;
			d_step { target = 0; reason = 0; r = NOTHING }
		:: op == op_live_again -> clear_key(); l_key[l] = 2
		fi;
		interrupts()
	od;
	clear_key();
	HOLD { spin_enter(CI(me)); lwp_setstat(l, LSZOMB); mi_switch() }
}
