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
        for key in (parscope list $argv[1] --keys 2>/dev/null)
            if string match -q -- "$name:*" $key
                echo $head$given:(string replace -r -- '^[^:]*:' '' $key)
            end
        end
    else
        for name in (parscope list $argv[1] --names 2>/dev/null)
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

# Whether a program is being typed, after --.
function __parscope_dashes
    contains -- -- (commandline -opc)
end

set -l commands run sweep smt-compare compare attach overhead list topo doctor report help
set -l measure '__fish_seen_subcommand_from run sweep; and not __parscope_dashes'
set -l sweep '__fish_seen_subcommand_from sweep; and not __parscope_dashes'
set -l smt_compare '__fish_seen_subcommand_from smt-compare; and not __parscope_dashes'
set -l compare '__fish_seen_subcommand_from compare'
set -l dashes __parscope_dashes
set -l attach '__fish_seen_subcommand_from attach'
set -l overhead '__fish_seen_subcommand_from overhead'
set -l list '__fish_seen_subcommand_from list'
set -l topo '__fish_seen_subcommand_from topo'
set -l doctor '__fish_seen_subcommand_from doctor'
set -l report '__fish_seen_subcommand_from report'
set -l help '__fish_seen_subcommand_from help'
set -l program "not __fish_seen_subcommand_from $commands"

complete -c parscope -f

complete -c parscope -n $program -s h -l help -d 'show this help and exit'
complete -c parscope -n $program -s V -l version -d 'show the version and exit'
complete -c parscope -n $program -a run -d 'measure workloads under several strategies, or programs'
complete -c parscope -n $program -a sweep -d 'measure how workloads or programs scale with threads'
complete -c parscope -n $program -a smt-compare -d 'measure what the second hardware thread of a core brings'
complete -c parscope -n $program -a compare -d 'tell whether two builds or two results differ'
complete -c parscope -n $program -a attach -d 'observe a program that runs already'
complete -c parscope -n $program -a overhead -d 'measure what each part of running in parallel costs here'
complete -c parscope -n $program -a list -d 'show workloads, strategies and what goes with what'
complete -c parscope -n $program -a topo -d 'show cores, CPUs and where threads would be put'
complete -c parscope -n $program -a doctor -d 'show what can be measured here, and how to get more'
complete -c parscope -n $program -a report -d 'render a saved result again'
complete -c parscope -n $program -a help -d 'show the help of a command, or explain a word of a report'

