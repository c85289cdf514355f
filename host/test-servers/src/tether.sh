# Runs a server on a tether: the server is killed when this script's standard input closes, which happens at the latest
# when the process of the test ends, however it ends. The folder is removed then, or when the server ends by itself.
#
# The server is killed rather than terminated: kube-apiserver would wait for its clients, and its data is discarded anyway.
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
# Otherwise the watcher could later kill another process that gets the same id.
kill -KILL "$watcher" 2>/dev/null
rm -rf "$folder"
exit "$status"
