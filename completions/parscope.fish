# fish completion for parscope

# The last of the comma-separated specs in the word at the cursor: names from `parscope list KIND`,
# keys after the first colon.
function __parscope_spec
    set -l word (string replace -r -- '^(--[a-z-]+=|-[a-z])' '' (commandline -ct))
    set -l last (string replace -r -- '.*,' '' $word)
    set -l head (string replace -r -- '[^,]*$' '' $word)
    if string match -q -- '*:*' $last
        set -l name (string replace -r -- ':.*' '' $last)
        set -l given (string replace -r -- ':[^:]*$' '' $last)
        for key in (parscope list $argv --keys 2>/dev/null)
            if string match -q -- "$name:*" $key
                echo $head$given:(string replace -r -- '^[^:]*:' '' $key)
            end
        end
    else
        for name in (parscope list $argv --names 2>/dev/null)
            echo $head$name
        end
    end
end

# The keys of all workloads and strategies.
function __parscope_keys
    for kind in workloads strategies
        parscope list $kind --keys 2>/dev/null | string replace -rf -- '^[^:]*:([^=]*=).*' '$1'
    end
end

# Columns, apart by commas.
function __parscope_columns
    set -l word (string replace -r -- '^--columns=' '' (commandline -ct))
    set -l head (string replace -r -- '[^,]*$' '' $word)
    for name in (parscope run --columns help 2>/dev/null | string replace -rf -- '^  (\S+).*' '$1')
        echo $head$name
    end
end

