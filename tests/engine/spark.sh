#!/usr/bin/env bash
# Apache Spark with two executors, asked through Spark Connect: `ecrm --engine` must write the bytes that ecrm writes, also
# when an executor is killed meanwhile, and say what is wrong where something is. Spark comes from PyPI (450 MB) into a cache
# folder. ORDERS are how many the generated shop has; SHOPS=all asks of every fixture, and not of some.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
source tests/engine/server.sh
# With the client half of polars is built anew; what makes the shop need not be.
${CARGO:-cargo} build --quiet --example generate_shop
${CARGO:-cargo} build --quiet --features spark --bin ecrm
built="${CARGO_TARGET_DIR:-target}/debug"
ecrm="$built/ecrm"

asked=0
# same FILES FLAGS…: both sides write the same, in the format of $format.
same() {
    local file=$1; shift
    local here=0 there=0
    "$ecrm" "$@" "$file" --format "${format:-json}" >"$work/here" 2>"$work/here.err" || here=$?
    "$ecrm" "$@" "$work/tables/$(basename "$file")" --engine "$url" --format "${format:-json}" \
        >"$work/there" 2>"$work/there.err" || there=$?
    # What the one cannot answer the other cannot either.
    if [ "$here" != "$there" ] || ! cmp "$work/here" "$work/there"; then
        echo "not the same: ecrm $* $file"; cat "$work/here.err" "$work/there.err"; diff "$work/here" "$work/there" | head -20
        exit 1
    fi
    asked=$((asked + 1))
}

# refused CODE WORDS ecrm FLAGS…: an error of this exit code that says these words, in a line that is no dump.
refused() {
    local code=$1 words=$2 seen=0; shift 2
    timeout 120 "$@" >/dev/null 2>"$work/refused" || seen=$?
    if [ "$seen" != "$code" ] || ! grep -q "$words" "$work/refused" || grep -qi 'panicked\|grpc\|Status {' "$work/refused"; then
        echo "exit $seen, not $code with '$words': $*"; cat "$work/refused"; exit 1
    fi
}

export_of() { "$ecrm" export "$1" -o "$work/tables/$(basename "$1")" --quiet; }

columns=customer_id,status,first_ordered_on,last_ordered_on,recency_days,tenure_days,order_count,order_count_30d,net_amount
columns+=,net_amount_90d,aov,max_order_amount,refund_amount,refunded_order_count,unpaid_order_count,last_unpaid_on
columns+=,deep_discount_share,class,r_score,f_score,m_score,rfm_group,segment,value,mode
others=customer_id,status,gender,level,registered_on,card_claimed_on,last_event_on,is_shop_favourite,last_interest_on
others+=,days_since_interest,cart_count_30d,view_count_30d,days_since_contact,contact_count_30d

questions() {
    local file=$1
    same "$file" segment
    same "$file" segment --list
    same "$file" rfm
    same "$file" rfm --summary --groups eight
    same "$file" rfm --summary --window 60
    for by in week month quarter; do same "$file" cohort --by $by; done
    same "$file" cohort --window 60
    same "$file" repurchase
    same "$file" region
    same "$file" customers --columns "$columns"
    same "$file" customers --columns customer_id,aov,status --sort "aov desc, last_ordered_on" --where "order_count >= 2 and net_amount * 1.5 > 30.25"
    same "$file" customers --columns customer_id,class --where "class <> 'mass' and customer_id like '%1%' and value = 'high'"
    same "$file" customers --count --where "net_amount('2024-01-01', as_of - 7) > 10 or last_unpaid_on is not null" --window 60
    same "$file" value
    same "$file" value --list
    same "$file" overview
}

start
mkdir "$work/tables"
began=$SECONDS
"$ecrm" engine check "$url"
echo "== questions over fixtures"
shops=(fixtures/shop/orders.csv fixtures/by_hand/orders.csv fixtures/order_rows/refunds_as_records.csv)
if [ "${SHOPS:-}" = all ]; then
    shops+=(fixtures/shop/{taobao_orders_gbk,shopify_orders}.csv fixtures/invoice_lines/invoices.csv
        fixtures/pdd/orders_all_fields_utf8_bom.csv fixtures/quirks/masked_customers.csv
        fixtures/edges/{zero_price,all_refunded,ties,window,one_order}.csv)
fi
for shop in "${shops[@]}"; do export_of "$shop"; questions "$shop"; done
export_of fixtures/shop/events.csv
same fixtures/shop/events.csv interest
same fixtures/shop/events.csv interest --list
everything=(fixtures/shop/{orders,events,customers,sends}.csv)
"$ecrm" export "${everything[@]}" -o "$work/tables/everything" --quiet
same_of_all() {
    "$ecrm" "$@" "${everything[@]}" --format csv --quiet >"$work/here"
    "$ecrm" "$@" "$work/tables/everything" --engine "$url" --format csv --quiet --manifest "$work/manifest.json" >"$work/there"
    cmp "$work/here" "$work/there" || { echo "not the same: ecrm $*"; diff "$work/here" "$work/there" | head -20; exit 1; }
    grep -q '"export_sequence"' "$work/manifest.json" || { echo "the manifest names no export"; exit 1; }
    asked=$((asked + 1))
}
same_of_all customers --columns "$others"
same_of_all campaign
same_of_all campaign --by segment --table groups
same_of_all campaign --by channel --table groups --window 400
same_of_all campaign --table lift --within 14
same_of_all campaign --table customers
same_of_all campaign --not-joined
same_of_all customers --columns customer_id,level --where "is_shop_favourite or coalesce(level, '') <> 'VIP0' and contact_count_30d > 0"
everything=(fixtures/campaign/{sends,orders,items,customers}.csv)
"$ecrm" export "${everything[@]}" -o "$work/tables/everything" --quiet
for table in arms reading lift validity customers products; do same_of_all campaign --campaign june --table $table; done
same_of_all campaign --by segment --table groups
same_of_all campaign --not-joined
"$ecrm" campaign "$work/tables/everything" --engine "$url" --not-joined --output-to "$work/second_notice"
for format in csv tsv jsonl table markdown parquet; do same fixtures/by_hand/orders.csv segment; done
for format in csv jsonl table parquet; do same fixtures/by_hand/orders.csv customers --columns "$columns"; done
format=json
same fixtures/by_hand/orders.csv rfm --as-of 2026-03-15 --lang zh
echo "$asked answers are the same, $((SECONDS - began)) s"

