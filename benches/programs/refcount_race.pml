/*
 * The refcount race in Promela, for SPIN: spin -DN=3 -DROUNDS=2 [-DFIXED] -a refcount_race.pml
 *
 * A statement, d_step or atomic is one step, and they are the steps that the other programs have: count, connect, send,
 * count back, disconnect; under a lock, lock and unlock too. What a step learns decides at once where the client goes
 * on, so no variable holds it. The kernel is one slot of a connection map: connect takes the slot or finds it taken,
 * disconnect frees it, also when it is free. Left out: everything else that a kernel does.
 */

bool connected;   /* The slot is in use. */
byte refcount;
#ifdef FIXED
bool locked;
#endif

active [N] proctype client()
{
    byte round;

end:
    do
#ifdef FIXED
    :: d_step { round < ROUNDS && !locked -> locked = true };
       refcount++;
       connected = true;
       locked = false;
       assert(connected);   /* The send: to a free slot it would fail. */
       d_step { !locked -> locked = true };
       if
       :: d_step { refcount == 1 -> refcount-- };
          connected = false
       :: d_step { refcount != 1 -> refcount-- }
       fi;
       d_step { locked = false; round++ }
#else
    :: d_step { round < ROUNDS -> refcount++ };
       connected = true;
       assert(connected);
       if
       :: d_step { refcount == 1 -> refcount-- };
          d_step { connected = false; round++ }
       :: d_step { refcount != 1 -> refcount--; round++ }
       fi
#endif
    od
}
