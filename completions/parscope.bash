# bash completion for parscope

# Completes the last of the comma-separated specs in $1 from `parscope list KIND`, $2: names first,
# keys after the first colon. Colons and equals signs break words in bash, so what stands before the
# last of them is taken off the answers again.
_parscope_spec()
{
    local word=$1 kind=$2 head='' last list
    last=${word##*,}
    head=${word%"$last"}
    if [[ $last == *:* ]]; then
        local name=${last%%:*} given=${last%:*}
        list=$("$_parscope_command" list $kind --keys 2>/dev/null |
            sed -n "s/^$name:/$given:/p")
    else
        list=$("$_parscope_command" list $kind --names 2>/dev/null)
    fi
    _parscope_words "$(sed "s|^|$head|" <<<"$list")" "$word"
    compopt -o nospace 2>/dev/null
}

# Columns, apart by commas.
_parscope_columns()
{
    local head=${1%"${1##*,}"}
    _parscope_words "$(
        "$_parscope_command" run --columns help 2>/dev/null | sed -n "s|^  \([^ ]*\).*|$head\1|p"
    )" "$1"
    compopt -o nospace 2>/dev/null
}

# The keys of all workloads and strategies.
_parscope_keys()
{
    local keys
    keys=$(
        "$_parscope_command" list workloads --keys 2>/dev/null
        "$_parscope_command" list strategies --keys 2>/dev/null
    )
    _parscope_words "$(sed -n 's/^[^:]*:\([^:=]*=\).*/\1/p' <<<"$keys" | sort -u)" "$1"
    compopt -o nospace 2>/dev/null
}

# The lines of $1 that begin with $2.
_parscope_words()
{
    local line prefix=${2%"${2##*[:=]}"}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -n $line && $line == "$2"* ]]; then
            [[ $COMP_WORDBREAKS == *[:=]* ]] && line=${line#"$prefix"}
            COMPREPLY+=("$line")
        fi
    done <<<"$1"
}

_parscope_files()
{
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen -f -- "$1")
    compopt -o filenames 2>/dev/null
}

# Commands and files.
_parscope_programs()
{
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(compgen -cf -- "$1" | sort -u)
    compopt -o filenames 2>/dev/null
}

