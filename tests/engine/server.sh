# Sourced by what asks Apache Spark: installs it, and starts a server of Spark Connect with two executors of one core on
# this machine. Whoever sources it is in the folder of the project, and has $work, a folder to write to, removed at the end.
python="${XDG_CACHE_HOME:-$HOME/.cache}/ecrm-ci/spark"
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
install() { as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
command -v java >/dev/null || install default-jre-headless
command -v pgrep >/dev/null || install procps
# Debian has what every protocol builds on in a package of its own.
[ -e /usr/include/google/protobuf/any.proto ] && command -v protoc >/dev/null || install protobuf-compiler libprotobuf-dev
[ -x "$python/bin/pip" ] || python3 -m venv "$python"
"$python/bin/pip" install --quiet --no-input pyspark==4.2.1 pyarrow==26.0.1

server=
stop() {
    [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
    # Its executors follow a moment later and still write to the folder.
    rm -rf "$work" 2>/dev/null || { sleep 2; rm -rf "$work"; }
}
trap stop EXIT
export SPARK_HOME="$("$python/bin/python" -c 'import pyspark; print(pyspark.__path__[0])')"
export ECRM_ENGINE_TOKEN="right; and = wrong"
free_port='import socket; s = socket.socket(); s.bind(("localhost", 0)); print(s.getsockname()[1])'
port=${PORT:-$("$python/bin/python" -c "$free_port")}
url="sc://localhost:$port"

# start [MB]: starts the server, whose executors have this much memory each.
start() {
    local memory=${1:-1024}
    # The time zone and the few partitions are others than usual: no answer may depend on them. spark-submit becomes the
    # server, so that its number is the server's.
    (cd "$work" && SPARK_CONNECT_AUTHENTICATE_TOKEN="$ECRM_ENGINE_TOKEN" exec "$SPARK_HOME/bin/spark-submit" \
        --master "${MASTER:-local-cluster[2,1,$((memory + 512))]}" --driver-memory "${memory}m" \
        --conf spark.executor.memory="${memory}m" --conf spark.local.dir="$work" \
        --conf spark.ui.enabled=false --conf spark.log.level=ERROR --conf spark.sql.shuffle.partitions=4 \
        --conf spark.sql.session.timeZone=America/New_York --conf spark.connect.grpc.binding.port="$port" \
        --class org.apache.spark.sql.connect.service.SparkConnectServer spark-internal) >"$work/server.log" 2>&1 &
    server=$!
    for _ in $(seq 120); do
        (exec 3<>"/dev/tcp/localhost/$port") 2>/dev/null && return
        kill -0 "$server" || { tail -20 "$work/server.log"; exit 1; }
        sleep 1
    done
    echo "the server did not start"; exit 1
}
