/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of the token, the sleep, and the lock pointer that moves, for spin.
 *
 * What it is.  NCPU CPUs, each with an idle LWP, and three LWPs that make system calls, as kern/lwp/lwp_park.c,
 * kern/sync/sleepq.c, kern/sched/switch.c and callout.c make them: lock by lock and store by store.  A process of spin's is an LWP.
 * It goes on while it has a CPU, waits in mi_switch for one otherwise, and takes interrupts where they are on.
 * What is behind a lock (which LWP of a queue is next, which CPU is the best one) is left open: any.
 *
 * Names are those of the code.  Sets stand for queues: on_runq[l] and on_sleepq[l] say on which one l is, if any.
 *
 * What must hold, in every state
 *   - an LWP's queue, state and lock pointer are touched only with its lock held;
 *   - no LWP is put on a queue while it is on one, or switched to while its stack is in use;
 *   - each call returns what its contract allows (the oracles of the scenarios, in user.pml);
 * and when nothing can go on any more (the end of `init`)
 *   - every LWP has come to its end: nobody sleeps for ever, no CPU idles over a runnable LWP, nothing is deadlocked;
 *   - what was given is what was taken: tokens and cancels.
 *
 * Each rule that this rests on can be left out, by a number in the environment of the verifier (WITHOUT); tests/host/model.t
 * sees that the model then fails.
 */

/* A rule, in which scenario its absence shows (FINE: see HOLD), and what happens when it is left out. */
#define TOKEN 1             /* TIMEOUT: unpark of who is not parked leaves no token */
#define FILL_IS_CAS 2       /* THROW: unpark looks at l_park, then stores the token */
#define COMMIT_IS_CAS 3     /* THROW: park looks for its token, then stores PARKING */
#define COMMIT_UNDER_LOCK 4 /* THROW: PARKING is set before the locks are taken */
#define DONE_LEAVES_TOKEN 5 /* TIMEOUT: who has slept clears PARKING by a store of the whole word */
#define DONE 6              /* TIMEOUT: who has slept leaves PARKING set */
#define KEY 7               /* REUSE: unpark does not look whose token it fills */
#define KIND_OF_SLEEP 8     /* TIMEOUT: unpark ends any sleep */
#define PARK_ALONE 9        /* TIMEOUT: any sleep takes the token */
#define EMPTY_IS_ATOMIC 10  /* THROW: the token is emptied by a mere store */
#define LOOK_AGAIN 11       /* TIMEOUT: lwp_lock does not look whether the lock has changed */
#define NEW_LOCK 12         /* TIMEOUT: the lock pointer changes, the old lock is let go, then the new one is taken */
#define LOCK_TO_THE_END 13  /* TIMEOUT, FINE: a leaving LWP's lock is let go before it is off its stack */
#define ONE_HOLD 14         /* RACE, FINE: a waker looks, lets the lock go, takes it again and wakes */
#define ORDER_OF_LOCKS 15   /* TIMEOUT: the sleeper takes ci_lock, then its bucket */
#define STATE_LOOKED_AT 16  /* RACE: a timeout does not look whether its LWP sleeps */
#define WAKERS_VERDICT 17   /* TIMEOUT: the sleeper asks the clock why it was woken */
#define INTERRUPTS_OFF 18   /* TIMEOUT: interrupts are on between arming the timeout and sleeping */
#define CALLOUT_STOP 19     /* TIMEOUT: who was woken does not stop its timeout */
#define STOP_WAITS 20       /* RACE: callout_stop does not wait for the function that runs */
#define PENDING_CANCEL 21   /* CANCEL: _lwp_wakeup of who does not sleep leaves nothing */
#define CANCEL_USED_UP 22   /* CANCEL: a cancel is not used up by the sleep that it ends */
#define IPI 23              /* CANCEL: who idles is not told that an LWP has come to its queue */
#define HALT_IN_ONE_STEP 24 /* CANCEL: interrupts are on between the look at the queue and the halt */

byte without;                   /* the rule that is left out; 0 = none */
#define has(rule) (without != rule)

#define NCPU 2
#define NLWP 3
#define A 0
#define B 1
#define C 2
#define IDLE(cpu) (NLWP + (cpu))
#define is_idle(l) ((l) >= NLWP)

/* l_stat */
#define LSIDL 1
#define LSRUN 2
#define LSSLEEP 3
#define LSZOMB 5
#define LSONPROC 7

/* The kinds of sleep. */
#define PARK 1
#define DELAY 2

