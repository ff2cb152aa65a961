#!/bin/sh
# A morning report from cron: the segments as a workbook, with a record of what they rest on.
#
#   15 6 * * *  /srv/shop/cron.sh
#
# ecrm.toml in this folder names a store (store = "shop" under [inputs]); exports/ is where the platform's files
# arrive. Files that were imported before are left out. cron mails what goes to standard error; with
# --quiet that is errors only, and a failed run leaves the last good report in place.
set -eu
cd "$(dirname "$0")"
day=$(date +%F)
ecrm import --quiet --rejects "reports/rejects-$day.csv" exports/*.csv
ecrm segment --quiet --as-of "$day" -o "reports/segments-$day.xlsx" --manifest "reports/segments-$day.json"
ecrm rfm --quiet --as-of "$day" --window 365 -o "reports/rfm-$day.csv"
