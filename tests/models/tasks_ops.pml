/* src/runtime/tasks.c and the inline functions of tasks.h and include/parscope/task.h, of the one stack
 * that a model has. `word` is tail + 16 * split; limit and fence are indices, of which STACK_END is the
 * stack's end. The owner's own loads, which are relaxed and look at what it alone writes, or at a
 * word that the exchange after them checks, are in one step with what follows. */
#define STACK_END      7
#define tail_of(word)  ((word) % 16)
#define split_of(word) ((word) / 16)
#define pack(tail, split) ((tail) + 16 * (split))

/* ps_tasks_reset */
inline tasks_reset(wanted)
{
    atomic {
        store(RESET_WORD, WORD, 0);
        head = 0;
        store(SET_FENCE, FENCE, 0);
        store(SET_LIMIT, LIMIT, (wanted -> 0 : STACK_END))
    }
}

/* ps_tasks_share; shared: what it returns. */
inline tasks_share()
{
    atomic {
        load(SHARE_LOAD, WORD, word);
        split = split_of(word);
        store(SET_FENCE, FENCE, split);
        shared = (split < head)
    };
    if
    :: shared ->
       if
       :: PLANTED(ANSWERS_LATE) -> skip
       :: else -> store(SHARE_LIMIT, LIMIT, STACK_END)
       fi;
       atomic {
           next = split + (head - split + 1) / 2;
           do
           :: split < next ->
              if
              :: PLANTED(DONE_STAYS) -> skip
              :: else -> store(SHARE_DONE, DONE(split), 0)
              fi;
              split++
           :: else -> break
           od
       };
       atomic {
           do
           :: expected = word;
              compare_exchange(SHARE, WORD, expected, pack(tail_of(expected), next), word, changed);
              if
              :: changed -> break
              :: else
              fi
           od;
           store(SET_FENCE, FENCE, next);
           word = 0; expected = 0; next = 0; changed = false
       };
       if
       :: PLANTED(ANSWERS_LATE) -> store(SHARE_LIMIT, LIMIT, STACK_END)
       :: else
       fi
    :: else
    fi;
    atomic { split = 0; word = 0 }
}

/* ps_tasks_take_back; ours: what it returns. */
inline tasks_take_back(index)
{
    atomic {
        load(TAKE_LOAD, WORD, word);
        do
        :: split_of(word) <= index -> ours = true; split = split_of(word); break
        :: split_of(word) > index && tail_of(word) > index && !PLANTED(TAKES_STOLEN) ->
           ours = false;
           split = split_of(word);
           break
        :: else ->
           expected = word;
           split = tail_of(word) + (index - tail_of(word)) / 2;
           compare_exchange(TAKE_BACK, WORD, expected, pack(tail_of(expected), split), word, changed);
           if
           :: changed -> ours = true; break
           :: else
           fi
        od;
        store(SET_FENCE, FENCE, split);
        word = 0; expected = 0; split = 0; changed = false
    }
}

/* ps_tasks_forget */
inline tasks_forget(index)
{
    atomic {
        store(FORGET, WORD, pack(index, index));
        store(SET_FENCE, FENCE, index)
    }
}

/* ps_tasks_steal; stolen: 1 + the task's index, or 0. */
inline tasks_steal()
{
    atomic { load(STEAL_LOAD, WORD, word) };
    do
    :: tail_of(word) < split_of(word) ->
       atomic {
           expected = word;
           compare_exchange(STEAL, WORD, expected, expected + 1, word, changed);
           if
           :: changed -> stolen = tail_of(expected) + 1; expected = 0; break
           :: else -> expected = 0
           fi
       }
    :: else -> break
    od;
    atomic { word = 0; changed = false }
}

/* ps_tasks_want */
inline tasks_want()
{
    atomic { load(WANT_LOAD, LIMIT, word); wanted = (word == 0); word = 0 };
    if
    :: !wanted ->
       atomic { store(SET_FENCE, FENCE, STACK_END) };
       if
       :: PLANTED(NEVER_ASKS) -> skip
       :: else -> store(WANT, LIMIT, 0)
       fi
    :: else
    fi;
    wanted = false
}