/* Results of calls. */
#define EINTR 4
#define EALREADY 37
#define ETIMEDOUT 60
#define NOTHING 255

/* The locks: two ci_locks, two buckets, two callout locks. */
#define CI(cpu) (cpu)
#define BUCKET(hint) (NCPU + (hint))
#define CALLOUT(cpu) (NCPU + 2 + (cpu))
#define NLOCK (NCPU + 2 + NCPU)

/* All "0 = none", and otherwise one more than the number of the CPU or of the bucket. */
byte lock_cpu[NLOCK];           /* which CPU holds it */
byte on_runq[NLWP + NCPU];
byte on_sleepq[NLWP + NCPU];
byte c_cpu[NLWP];               /* l_timeout: in which CPU's tree */
byte onto[NLWP + NCPU];         /* the CPU that has switched to it */

byte l_stat[NLWP + NCPU];
byte l_mutex[NLWP + NCPU];
byte l_wakereason[NLWP];
/* l_park, in its three parts: one word, of which a d_step reads and changes what it likes. */
byte l_key[NLWP];               /* who it is, 0: it has exited */
bool l_token[NLWP];             /* LWP_TOKEN */
bool l_parking[NLWP];           /* LWP_PARKING */
bool l_cancelled[NLWP];         /* LW_CANCELLED */

byte ci_curlwp[NCPU];
byte ci_prev[NCPU];             /* what md_switchto hands to the arriving LWP */
bool ci_ipi[NCPU];              /* an interrupt is pending */
bool stack_used[NLWP + NCPU];

/*
 * What a CPU does from its first lock to its last is one step, as nobody else may touch what the locks cover: that is
 * asserted at each access.  With -DFINE each statement is a step.
 */
#ifdef FINE
#define HOLD
#else
#define HOLD atomic
#endif

#define owned(k) (lock_cpu[k] == me + 1)
#define lwp_locked(l) owned(l_mutex[l])

/* --- Spin mutexes: a lock is held by a CPU.  Who finds it held by its own CPU waits for ever. --- */

inline spin_enter(k)
{
	atomic { lock_cpu[k] == 0 -> lock_cpu[k] = me + 1 }
}

#define SPIN_EXIT(k) assert(owned(k)); lock_cpu[k] = 0
inline spin_exit(k)
{
	d_step { SPIN_EXIT(k) }
}

/*
 * lwp_lock(x), then `action`, which lets the lock go.  What the pointer says may have changed by the time that the
 * lock is there.
 */
#define WITH_LWP_LOCKED(x, action) \
	do \
	:: m = l_mutex[x]; \
	   HOLD { spin_enter(m); if :: has(LOOK_AGAIN) && m != l_mutex[x] -> spin_exit(m) :: else -> m = 0; action; break fi } \
	od; \
	m = 0

inline lwp_unlock(x)
{
	spin_exit(l_mutex[x])
}

#define SETLOCK(x, k) assert(lwp_locked(x)); assert(owned(k)); l_mutex[x] = k
inline lwp_setlock(x, k)
{
	d_step { SETLOCK(x, k) }
}

#define SETSTAT(x, stat) assert(lwp_locked(x)); l_stat[x] = stat
inline lwp_setstat(x, stat)
{
	d_step { SETSTAT(x, stat) }
}

#define RUNQ_INSERT(cpu, x) assert(owned(CI(cpu))); assert(on_runq[x] == 0 && on_sleepq[x] == 0); on_runq[x] = cpu + 1
inline runq_insert(cpu, x)
{
	d_step { RUNQ_INSERT(cpu, x) }
}

/* --- kern/sched/switch.c --- */

/* Any LWP of this CPU's queue, or the idle one. */
inline sched_next()
{
	atomic {
		assert(owned(CI(me)));
		if
		:: on_runq[A] == me + 1 -> next = A
		:: on_runq[B] == me + 1 -> next = B
		:: on_runq[C] == me + 1 -> next = C
		:: else -> next = IDLE(me)
		fi;
		on_runq[next] = 0
	}
}

/* In the arriving LWP: the lock of the one that has left is let go. */
inline switch_tail()
{
	d_step {
		if
		:: has(LOCK_TO_THE_END) -> SPIN_EXIT(l_mutex[ci_prev[me]])
		:: else
		fi;
		ci_prev[me] = 0
	}
}

