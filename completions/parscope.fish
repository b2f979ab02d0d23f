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

set -l commands run sweep list topo report help
set -l measure '__fish_seen_subcommand_from run sweep'
set -l list '__fish_seen_subcommand_from list'
set -l topo '__fish_seen_subcommand_from topo'
set -l report '__fish_seen_subcommand_from report'
set -l help '__fish_seen_subcommand_from help'
set -l program "not __fish_seen_subcommand_from $commands"

complete -c parscope -f

complete -c parscope -n $program -s h -l help -d 'show this help and exit'
complete -c parscope -n $program -s V -l version -d 'show the version and exit'
complete -c parscope -n $program -a run -d 'measure workloads under several strategies'
complete -c parscope -n $program -a sweep -d 'measure workloads at several thread counts and fit their scaling'
complete -c parscope -n $program -a list -d 'show workloads, strategies and what goes with what'
complete -c parscope -n $program -a topo -d 'show cores, CPUs and where threads would be put'
complete -c parscope -n $program -a report -d 'render a saved result again'
complete -c parscope -n $program -a help -d 'show the help of parscope or of a command'

complete -c parscope -n $measure -s s -l strategy -x -a '(__parscope_spec strategies)' -d 'strategies to compare'
complete -c parscope -n $measure -s t -l threads -x -a 'cores cpus pow2 1..cores 1..cpus' -d 'thread counts'
complete -c parscope -n $measure -s p -l placement -x -a 'spread compact none' -d 'where threads are put'
complete -c parscope -n $measure -l cpus -x -d 'the CPUs to use, in this order'
complete -c parscope -n $measure -s e -l event -x -a 'none (parscope list events --names 2>/dev/null)' -d 'count this event too'
complete -c parscope -n $measure -s r -l runs -x -d 'exactly N rounds'
complete -c parscope -n $measure -s w -l warmup -x -d 'executions of each point before the first round'
complete -c parscope -n $measure -l precision -x -d 'stop once the intervals are this narrow'
complete -c parscope -n $measure -l max-time -x -d 'stop after this time'
complete -c parscope -n $measure -l gap -x -d 'idle this long before each execution'
complete -c parscope -n $measure -l seed -x -d 'of the order and the intervals'
complete -c parscope -n $measure -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $measure -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $measure -s n -l dry-run -d 'show what would be measured'
complete -c parscope -n $measure -s q -l quiet -d 'no progress line'
complete -c parscope -n $measure -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $measure -s h -l help -d 'show this help and exit'
complete -c parscope -n $measure -a '(__parscope_spec workloads)'

complete -c parscope -n $list -l names -d 'bare names, one a line'
complete -c parscope -n $list -l keys -d 'keys of workloads and strategies'
complete -c parscope -n $list -s h -l help -d 'show this help and exit'
complete -c parscope -n $list -a 'workloads strategies matrix events metrics formats'

complete -c parscope -n $topo -s h -l help -d 'show this help and exit'

complete -c parscope -n $report -s o -l output -r -F -d 'write the result to FILE'
complete -c parscope -n $report -l format -x -a '(parscope list formats --names 2>/dev/null)' -d 'what standard output gets'
complete -c parscope -n $report -l color -x -a 'auto always never' -d 'colour in the table'
complete -c parscope -n $report -s h -l help -d 'show this help and exit'
complete -c parscope -n $report -k -a '(__fish_complete_suffix .json)'

complete -c parscope -n $help -s h -l help -d 'show this help and exit'
complete -c parscope -n $help -a "$commands"