function __parscope_baselines
    set -l state ~/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    for file in $state/parscope/baselines/*.json
        basename $file .json
    end
end

# Whether a program is being typed, after --.
function __parscope_dashes
    contains -- -- (commandline -opc)
end

# Whether the options of one of these subcommands are being typed.
function __parscope_of
    __fish_seen_subcommand_from $argv; and not __parscope_dashes
end

set -l commands run sweep smt-compare compare attach rank merge overhead list topo doctor report help
set -l dashes __parscope_dashes
set -l program "not __fish_seen_subcommand_from $commands"

complete -c parscope -f

complete -c parscope -n $program -s h -l help -d 'show this help and exit'
complete -c parscope -n $program -s V -l version -d 'show the version and exit'
complete -c parscope -n $program -a run -d 'measure workloads under several strategies, or programs'
complete -c parscope -n $program -a sweep -d 'measure how workloads or programs scale with threads'
complete -c parscope -n $program -a smt-compare -d 'measure what the second hardware thread of a core gains'
complete -c parscope -n $program -a compare -d 'say whether two builds or two results differ'
complete -c parscope -n $program -a attach -d 'observe a program that is already running'
complete -c parscope -n $program -a rank -d 'measure one rank of an MPI program, under its launcher'
complete -c parscope -n $program -a merge -d 'join the files of many ranks into one result'
complete -c parscope -n $program -a overhead -d 'measure what each part of running in parallel costs here'
complete -c parscope -n $program -a list -d 'show workloads, strategies and which can be combined'
complete -c parscope -n $program -a topo -d 'show cores, CPUs and where threads would be put'
complete -c parscope -n $program -a doctor -d 'show what can be measured here, and how to get more'
complete -c parscope -n $program -a report -d 'show saved results again'
complete -c parscope -n $program -a help -d 'show the help of a command, or explain a word of a report'

# Each option once, below the subcommands that have it.

set -l of '__parscope_of run sweep smt-compare compare attach rank merge overhead list topo doctor report help'
complete -c parscope -n $of -s h -l help -d 'show this help and exit'

set -l of '__parscope_of run sweep smt-compare compare attach overhead report'
complete -c parscope -n $of -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $of -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $of -l color -x -a 'auto always never' -d 'colour in the table'

set -l of '__parscope_of run sweep smt-compare compare overhead'
complete -c parscope -n $of -s r -l runs -x -d 'exactly N rounds'
complete -c parscope -n $of -l max-time -x -d 'stop after this time'
complete -c parscope -n $of -l seed -x -d 'seed of the order and the intervals'
complete -c parscope -n $of -s q -l quiet -d 'no progress line'

set -l of '__parscope_of run sweep smt-compare compare report'
complete -c parscope -n $of -s v -l verbose -d 'show all columns, notes and findings, and each value of a series in full'

set -l of '__parscope_of run sweep smt-compare attach report'
complete -c parscope -n $of -l plot -d 'draw the speedups'
complete -c parscope -n $of -l no-plot -d 'no picture'
complete -c parscope -n $of -l ascii -d 'use only ASCII in the table'

set -l of '__parscope_of run sweep smt-compare compare'
complete -c parscope -n $of -s c -l command -x -a '(__fish_complete_command)' -d 'measure this program'
complete -c parscope -n $of -s S -l shell -x -a 'sh bash dash zsh' -d 'have this shell run commands'
complete -c parscope -n $of -s N -l no-shell -d 'no shell, the default'
complete -c parscope -n $of -l prepare -x -a '(__fish_complete_command)' -d 'run this before each execution'
complete -c parscope -n $of -l cleanup -x -a '(__fish_complete_command)' -d 'run this after the last execution'
complete -c parscope -n $of -s i -l ignore-failure -d 'go on when the program fails'
complete -c parscope -n $of -l timeout -x -d 'end an execution that takes longer'
complete -c parscope -n $of -l input -r -F -a 'null' -d 'what each execution reads from standard input'
complete -c parscope -n $of -l child-output -r -F -a 'null inherit' -d 'where the output of the program goes'
complete -c parscope -n $of -s w -l warmup -x -d 'executions of each point before the first round, or as that where time is short'
complete -c parscope -n $of -l precision -x -d 'stop once the intervals are this narrow'
complete -c parscope -n $of -l gap -x -d 'idle this long before each execution'
complete -c parscope -n $of -s n -l dry-run -d 'show what would be measured'

set -l of '__parscope_of run sweep smt-compare attach'
complete -c parscope -n $of -l flame -r -F -d 'write stacks for flame graphs'
complete -c parscope -n $of -l timeline -r -F -d 'write a timeline for Perfetto'

set -l of '__parscope_of run sweep smt-compare compare list'
complete -c parscope -n $of -l plugin -r -F -d 'load workloads and strategies from FILE'

set -l of '__parscope_of run sweep smt-compare report'
complete -c parscope -n $of -l columns -x -a '(__parscope_columns)' -d 'the columns of the table'
complete -c parscope -n $of -l top -x -d 'number of rows in the tables of a diagnosis'

set -l of '__parscope_of run sweep compare overhead'
complete -c parscope -n $of -l cpus -x -d 'the CPUs to use, in this order'

set -l of '__parscope_of run sweep smt-compare'
complete -c parscope -n $of -s e -l event -x -a 'none (parscope list events --names 2>/dev/null)' -d 'count this event too'
complete -c parscope -n $of -s u -l user -d 'count hardware events in user space only'
complete -c parscope -n $of -s k -l kernel -d 'count hardware events in the kernel only'
complete -c parscope -n $of -l diagnose -d 'observe programs after the rounds'
complete -c parscope -n $of -l no-diagnose -d 'never observe programs'
complete -c parscope -n $of -l check -x -a 'serial_fraction crossover crossover_idle metg (parscope list metrics --names 2>/dev/null)' -d 'judge a metric by its interval'
complete -c parscope -n $of -l on-inconclusive -x -a 'tell pass fail' -d 'what an undecided check is'
complete -c parscope -n $of -a '(__parscope_spec workloads)'

set -l of '__parscope_of run sweep compare'
complete -c parscope -n $of -s s -l strategy -x -a '(__parscope_spec strategies env)' -d 'strategies to compare'
complete -c parscope -n $of -s t -l threads -x -a 'cores cpus pow2 1..cores 1..cpus' -d 'thread counts'
complete -c parscope -n $of -s p -l placement -x -a 'spread compact none' -d 'where threads are put'

set -l of '__parscope_of run sweep'
complete -c parscope -n $of -l save-baseline -x -a '(__parscope_baselines)' -d 'keep the result under this name'
complete -c parscope -n $of -l baseline -x -a '(__parscope_baselines)' -d 'compare with a result that was kept'
complete -c parscope -n $of -l passive -d 'also measure programs with passive waits'
set -l of '__parscope_of run'
complete -c parscope -n $of -l try-all -d 'compare all settings from outside that may help'
set -l of '__parscope_of run sweep'
complete -c parscope -n $of -l duration -x -a 'auto' -d 'have workloads that can be timed do what they can in this time'

set -l of '__parscope_of compare report'
complete -c parscope -n $of -k -a '(__fish_complete_suffix .json)'

set -l of '__parscope_of topo doctor merge'
complete -c parscope -n $of -s o -l output -r -F -d 'write it to FILE too'
complete -c parscope -n $of -l format -x -a 'table json' -d 'what standard output gets'

set -l of '__parscope_of sweep'
complete -c parscope -n $of -l vary -x -a '(__parscope_keys)' -d 'vary this parameter'
complete -c parscope -n $of -l vary-file -r -F -d 'values of places in programs'
complete -c parscope -n $of -l adaptive -d 'choose the thread counts from short sweeps'
complete -c parscope -n $of -l weak -d 'let the work grow with the threads'
complete -c parscope -n $of -l size -x -d 'value of {size} for one thread'
complete -c parscope -n $of -l ranks -x -d 'numbers of ranks of an MPI program'
complete -c parscope -n $of -l slurm -d 'print a batch script for Slurm'
complete -c parscope -n $of -l want-efficiency -x -a '80%' -d 'say how many threads keep this efficiency'
complete -c parscope -n $of -l predict -x -d 'predict the speedup with these numbers of CPUs'

set -l of '__parscope_of smt-compare'
complete -c parscope -n $of -s s -l strategy -x -a '(__parscope_spec strategies env)' -d 'strategies to compare'
complete -c parscope -n $of -l cores -x -d 'use this many cores'
complete -c parscope -n $of -l pair -x -d 'take two CPUs as hardware threads of one core'
complete -c parscope -n $of -l copies -d 'copies of a single-threaded program'

set -l of '__parscope_of compare'
complete -c parscope -n $of -l base-git -x -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)" -d 'the old revision'
complete -c parscope -n $of -l new-git -x -a "(git for-each-ref --format='%(refname:short)' 2>/dev/null)" -d 'the new revision'
complete -c parscope -n $of -l build -x -a '(__fish_complete_command)' -d 'run this by sh in each revision'
complete -c parscope -n $of -l threshold -x -d 'changes up to this count as none'
complete -c parscope -n $of -l metric -x -a 'serial_fraction (parscope list metrics --names 2>/dev/null)' -d 'compare this metric'
complete -c parscope -n $of -l force -d 'compare results of different machines'
complete -c parscope -n $of -l on-inconclusive -x -a 'tell pass fail' -d 'what an undecided comparison is'

set -l of '__parscope_of attach'
complete -c parscope -n $of -s p -l pid -x -a '(__fish_complete_pids)' -d 'the process to observe'
complete -c parscope -n $of -l duration -x -d 'how long to observe it'
complete -c parscope -n $of -s v -l verbose -d 'show all columns and findings'
complete -c parscope -n $of -l columns -x -d 'columns of the table'
complete -c parscope -n $of -l top -x -d 'number of rows in the tables of a diagnosis'
complete -c parscope -n $of -s q -l quiet -d 'no notes'

set -l of '__parscope_of overhead'
complete -c parscope -n $of -s t -l threads -x -d 'threads of regions and barriers'
complete -c parscope -n $of -a '(parscope list overhead --names 2>/dev/null)'

set -l of '__parscope_of list'
complete -c parscope -n $of -l names -d 'bare names, one per line'
complete -c parscope -n $of -l keys -d 'keys of workloads and strategies'
complete -c parscope -n $of -a 'workloads strategies matrix env events metrics formats doctor overhead'

set -l of '__parscope_of topo'
complete -c parscope -n $of -l probe -d 'measure which CPUs share a core, and how far apart they are'
complete -c parscope -n $of -l max-time -x -d 'start nothing after this time'

set -l of '__parscope_of doctor'
complete -c parscope -n $of -l watch -x -d 'watch the clock and other load for this long'
complete -c parscope -n $of -l require -x -a '(parscope list doctor --names 2>/dev/null)' -d 'exit with status 77 unless these lines say ok'

set -l of '__parscope_of rank'
complete -c parscope -n $of -s d -l folder -r -a '(__fish_complete_directories)' -d 'write the file of the rank there'
complete -c parscope -n $of -l by-samples -d 'load no library, and estimate the time inside MPI'

set -l of '__parscope_of merge'
complete -c parscope -n $of -s v -l verbose -d 'show all nodes, and all files that were left out'
complete -c parscope -n $of -r -F

set -l of '__parscope_of help'
complete -c parscope -n $of -l names -d 'the commands and words that have help, one per line'
complete -c parscope -n $of -a '(parscope help --names 2>/dev/null)'

complete -c parscope -n $dashes -x -a '(__fish_complete_subcommand --commandline)'