complete -c parscope -n $measure -s s -l strategy -x -a '(__parscope_spec strategies)' -d 'strategies to compare'
complete -c parscope -n $measure -s t -l threads -x -a 'cores cpus pow2 1..cores 1..cpus' -d 'thread counts'
complete -c parscope -n $sweep -l vary -x -a '(__parscope_keys)' -d 'vary this parameter'
complete -c parscope -n $sweep -l adaptive -d 'choose thread counts by short sweeps'
complete -c parscope -n $sweep -l want-efficiency -x -a '80%' -d 'tell the most threads that keep this efficiency'
complete -c parscope -n $sweep -l predict -x -d 'tell the speedup to expect with so many CPUs'
complete -c parscope -n $measure -l duration -x -a 'auto' -d 'have workloads that can be timed do what they can in this time'
complete -c parscope -n $measure -s p -l placement -x -a 'spread compact none' -d 'where threads are put'
complete -c parscope -n $measure -l cpus -x -d 'the CPUs to use, in this order'
complete -c parscope -n $measure -l plugin -r -F -d 'load workloads and strategies from FILE'
complete -c parscope -n $measure -s e -l event -x -a 'none (parscope list events --names 2>/dev/null)' -d 'count this event too'
complete -c parscope -n $measure -s u -l user -d 'count hardware events in user space only'
complete -c parscope -n $measure -s k -l kernel -d 'count hardware events in the kernel only'
complete -c parscope -n $measure -s c -l command -x -a '(__fish_complete_command)' -d 'measure this program'
complete -c parscope -n $measure -s S -l shell -x -a 'sh bash dash zsh' -d 'have this shell run commands'
complete -c parscope -n $measure -s N -l no-shell -d 'no shell, the default'
complete -c parscope -n $measure -l prepare -x -a '(__fish_complete_command)' -d 'run this before each execution'
complete -c parscope -n $measure -l cleanup -x -a '(__fish_complete_command)' -d 'run this after the last execution'
complete -c parscope -n $measure -l diagnose -d 'observe programs after the rounds'
complete -c parscope -n $measure -l no-diagnose -d 'never observe programs'
complete -c parscope -n $measure -l flame -r -F -d 'write stacks for flame graphs'
complete -c parscope -n $measure -l timeline -r -F -d 'write a timeline for Perfetto'
complete -c parscope -n $measure -s i -l ignore-failure -d 'go on when the program fails'
complete -c parscope -n $measure -l timeout -x -d 'end an execution that takes longer'
complete -c parscope -n $measure -l input -r -F -a 'null' -d 'what each execution reads from standard input'
complete -c parscope -n $measure -l child-output -r -F -a 'null inherit' -d 'where the output of the program goes'
complete -c parscope -n $measure -s r -l runs -x -d 'exactly N rounds'
complete -c parscope -n $measure -s w -l warmup -x -d 'executions of each point before the first round'
complete -c parscope -n $measure -l precision -x -d 'stop once the intervals are this narrow'
complete -c parscope -n $measure -l max-time -x -d 'stop after this time'
complete -c parscope -n $measure -l gap -x -d 'idle this long before each execution'
complete -c parscope -n $measure -l seed -x -d 'of the order and the intervals'
complete -c parscope -n $measure -l check -x -a 'serial_fraction crossover crossover_idle metg (parscope list metrics --names 2>/dev/null)' -d 'judge a metric by its interval'
complete -c parscope -n $measure -l on-inconclusive -x -a 'tell pass fail' -d 'what an undecided check is'
complete -c parscope -n $measure -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $measure -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $measure -s v -l verbose -d 'show all columns, notes and findings, and each value of a series in full'
complete -c parscope -n $measure -l columns -x -a '(__parscope_columns)' -d 'the columns of the table'
complete -c parscope -n $measure -l plot -d 'draw the speedups'
complete -c parscope -n $measure -l no-plot -d 'no picture'
complete -c parscope -n $measure -l ascii -d 'nothing but ASCII in the table'
complete -c parscope -n $measure -s n -l dry-run -d 'show what would be measured'
complete -c parscope -n $measure -s q -l quiet -d 'no progress line'
complete -c parscope -n $measure -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $measure -s h -l help -d 'show this help and exit'
complete -c parscope -n $measure -a '(__parscope_spec workloads)'

