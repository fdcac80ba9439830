# Shared by the scripts beside it: sourced, never run. Leaves the shell at the repository's top.
set -euo pipefail
script=$(realpath -- "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

note() { printf '%s\n' "$*"; }

# Ends the script with a message and exit code 2: wrong usage, or a machine that lacks something.
refuse() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

# Prints the comment at the top of the calling script, which is its help.
usage() { sed -n '2,/^[^#]/ { /^#/ { s/^# \{0,1\}//; p } }' "$script"; }

# The `s` of an interval that began at $1 (a value of SECONDS).
since() { printf '%d s' $((SECONDS - $1)); }

need_swift() {
    command -v swift >/dev/null && return
    refuse "there is no swift on PATH. Install the Swift 6.3 toolchain and add its usr/bin to PATH."
}

# Reads a build's output, writes it to the file $1 and shows where the build is: one line that changes on a terminal,
# a line every 20 seconds elsewhere.
progress() {
    local log=$1 started=$SECONDS step='starting' line='' part status last=0
    exec 3>"$log"
    while true; do
        part=''
        if IFS= read -r -t 1 part; then
            line+=$part
            printf '%s\n' "$line" >&3
            case $line in
                '['*/*']'*) step=${line%%]*}'] steps' ;;
                'Another instance'*) step='waiting for another build in .build' ;;
                Fetch* | Creat* | Comput* | Updat* | Work*) step='fetching packages' ;;
            esac
            line=''
        else
            status=$?
            line+=$part
            ((status > 128)) || break # The output has ended; above 128 the second has passed.
        fi
        if [[ -t 1 ]]; then
            ((SECONDS == last)) || printf '\r\033[K  %s, %s' "$step" "$(since "$started")"
            last=$SECONDS
        elif ((SECONDS - started >= last + 20)); then
            last=$((SECONDS - started))
            note "  $step, $last s"
        fi
    done
    [[ -z $line ]] || printf '%s\n' "$line" >&3
    exec 3>&-
    [[ ! -t 1 ]] || printf '\r\033[K'
}

# build LOG COMMAND...: runs a build with its progress shown; when it fails, shows the errors it printed.
build() {
    local log=$1 started=$SECONDS
    shift
    mkdir -p "$(dirname "$log")"
    if "$@" 2>&1 </dev/null | progress "$log"; then
        note "  done in $(since "$started")"
    else
        note "  failed after $(since "$started"): $*" >&2
        { grep -E -A 4 '(^|: )(error|fatal)[: ]' "$log" | head -n 60 || true; } >&2
        tail -n 5 "$log" >&2
        note "  The whole output is in $log" >&2
        return 1
    fi
}
