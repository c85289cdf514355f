# Runs a server on a tether: it is killed when this script's standard input closes, which happens at the latest when
# the test's process ends, however it ends. Then, or when the server ends by itself, its folder is removed.
#
# Killed, not asked to end: kube-apiserver would wait for its clients, and what it holds is thrown away anyway.
#
# $1: the folder; the rest: the command.
folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{
    while read -r _; do :; done
    kill -KILL "$server"
} <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&- </dev/null
wait "$server"
status=$?
# It must not kill another process that gets the same number later.
kill -KILL "$watcher" 2>/dev/null
rm -rf "$folder"
exit "$status"