complete -c parscope -n $smt_compare -s s -l strategy -x -a '(__parscope_spec strategies)' -d 'strategies for built-in workloads'
complete -c parscope -n $smt_compare -l cores -x -d 'use this many cores'
complete -c parscope -n $smt_compare -l pair -x -d 'take two CPUs as hardware threads of one core'
complete -c parscope -n $smt_compare -l copies -d 'copies of a single-threaded program'
complete -c parscope -n $smt_compare -l plugin -r -F -d 'load workloads and strategies from FILE'
complete -c parscope -n $smt_compare -s e -l event -x -a 'none (parscope list events --names 2>/dev/null)' -d 'count this event too'
complete -c parscope -n $smt_compare -s u -l user -d 'count hardware events in user space only'
complete -c parscope -n $smt_compare -s k -l kernel -d 'count hardware events in the kernel only'
complete -c parscope -n $smt_compare -s c -l command -x -a '(__fish_complete_command)' -d 'measure this program'
complete -c parscope -n $smt_compare -s S -l shell -x -a 'sh bash dash zsh' -d 'have this shell run commands'
complete -c parscope -n $smt_compare -s N -l no-shell -d 'no shell, the default'
complete -c parscope -n $smt_compare -l prepare -x -a '(__fish_complete_command)' -d 'run this before each execution'
complete -c parscope -n $smt_compare -l cleanup -x -a '(__fish_complete_command)' -d 'run this after the last execution'
complete -c parscope -n $smt_compare -l diagnose -d 'observe programs after the rounds'
complete -c parscope -n $smt_compare -l no-diagnose -d 'never observe programs'
complete -c parscope -n $smt_compare -l flame -r -F -d 'write stacks for flame graphs'
complete -c parscope -n $smt_compare -l timeline -r -F -d 'write a timeline for Perfetto'
complete -c parscope -n $smt_compare -s i -l ignore-failure -d 'go on when the program fails'
complete -c parscope -n $smt_compare -l timeout -x -d 'end an execution that takes longer'
complete -c parscope -n $smt_compare -l input -r -F -a 'null' -d 'what each execution reads from standard input'
complete -c parscope -n $smt_compare -l child-output -r -F -a 'null inherit' -d 'where the output of the program goes'
complete -c parscope -n $smt_compare -s r -l runs -x -d 'exactly N rounds'
complete -c parscope -n $smt_compare -s w -l warmup -x -d 'executions of each point before the first round'
complete -c parscope -n $smt_compare -l precision -x -d 'stop once the intervals are this narrow'
complete -c parscope -n $smt_compare -l max-time -x -d 'stop after this time'
complete -c parscope -n $smt_compare -l gap -x -d 'idle this long before each execution'
complete -c parscope -n $smt_compare -l seed -x -d 'of the order and the intervals'
complete -c parscope -n $smt_compare -l check -x -a 'serial_fraction crossover crossover_idle metg (parscope list metrics --names 2>/dev/null)' -d 'judge a metric by its interval'
complete -c parscope -n $smt_compare -l on-inconclusive -x -a 'tell pass fail' -d 'what an undecided check is'
complete -c parscope -n $smt_compare -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $smt_compare -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $smt_compare -s v -l verbose -d 'show all columns, notes and findings, and each value of a series in full'
complete -c parscope -n $smt_compare -l columns -x -a '(__parscope_columns)' -d 'the columns of the table'
complete -c parscope -n $smt_compare -l plot -d 'draw the speedups'
complete -c parscope -n $smt_compare -l no-plot -d 'no picture'
complete -c parscope -n $smt_compare -l ascii -d 'nothing but ASCII in the table'
complete -c parscope -n $smt_compare -s n -l dry-run -d 'show what would be measured'
complete -c parscope -n $smt_compare -s q -l quiet -d 'no progress line'
complete -c parscope -n $smt_compare -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $smt_compare -s h -l help -d 'show this help and exit'
complete -c parscope -n $smt_compare -a '(__parscope_spec workloads)'

complete -c parscope -n $attach -s p -l pid -x -a '(__fish_complete_pids)' -d 'the process to observe'
complete -c parscope -n $attach -l duration -x -d 'for how long'
complete -c parscope -n $attach -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $attach -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $attach -l flame -r -F -d 'write stacks for flame graphs'
complete -c parscope -n $attach -l timeline -r -F -d 'write a timeline for Perfetto'
complete -c parscope -n $attach -s v -l verbose -d 'show all columns and findings'
complete -c parscope -n $attach -l columns -x -d 'columns of the table'
complete -c parscope -n $attach -l plot -d 'draw the speedups'
complete -c parscope -n $attach -l no-plot -d 'no picture'
complete -c parscope -n $attach -l ascii -d 'nothing but ASCII in the table'
complete -c parscope -n $attach -s q -l quiet -d 'no notes'
complete -c parscope -n $attach -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $attach -s h -l help -d 'show this help and exit'

complete -c parscope -n $compare -l threshold -x -d 'a change of no more than this is none'
complete -c parscope -n $compare -l metric -x -a 'serial_fraction (parscope list metrics --names 2>/dev/null)' -d 'compare this metric'
complete -c parscope -n $compare -l force -d 'compare results of machines that differ'
complete -c parscope -n $compare -l on-inconclusive -x -a 'tell pass fail' -d 'what an undecided comparison is'
complete -c parscope -n $compare -s c -l command -x -a '(__fish_complete_command)' -d 'measure this program'
complete -c parscope -n $compare -s S -l shell -x -a 'sh bash dash zsh' -d 'have this shell run commands'
complete -c parscope -n $compare -s N -l no-shell -d 'no shell, the default'
complete -c parscope -n $compare -l prepare -x -a '(__fish_complete_command)' -d 'run this before each execution'
complete -c parscope -n $compare -l cleanup -x -a '(__fish_complete_command)' -d 'run this after the last execution'
complete -c parscope -n $compare -s i -l ignore-failure -d 'go on when the program fails'
complete -c parscope -n $compare -l timeout -x -d 'end an execution that takes longer'
complete -c parscope -n $compare -l input -r -F -a 'null' -d 'what each execution reads from standard input'
complete -c parscope -n $compare -l child-output -r -F -a 'null inherit' -d 'where the output of the program goes'
complete -c parscope -n $compare -s t -l threads -x -a 'cores cpus pow2 1..cores 1..cpus' -d 'thread counts'
complete -c parscope -n $compare -s p -l placement -x -a 'spread compact none' -d 'where threads are put'
complete -c parscope -n $compare -l cpus -x -d 'the CPUs to use, in this order'
complete -c parscope -n $compare -s r -l runs -x -d 'exactly N rounds'
complete -c parscope -n $compare -s w -l warmup -x -d 'executions of each point before the first round'
complete -c parscope -n $compare -l precision -x -d 'stop once the intervals are this narrow'
complete -c parscope -n $compare -l max-time -x -d 'stop after this time'
complete -c parscope -n $compare -l gap -x -d 'idle this long before each execution'
complete -c parscope -n $compare -l seed -x -d 'of the order and the intervals'
complete -c parscope -n $compare -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $compare -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $compare -s v -l verbose -d 'show all columns, notes and findings, and each value of a series in full'
complete -c parscope -n $compare -s n -l dry-run -d 'show what would be measured'
complete -c parscope -n $compare -s q -l quiet -d 'no progress line'
complete -c parscope -n $compare -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $compare -s h -l help -d 'show this help and exit'
complete -c parscope -n $compare -k -a '(__fish_complete_suffix .json)'

