#!/bin/sh
# Writes the C file that holds the SQL files given, in order: bytes, because
# a string literal may not be as long as a schema (C11, 5.2.4.1).
set -eu

echo '/* Made from db/ by server/store/schema.sh. */'
echo '#include "store/schema.h"'
number=0
rows=
for file in "$@"; do
	number=$((number + 1))
	name=$(basename "$file")
	if [ "$(printf '%03d' "$number")" != "${name%%_*}" ]; then
		echo "$file: the next number is $(printf '%03d' "$number")" >&2
		exit 1
	fi
	if LC_ALL=C grep -q '[^ -~	]' "$file"; then
		echo "$file: only ASCII, please" >&2
		exit 1
	fi
	echo "static const char step_${number}[] = {"
	od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
	echo '0};'
	rows="$rows	{$number, \"$name\", step_$number},
"
done
echo 'const struct schema_step schema_steps[] = {'
printf '%s' "$rows"
echo '};'
echo 'const size_t schema_step_count = sizeof(schema_steps) / sizeof(schema_steps[0]);'