# The word at the cursor as the user sees it, across the breaks at `:` and `=`, and the one before.
_parscope_split()
{
    local line=${COMP_LINE:0:COMP_POINT}
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    cur=${words[${#words[@]} - 1]}
    prev=
    ((${#words[@]} > 1)) && prev=${words[${#words[@]} - 2]}
    first=${words[1]}
    at_first=$((${#words[@]} == 2))
    second=${words[2]}
    after_dashes=0
    [[ " ${words[*]:0:${#words[@]}-1} " == *' -- '* ]] && after_dashes=1
    if [[ $cur == --*=* ]]; then
        prev=${cur%%=*}
        cur=${cur#*=}
    fi
}

_parscope_baselines()
{
    local folder=${XDG_STATE_HOME:-$HOME/.local/state}/parscope/baselines file names=

    for file in "$folder"/*.json; do
        [[ -e $file ]] || continue
        file=${file##*/}
        names+=${file%.json}$'\n'
    done
    _parscope_words "$names" "$1"
}

# Completes the argument of the option before the cursor; fails where there is none.
_parscope_argument()
{
    case $prev in
    -s | --strategy) _parscope_spec "$cur" 'strategies env' ;;
    -t | --threads) _parscope_words $'cores\ncpus\npow2\n1..cores\n1..cpus' "$cur" ;;
    --vary) _parscope_keys "$cur" ;;
    -p | --placement) _parscope_words $'spread\ncompact\nnone\nspread,compact' "$cur" ;;
    -e | --event) _parscope_words "none
$("$_parscope_command" list events --names 2>/dev/null)" "$cur" ;;
    -o | --output | --plugin) _parscope_files "$cur" ;;
    --base-git | --new-git) _parscope_words "$(git for-each-ref --format='%(refname:short)' 2>/dev/null)" "$cur" ;;
    -c | --command | --build | --prepare | --cleanup) _parscope_programs "$cur" ;;
    -S | --shell) _parscope_words $'sh\nbash\ndash\nzsh' "$cur" ;;
    --input | -d | --folder | --flame | --timeline | --vary-file) _parscope_files "$cur" ;;
    --child-output)
        _parscope_files "$cur"
        [[ $cur == */* ]] || _parscope_words "null
inherit
$(printf '%s\n' "${COMPREPLY[@]}")" "$cur"
        ;;
    --save-baseline | --baseline) _parscope_baselines "$cur" ;;
    --check) _parscope_words "serial_fraction
crossover
crossover_idle
metg
$("$_parscope_command" list metrics --names 2>/dev/null)" "$cur" ;;
    --metric) _parscope_words "serial_fraction
$("$_parscope_command" list metrics --names 2>/dev/null)" "$cur" ;;
    --on-inconclusive) _parscope_words $'tell\npass\nfail' "$cur" ;;
    --format) _parscope_words "$("$_parscope_command" list formats --names 2>/dev/null)" "$cur" ;;
    --columns) _parscope_columns "$cur" ;;
    --require) _parscope_words "$("$_parscope_command" list doctor --names 2>/dev/null)" "$cur" ;;
    --duration) _parscope_words auto "$cur" ;;
    --color) _parscope_words $'auto\nalways\nnever' "$cur" ;;
    --top | --cpus | --cores | --pair | -r | --runs | -w | --warmup | --precision | --max-time | --timeout | --gap | --seed | --watch | --threshold | --size | --ranks | --want-efficiency | --predict)
        COMPREPLY=()
        ;;
    *) return 1 ;;
    esac
    return 0
}

_parscope()
{
    local cur prev first second at_first after_dashes options line _parscope_command=${1:-parscope}
    local commands='run sweep smt-compare compare attach rank merge overhead list topo doctor report help'
    local measure='-s --strategy -t --threads --duration -p --placement --cpus --plugin -e --event -u --user -k --kernel -c --command -S --shell
        -N --no-shell --prepare --cleanup --diagnose --no-diagnose --flame --timeline -i --ignore-failure --timeout --input --child-output -r --runs
        -w --warmup --precision --max-time --gap --seed --check --on-inconclusive --save-baseline --baseline -o --output --format
        -v --verbose --columns --top --plot --no-plot --ascii -n --dry-run -q --quiet --color -h --help'
    local run="--try-all --passive $measure"
    local sweep="--passive --vary --vary-file --adaptive --weak --size --ranks --slurm --want-efficiency --predict $measure"
    local smt_compare='-s --strategy --cores --pair --copies --plugin -e --event -u --user -k --kernel -c --command -S --shell
        -N --no-shell --prepare --cleanup --diagnose --no-diagnose --flame --timeline -i --ignore-failure --timeout --input --child-output -r --runs
        -w --warmup --precision --max-time --gap --seed --check --on-inconclusive -o --output --format
        -v --verbose --columns --top --plot --no-plot --ascii -n --dry-run -q --quiet --color -h --help'
    local attach='-p --pid --duration -o --output --format --flame --timeline -v --verbose --columns --top --plot --no-plot --ascii -q --quiet --color -h --help'
    local compare='--threshold --metric --force --on-inconclusive --base-git --new-git --build --plugin -s --strategy -c --command -S --shell -N --no-shell --prepare --cleanup
        -i --ignore-failure --timeout --input --child-output -t --threads -p --placement --cpus -r --runs -w --warmup
        --precision --max-time --gap --seed -o --output --format -v --verbose -n --dry-run -q --quiet --color
        -h --help'
    local overhead='-t --threads --cpus -r --runs --max-time --seed -o --output --format -q --quiet --color
        -h --help'
    local list='--names --keys --plugin -h --help'
    local topo='--probe --max-time -o --output --format -h --help'
    local rank='-d --folder --by-samples -h --help'
    local merge='-o --output --format -v --verbose -h --help'
    local doctor='--watch --require -o --output --format -h --help'
    local report='-o --output --format -v --verbose --columns --top --plot --no-plot --ascii --color -h --help'
    local help='--names -h --help'
    local program='-h --help -V --version'

    _parscope_split
    COMPREPLY=()
    if ((at_first)); then
        _parscope_words "$(printf '%s\n' $commands $program)" "$cur"
        return
    fi
    [[ " $commands " == *" $first "* ]] || return
    options=${first//-/_}
    if ((after_dashes)); then
        _parscope_programs "$cur"
        return
    fi
    if [[ $first == @(run|sweep|smt-compare|compare|attach|rank|merge|overhead|list|topo|doctor|report) ]] && _parscope_argument; then
        return
    fi
    if [[ $cur == -* ]]; then
        _parscope_words "$(printf '%s\n' ${!options})" "$cur"
        return
    fi
    case $first in
    run | sweep | smt-compare) _parscope_spec "$cur" workloads ;;
    overhead) _parscope_words "$("$_parscope_command" list overhead --names 2>/dev/null)" "$cur" ;;
    list) _parscope_words $'workloads\nstrategies\nmatrix\nenv\nevents\nmetrics\nformats\ndoctor\noverhead' "$cur" ;;
    report | compare | merge) _parscope_files "$cur" ;;
    help) _parscope_words "$("$_parscope_command" help --names 2>/dev/null)" "$cur" ;;
    esac
}

complete -F _parscope parscope
