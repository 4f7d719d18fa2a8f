#!/bin/sh
# Runs a command, and runs it again whenever it ends by itself: a killed worker or scheduler is back within a second.
trap 'kill "$child" 2>/dev/null; wait "$child"; exit 0' TERM INT
while :; do
    "$@" &
    child=$!
    wait "$child"
    echo "→ $* ended with $?; it is started again" >&2
    sleep 1
done