echo "== ${ORDERS:=20000} orders, and an executor that dies"
big="$work/big.csv"
"$built/examples/generate_shop" --orders "$ORDERS" --narrow "$big"
export_of "$big"
declare -A took_ms
for question in segment "rfm --summary" cohort repurchase region value overview; do
    began=$(date +%s%N)
    # shellcheck disable=SC2086
    "$ecrm" $question "$big" --format json --quiet >/dev/null
    local_ms=$((($(date +%s%N) - began) / 1000000)); began=$(date +%s%N)
    "$ecrm" $question "$work/tables/big.csv" --engine "$url" --format json --quiet >/dev/null
    took_ms[$question]=$((($(date +%s%N) - began) / 1000000))
    echo "$question: here $local_ms ms, there ${took_ms[$question]} ms"
    # shellcheck disable=SC2086
    same "$big" $question
done
executors() { pgrep -P "$server" -f CoarseGrainedExecutorBackend; }
victim=$(executors | head -1) || true
[ -n "$victim" ] || { echo "there is no executor"; exit 1; }
# It dies while the question is asked, which goes on: after a third of the time that the question took before.
is_asked() { pgrep -f -- "--engine $url"; }
(for _ in $(seq 600); do is_asked >/dev/null && break; sleep 0.1; done
    sleep "$(awk "BEGIN { print ${took_ms[cohort]} / 3000 }")"; is_asked >"$work/asking" || true; kill -9 "$victim") &
same "$big" cohort
wait $!
[ -s "$work/asking" ] || { echo "the question had ended before executor $victim was killed"; exit 1; }
! kill -0 "$victim" 2>/dev/null || { echo "executor $victim lives"; exit 1; }
echo "executor $victim was killed; now there are $(executors | tr '\n' ' ')"
same "$big" segment

echo "== lists that the cluster writes"
there=("$work/tables/big.csv" --engine "$url" --output-to)
same_list() {
    local list=$1; shift
    "$ecrm" "$@" "${there[@]}" "$list"
    "$ecrm" "$@" "$big" -o "$list.parquet" --quiet
    "$python/bin/python" - "$list" "$list.parquet" <<'PYTHON'
import sys
import pyarrow.parquet as parquet
there, here = (parquet.read_table(path) for path in sys.argv[1:])
# What a segment advises is said here, in the language of whoever reads it.
assert set(there.column_names) == set(here.column_names) - {"advice"}, (there.column_names, here.column_names)
names = there.column_names
rows = lambda table: sorted(tuple(str(row[name]) for name in names) for row in table.select(names).to_pylist())
assert rows(there) == rows(here), "the lists are not the same"
PYTHON
}
same_list "$work/rfm" rfm
same_list "$work/eight" rfm --groups eight
same_list "$work/segments" segment --list
same_list "$work/customers" customers --columns customer_id,last_ordered_on,net_amount,segment,class --where "recency_days > 30"
refused 2 'already' "$ecrm" rfm "${there[@]}" "$work/rfm"
"$ecrm" rfm "${there[@]}" "$work/rfm" --force
refused 2 'something else' "$ecrm" rfm "${there[@]}" "$work/segments" --force
refused 2 'would be written anew' "$ecrm" rfm "${there[@]}" "$work/tables/" --force

echo "== what goes wrong"
tables="$work/tables/orders.csv"
refused 1 'finds no table about' "$ecrm" segment "$work" --engine "$url"
mv "$tables/orders" "$work/orders"
refused 1 'finds no table orders' "$ecrm" segment "$tables" --engine "$url"
mv "$work/orders" "$tables/orders"
mv "$tables/orders"/*/*.parquet "$work/part"
refused 1 'is not whole' "$ecrm" segment "$tables" --engine "$url"
mv "$work/part" "$(echo "$tables/orders"/*)/part.parquet"
refused 1 '找不到表 about' "$ecrm" segment "$work" --engine "$url" --lang zh
refused 2 'ECRM_ENGINE_TOKEN' "$ecrm" segment "$tables" --engine "$url/;token=x"
refused 1 'refuses the token' env ECRM_ENGINE_TOKEN=wrong "$ecrm" segment "$tables" --engine "$url"
refused 1 'refuses the token' env -u ECRM_ENGINE_TOKEN "$ecrm" segment "$tables" --engine "$url"
refused 1 'nothing answers' "$ecrm" segment "$tables" --engine sc://localhost:1
(sleep 1; kill -9 "$server") &
refused 1 'does not answer any more' "$ecrm" cohort "$work/tables/big.csv" --engine "$url"
wait $!
server=
refused 1 'nothing answers' "$ecrm" segment "$tables" --engine "$url"
echo "Spark's answers are ecrm's"
