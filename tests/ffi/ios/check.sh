#!/bin/sh
# Type-checks, on Linux, what only iOS compiles: the platform files of the Swift package, the
# notification service, and the sample. In the place of Apple's modules stand those in standins/.
#
# usage: check.sh REPOSITORY BUILD SCRATCH
#   BUILD    where `swift test` has built the package; its generated bindings are used.
#   SCRATCH  a folder for files of this check.
set -eu
repository=$1 build=$2 scratch=$3
modules=$scratch/modules sources=$scratch/sources
rm -rf "$modules" "$sources"
mkdir -p "$modules" "$sources"

check() { # NAME FILE...
    name=$1
    shift
    swiftc -swift-version 6 -suppress-warnings -parse-as-library -package-name whimbrel \
        -module-cache-path "$scratch/cache" -I "$modules" -I "$build/Modules" \
        -I "$repository/ios/Sources/WhimbrelFFI" \
        -emit-module -emit-module-path "$modules/$name.swiftmodule" -module-name "$name" "$@"
}

for module in "$repository"/tests/ffi/ios/standins/*/; do
    check "$(basename "$module")" "$module"*.swift
done
# The compiler says itself for which system it compiles: the question is put in another way.
for folder in Sources/Whimbrel Sources/WhimbrelNotifications Sample; do
    find "$repository/ios/$folder" -name '*.swift' | while read -r file; do
        copy=$sources/${file#"$repository/ios/"}
        mkdir -p "$(dirname "$copy")"
        sed 's/os(iOS)/canImport(BackgroundTasks)/' "$file" >"$copy"
    done
done
cd "$sources"
check Whimbrel Sources/Whimbrel/*/*.swift Sources/Whimbrel/*.swift
check WhimbrelNotifications Sources/WhimbrelNotifications/*.swift
check ChatSample Sample/ChatSample/*.swift
check NotificationExtension Sample/NotificationExtension/*.swift Sample/ChatSample/Shared.swift
