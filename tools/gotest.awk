# Reduces `go test -v` to what matters: go test's own ok and FAIL lines, all that
# a failing package printed, and at the end every skipped test with its reason.
#
# A log line belongs to the test that RUN, NAME or CONT named last; the last log
# line of a skipped test is its reason.

function forget() {
	split("", reason); split("", skips)
	kept = test = ""; found = 0
}

/^=== (RUN|NAME|CONT) / { test = $3; next }
/^=== PAUSE / || /^ *--- PASS: / || $0 == "PASS" { next }
/^ *--- SKIP: / { skips[++found] = $3 }

/^(ok  |\?   )\t/ {
	for (i = 1; i <= found; i++)
		skipped[++total] = $2 ": " skips[i] ": " (skips[i] in reason ? reason[skips[i]] : "no reason given")
	print; fflush(); forget()
	next
}

/^FAIL\t/ { printf "%s%s\n", kept, $0; fflush(); forget(); next }

{
	kept = kept $0 "\n"
	if (test && sub(/^ +[A-Za-z0-9_.]+\.go:[0-9]+: /, "")) reason[test] = $0
}

END {
	printf "%s\nskipped: %d\n", kept, total
	for (i = 1; i <= total; i++) print "  " skipped[i]
}