/* Called with ci_lock held, and with the sleep queue's lock too if l goes to sleep. */
inline mi_switch()
{
	assert(ci_curlwp[me] == l && lwp_locked(l));
	if
	:: l_stat[l] == LSONPROC && is_idle(l) -> lwp_setstat(l, LSIDL)
	:: l_stat[l] == LSONPROC && !is_idle(l) -> d_step { SETSTAT(l, LSRUN); RUNQ_INSERT(me, l) }
	:: else
	fi;
	sched_next();
	lwp_setstat(next, LSONPROC);
	if
	:: next == l ->
		d_step { next = 0; SPIN_EXIT(CI(me)) }
	:: else ->
		ci_curlwp[me] = next;
		if
		:: l_mutex[l] != CI(me) -> spin_exit(CI(me))
		:: else
		fi;
		if
		:: has(LOCK_TO_THE_END)
		:: else -> spin_exit(l_mutex[l])
		fi;
		/* md_switchto: off one stack, onto the other. */
		d_step {
			assert(!stack_used[next]);
			stack_used[l] = false;
			stack_used[next] = true;
			ci_prev[me] = l;
			onto[next] = me + 1;
			next = 0;
			me = NOTHING
		}
		d_step { onto[l] != 0 -> me = onto[l] - 1; onto[l] = 0 }
		switch_tail()
	fi
}

/* An LWP that has not run yet begins as one that is switched to: lwp_startup. */
inline first_switch()
{
	d_step { onto[l] != 0 -> me = onto[l] - 1; onto[l] = 0 }
	switch_tail()
}

/* x has come to the queue of `to`, which is locked: who idles there has to look. */
inline sched_notify(to)
{
	notify = to != me && is_idle(ci_curlwp[to])
}

/* Not before the lock is let go: it would be waited for at once. */
inline md_ipi_resched()
{
	d_step {
		if
		:: notify && has(IPI) -> ci_ipi[to] = true
		:: else
		fi;
		notify = false;
		to = 0
	}
}

/* x is locked, and in LSSLEEP: give it to some CPU. */
inline sched_wakeup(x)
{
	if
	:: to = 0
	:: to = 1
	fi;
	old = l_mutex[x];
	if
	:: has(NEW_LOCK) ->
		spin_enter(CI(to));
		lwp_setlock(x, CI(to));
		spin_exit(old)
	:: else ->  /* the pointer changes before the new lock is there */
		l_mutex[x] = CI(to);
		spin_exit(old);
		spin_enter(CI(to))
	fi;
	lwp_setstat(x, LSRUN);
	runq_insert(to, x);
	sched_notify(to);
	spin_exit(CI(to));
	old = 0
}

/* --- kern/sync/sleepq.c --- */

/* x is locked and asleep.  The verdict, and the end of the sleep, are one hold of its lock. */
inline sleepq_wake(x, reason)
{
	if
	:: has(ONE_HOLD)
	:: else ->
		lwp_unlock(x);
		m = l_mutex[x];
		spin_enter(m);
		m = 0
	fi;
	d_step { assert(lwp_locked(x)); assert(on_sleepq[x] != 0); on_sleepq[x] = 0; l_wakereason[x] = reason }
	sched_wakeup(x)
}

/* In the timer interrupt, callout lock held; x is locked. */
inline sleepq_timeout(x)
{
	if
	:: l_stat[x] == LSSLEEP || !has(STATE_LOOKED_AT) -> sleepq_wake(x, ETIMEDOUT)
	:: else -> lwp_unlock(x)
	fi
}

/* Both locks are held; afterwards l is covered by its bucket's. */
inline sleepq_enqueue(k)
{
	d_step {
		assert(owned(BUCKET(k)) && lwp_locked(l) && l_mutex[l] == CI(me));
		assert(on_runq[l] == 0 && on_sleepq[l] == 0);
		on_sleepq[l] = k + 1
	}
	lwp_setstat(l, LSSLEEP);
	lwp_setlock(l, BUCKET(k))
}

/* --- kern/sched/callout.c --- */

inline callout_arm()
{
	HOLD {
		spin_enter(CALLOUT(me));
		assert(c_cpu[l] == 0);
		c_cpu[l] = me + 1;
		spin_exit(CALLOUT(me))
	}
}

inline callout_stop()
{
	old = c_cpu[l];
	if
	:: old != 0 ->
		HOLD {
			spin_enter(CALLOUT(old - 1));
			c_cpu[l] = 0;
			spin_exit(CALLOUT(old - 1))
		}
	:: else
	fi;
	old = 0
}