complete -c parscope -n $overhead -s t -l threads -x -d 'threads of regions and barriers'
complete -c parscope -n $overhead -l cpus -x -d 'the CPUs to use, in this order'
complete -c parscope -n $overhead -s r -l runs -x -d 'exactly N rounds'
complete -c parscope -n $overhead -l max-time -x -d 'stop after this time'
complete -c parscope -n $overhead -l seed -x -d 'of the order and the intervals'
complete -c parscope -n $overhead -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $overhead -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $overhead -s q -l quiet -d 'no progress line'
complete -c parscope -n $overhead -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $overhead -s h -l help -d 'show this help and exit'
complete -c parscope -n $overhead -a '(parscope list overhead --names 2>/dev/null)'

complete -c parscope -n $list -l names -d 'bare names, one per line'
complete -c parscope -n $list -l keys -d 'keys of workloads and strategies'
complete -c parscope -n $list -l plugin -r -F -d 'load workloads and strategies from FILE'
complete -c parscope -n $list -s h -l help -d 'show this help and exit'
complete -c parscope -n $list -a 'workloads strategies matrix events metrics formats doctor overhead'

complete -c parscope -n $topo -l probe -d 'measure which CPUs share a core, and how far apart they are'
complete -c parscope -n $topo -l max-time -x -d 'start nothing after this time'
complete -c parscope -n $topo -s o -l output -r -F -d 'write it to FILE too'
complete -c parscope -n $topo -l format -x -a 'table json' -d 'what standard output gets'
complete -c parscope -n $topo -s h -l help -d 'show this help and exit'

complete -c parscope -n $doctor -l watch -x -d 'look at clock and neighbours for so long'
complete -c parscope -n $doctor -l require -x -a '(parscope list doctor --names 2>/dev/null)' -d 'exit with 77 unless these lines say ok'
complete -c parscope -n $doctor -s o -l output -r -F -d 'write it to FILE too'
complete -c parscope -n $doctor -l format -x -a 'table json' -d 'what standard output gets'
complete -c parscope -n $doctor -s h -l help -d 'show this help and exit'

complete -c parscope -n $report -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $report -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $report -s v -l verbose -d 'show all columns, notes and findings, and each value of a series in full'
complete -c parscope -n $report -l columns -x -a '(__parscope_columns)' -d 'the columns of the table'
complete -c parscope -n $report -l plot -d 'draw the speedups'
complete -c parscope -n $report -l no-plot -d 'no picture'
complete -c parscope -n $report -l ascii -d 'nothing but ASCII in the table'
complete -c parscope -n $report -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $report -s h -l help -d 'show this help and exit'
complete -c parscope -n $report -k -a '(__fish_complete_suffix .json)'

complete -c parscope -n $help -l names -d 'the commands and words that have help, one per line'
complete -c parscope -n $help -s h -l help -d 'show this help and exit'
complete -c parscope -n $help -a '(parscope help --names 2>/dev/null)'

complete -c parscope -n $dashes -x -a '(__fish_complete_subcommand --commandline)'
