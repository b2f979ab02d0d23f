/* src/runtime/tasks.c and the inline functions of tasks.h and include/parscope/task.h, of the one stack
 * that a model has. `word` is tail + 16 * split; limit and fence are indices, of which STACK_END is the
 * stack's end; `own` and `seen` are the owner's split and word. The owner's own loads, which are relaxed and look at what it alone writes, or at a
 * word that the exchange after them checks, are in one step with what follows. */
#define STACK_END      7
#define tail_of(word)  ((word) % 16)
#define split_of(word) ((word) / 16)
#define pack(tail, split) ((tail) + 16 * (split))

/* ps_tasks_reset, where others want work */
inline tasks_reset()
{
    atomic {
        own = 0;
        head = 0;
        store(SET_FENCE, FENCE, STACK_END);
        store(SET_LIMIT, LIMIT, 0)
    }
}

/* lower_fence. Where the fence is there already the C writes nothing; here it may be left higher. */
inline lower_fence()
{
    atomic {
        load(WANTED, LIMIT, word);
        if
        :: word == STACK_END -> store(SET_FENCE, FENCE, own)
        :: true
        fi;
        word = 0
    }
}

/* move_split with shared_up_to */
inline move_split()
{
    atomic {
        next = own + (head - own + 1) / 2;
        split = own;
        do
        :: split < next ->
           if
           :: PLANTED(DONE_STAYS) -> skip
           :: else -> store(SHARE_DONE, DONE(split), 0)
           fi;
           split++
        :: else -> break
        od;
        split = 0
    };
    atomic {
        word = seen;
        do
        :: expected = word;
           if
           :: split_of(expected) == own -> split = tail_of(expected)
           :: else -> split = own
           fi;
           compare_exchange(SHARE, WORD, expected, pack(split, next), word, changed);
           if
           :: changed -> break
           :: else
           fi
        od;
        seen = pack(split, next);
        own = next;
        word = 0; expected = 0; next = 0; split = 0; changed = false
    }
}

/* ps_tasks_show; shared: what it returns. */
inline tasks_show()
{
    shared = (own < head);
    if
    :: shared -> move_split()
    :: else
    fi
}

/* ps_tasks_share; shared: what it returns. */
inline tasks_share()
{
    shared = (own < head);
    if
    :: shared ->
       if
       :: PLANTED(ANSWERS_LATE) -> skip
       :: else -> store(SHARE_LIMIT, LIMIT, STACK_END)
       fi;
       move_split();
       store(SET_FENCE, FENCE, own);
       if
       :: PLANTED(ANSWERS_LATE) -> store(SHARE_LIMIT, LIMIT, STACK_END)
       :: else
       fi
    :: else -> lower_fence()
    fi
}

/* ps_tasks_take_back with settle_with_thieves; ours: what it returns. */
inline tasks_take_back(index)
{
    if
    :: own > index ->
       atomic {
           load(TAKE_LOAD, WORD, word);
           do
           :: tail_of(word) > index && !PLANTED(TAKES_STOLEN) ->
              ours = false;
              seen = word;
              break
           :: else ->
              expected = word;
              split = tail_of(word) + (index - tail_of(word)) / 2;
              compare_exchange(TAKE_BACK, WORD, expected, pack(tail_of(expected), split), word, changed);
              if
              :: changed -> ours = true; own = split; seen = pack(tail_of(expected), split); break
              :: else
              fi
           od;
           word = 0; expected = 0; split = 0; changed = false
       }
    :: else -> ours = true
    fi;
    lower_fence()
}

/* ps_tasks_forget */
inline tasks_forget(index)
{
    own = index;
    lower_fence()
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
