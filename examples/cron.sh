#!/bin/sh
# A morning report from cron: the segments as a workbook and the RFM scores, with a record of what they rest on.
#
#   15 6 * * *  /srv/shop/cron.sh
#
# ecrm.toml in this folder names a store (store = "shop" under [inputs]); exports/ is where the platform's files
# arrive. Files that were imported before are left out, and a file that cannot be imported keeps no other from it. cron
# mails what goes to standard error: with --quiet that is errors only. A report that fails leaves the one of an earlier
# run in place, the others are made all the same, and the exit code is 1.
set -u
cd "$(dirname "$0")" || exit 1
day=$(date +%F)
failed=0

# One report: its command and flags.
report() {
    if ! ecrm "$@" --quiet --as-of "$day"; then
        echo "cron.sh: this report failed: ecrm $*" >&2
        failed=1
    fi
}

mkdir -p reports || exit 1
# File by file, in the order of their names; the rows of each that cannot be read are kept beside the reports.
for file in exports/*; do
    [ -f "$file" ] || continue
    rejects="reports/rejects-$day-${file##*/}.csv"
    if ecrm import "$file" --quiet --rejects "$rejects"; then
        # A header alone says nothing.
        [ "$(wc -l < "$rejects")" -gt 1 ] || rm -f "$rejects"
    else
        echo "cron.sh: this file was left out: $file" >&2
    fi
done
report segment -o "reports/segments-$day.xlsx" --manifest "reports/segments-$day.json"
report rfm --window 365 -o "reports/rfm-$day.csv"
exit "$failed"