/* The timer of this CPU has fired: the first callout, and time has come for any of them. */
inline callout_run_one()
{
	HOLD {
		spin_enter(CALLOUT(me));
		if
		:: c_cpu[A] == me + 1 -> x = A
		:: c_cpu[B] == me + 1 -> x = B
		:: c_cpu[C] == me + 1 -> x = C
		:: else -> x = NOTHING
		fi;
		if
		:: x != NOTHING && !has(STOP_WAITS) -> c_cpu[x] = 0     /* though the function has yet to run */
		:: else
		fi
	}
	if
	:: x == NOTHING
	:: else ->
		WITH_LWP_LOCKED(x, sleepq_timeout(x));
		md_ipi_resched()
	fi;
	HOLD {
		if
		:: x != NOTHING && has(STOP_WAITS) -> c_cpu[x] = 0
		:: else
		fi;
		x = 0;
		spin_exit(CALLOUT(me))
	}
}

#define timer_due(cpu) (c_cpu[A] == (cpu) + 1 || c_cpu[B] == (cpu) + 1 || c_cpu[C] == (cpu) + 1)

/* Interrupts are on here, and the LWP may lose its CPU. */
inline interrupts()
{
	if
	:: timer_due(me) -> callout_run_one()
	:: true
	fi;
	if
	:: on_runq[A] == me + 1 || on_runq[B] == me + 1 || on_runq[C] == me + 1 ->
		HOLD { spin_enter(CI(me)); mi_switch() }
	:: true
	fi
}

#include "user.pml"

/* --- The idle LWP of a CPU --- */

/* Take some LWP from another CPU's queue.  Both ci_locks, in order. */
inline sched_steal()
{
	if
	:: on_runq[A] == 2 - me -> x = A
	:: on_runq[B] == 2 - me -> x = B
	:: on_runq[C] == 2 - me -> x = C
	:: true -> x = NOTHING
	fi;
	if
	:: x == NOTHING
	:: else ->
		HOLD {
			spin_enter(CI(0));
			spin_enter(CI(1));
			if
			:: on_runq[x] == 2 - me ->
				d_step { assert(lwp_locked(x)); on_runq[x] = 0; SETLOCK(x, CI(me)); RUNQ_INSERT(me, x) }
			:: else
			fi;
			spin_exit(CI(1 - me));
			spin_exit(CI(me))
		}
	fi;
	x = 0
}

#define work(cpu) (on_runq[A] == (cpu) + 1 || on_runq[B] == (cpu) + 1 || on_runq[C] == (cpu) + 1)

proctype idle_loop(byte l)
{
	byte me = l - NLWP, next, m, to, old, x;
	bool notify;

	first_switch();
	do
	::
		sched_steal();
		if
		:: work(me)
		:: else ->
			if
			:: ci_ipi[me] && !has(HALT_IN_ONE_STEP) -> ci_ipi[me] = false   /* it comes before the halt */
			:: true
			fi;
			/* Interrupts on and halt, in one step. */
			if
			:: ci_ipi[me] -> ci_ipi[me] = false
			:: timer_due(me) -> callout_run_one()
			fi
		fi;
		HOLD { spin_enter(CI(me)); mi_switch() }
	od
}

#define only(one) (scenario == 0 || scenario == one)

init
{
	byte i;

	atomic {
		c_code { now.without = getenv("WITHOUT") ? atoi(getenv("WITHOUT")) : 0; };
		c_code { now.scenario = getenv("SCENARIO") ? atoi(getenv("SCENARIO")) : 0; };
		if
		:: only(CANCEL) -> scenario = CANCEL
		:: only(TIMEOUT) -> scenario = TIMEOUT
		:: only(RACE) -> scenario = RACE
		:: only(REUSE) -> scenario = REUSE
		:: only(THROW) -> scenario = THROW
		fi;
		l_key[A] = 1; l_key[B] = 1; l_key[C] = 1;
		for (i : 0 .. NCPU - 1) {
			l_stat[IDLE(i)] = LSIDL;
			l_mutex[IDLE(i)] = CI(i);
			ci_curlwp[i] = i
		}
		l_stat[A] = LSONPROC; stack_used[A] = true; l_mutex[A] = CI(0);
		l_stat[B] = LSONPROC; stack_used[B] = true; l_mutex[B] = CI(1);
		l_stat[C] = LSRUN; l_mutex[C] = CI(1); on_runq[C] = 2;
		run idle_loop(IDLE(0));
		run idle_loop(IDLE(1));
		run lwp(A);
		run lwp(B);
		run lwp(C)
	}
	/* Nothing can go on. */
	timeout;
	atomic {
		assert(l_stat[A] == LSZOMB && l_stat[B] == LSZOMB && l_stat[C] == LSZOMB);
		conserved()
	}
}
