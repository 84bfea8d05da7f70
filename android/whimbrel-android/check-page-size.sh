#!/bin/sh
# Fails where a shared library can't be loaded on phones with memory pages of 16 KiB: each of its
# segments must be aligned to 16384 bytes at least. Libraries for 32 bits are left out: those phones
# have 64-bit apps only.
#
# usage: check-page-size.sh READELF LIBRARY...
set -eu
readelf=$1
shift
[ $# -gt 0 ] || { echo "no library to check" >&2; exit 1; }

wrong=0
for library in "$@"; do
    header=$("$readelf" -hW "$library")
    case $header in
        *ELF32*) echo "$library: 32 bits"; continue ;;
    esac
    alignments=$("$readelf" -lW "$library" | awk '$1 == "LOAD" { print $NF }')
    [ -n "$alignments" ] || { echo "$library: no segments" >&2; exit 1; }
    for alignment in $alignments; do
        if [ $((alignment)) -lt 16384 ]; then
            echo "$library: a segment is aligned to $((alignment)) bytes" >&2
            wrong=1
        fi
    done
done
[ $wrong -eq 0 ] && echo "$# libraries fit pages of 16 KiB"
exit $wrong
